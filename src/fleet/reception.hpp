#pragma once

#include <boost/describe/enum.hpp>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "fleet/command.hpp"
#include "fleet/fact.hpp"
#include "fleet/ledger.hpp"
#include "fleet/life_cycle.hpp"
#include "fleet/message.hpp"
#include "fleet/policy.hpp"
#include "fleet/trust.hpp"

/// Where every message and every answer is taken in: found its record, told to the life cycle, saved.
namespace fleet {

/// The fates of a message: each ends in exactly one.
enum class Outcome {
    handled,
    duplicate,
    foreign,    ///< not about us
    ignored,    ///< of a kind that is not used
    rejected,   ///< cannot be read, or is not allowed
    left,       ///< stays in the queue
    unclaimed,  ///< waits for its id to become ours; ends as handled or foreign
};
BOOST_DESCRIBE_ENUM(Outcome, handled, duplicate, foreign, ignored, rejected, left, unclaimed)

/// What became of one message.
struct Receipt {
    std::string message;  ///< Envelope::id
    MessageKind kind = MessageKind::unreadable;
    Outcome outcome = Outcome::rejected;
    std::string event_id;
    std::string name;
    std::string machine;
    std::string reason;
    std::optional<Time> time;  ///< the event's own
};

/// Everything one transaction did, for what comes after its commit: logs, metrics, deletes, actions.
struct Effects {
    std::vector<Receipt> receipts;
    std::vector<JournalEntry> journal;
    std::vector<PoolHealth> pools;    ///< as saved, in order
    std::vector<Record> changed;      ///< each once, as saved last
    std::vector<std::string> erased;  ///< names; one that is among `changed` too was made anew afterwards
};

/// One transaction's work on a ledger. Make one, feed it, take its effects, commit.
class Reception {
  public:
    Reception(Ledger& ledger, const Rules& rules, const Policy& policy, Time now);

    /// Takes in a message. The first receipt is the message's; others are of messages that had waited for an
    /// id.
    void receive(const Envelope& envelope);

    /// Takes in a fact about a name: an answer, an observation, time. Nothing happens when the name is not
    /// known.
    void tell(const std::string& name, const Fact& fact);

    /// Messages that have waited for longer than two minutes are foreign; but a believed report is kept, up
    /// to an hour, while its name waits for a machine: the machine will not report again.
    void expire_unclaimed();

    Effects take_effects();

  private:
    template <typename Order>
    struct Meant {
        Order order;
        Record record;
    };

    Receipt decide(const Envelope& envelope, const Message& message);
    Receipt decide_command(const Envelope& envelope, MessageKind kind, const SignedCommand& command);
    Receipt carry_out(MessageKind kind, const std::string& uid, const base::json::value& document, Time at);
    Receipt refuse(MessageKind kind, const std::string& uid, const std::string& name, std::string reason);
    Receipt accept(MessageKind kind, const std::string& uid, const std::string& name, std::string note);
    Receipt decide_retirement(const std::string& uid, const base::json::value& document);
    Receipt decide_replacement(const std::string& uid, const base::json::value& document);
    Receipt decide_intent(MessageKind kind, const std::string& uid, const base::json::value& document,
                          Time at);
    Receipt decide_update(const std::string& uid, const base::json::value& document, Time at);
    template <typename Order>
    std::expected<Meant<Order>, Receipt> read_order(MessageKind kind, const std::string& uid,
                                                    const base::json::value& document);
    std::expected<Record, Receipt> find_meant(MessageKind kind, const std::string& uid,
                                              const NameOrder& order);
    Receipt decide_image_wish(MessageKind kind, const std::string& uid, const base::json::value& document);
    Receipt decide_announcement(const std::string& uid, const base::json::value& document);
    Receipt decide_registration(const std::string& uid, const base::json::value& document, Time at);
    Receipt decide_report(const Envelope& envelope, const BootedReport& report);
    Receipt decide_legacy_report(const Envelope& envelope, const LegacyLaunched& report);
    Receipt about_machine(const Envelope& envelope, const Message& message, const std::string& machine,
                          Fact fact);
    Receipt about_machines(const Envelope& envelope, const Message& message, const HealthEvent& event);
    Receipt about_request(const Envelope& envelope, const Message& message, const FulfillmentEvent& event);

    Receipt about_image(const Envelope& envelope, const Message& message, const ImageEvent& event);

    FleetView view_of(const Spec& spec);
    std::optional<Receipt> blocked(const Message& message);
    bool is_hoped_for(const Unclaimed& unclaimed);
    std::string owner_of(const Message& message);
    std::optional<std::string> conflict(const Spec& spec);
    std::optional<std::string> zone_problem(const Record& record, const ZoneFound& zone);
    Receipt reject(const Envelope& envelope, MessageKind kind, std::string reason);
    Receipt keep_for_later(const Envelope& envelope, const Message& message);
    void keep(const Unclaimed& unclaimed);
    void receive_again(const Unclaimed& unclaimed, bool foreign);
    void save(Record before, Record after, const std::vector<JournalEntry>& journal,
              const std::vector<PoolHealth>& pools);

    Ledger& ledger_;
    const Rules& rules_;
    const Policy& policy_;
    Time now_;
    Effects effects_;
};

/// A command's payload, and the record of the managed instance that it means; or what became of the command.
template <typename Order>
std::expected<Reception::Meant<Order>, Receipt> Reception::read_order(MessageKind kind,
                                                                      const std::string& uid,
                                                                      const base::json::value& document) {
    auto order = base::from_json<Order>(document, base::UnknownKeys::ignore);
    if (!order) {
        return std::unexpected(refuse(kind, uid, {}, base::describe(order.error())));
    }
    auto record = find_meant(kind, uid, {order->name, order->uid});
    if (!record) {
        return std::unexpected(std::move(record.error()));
    }
    return Meant<Order>{std::move(*order), std::move(*record)};
}

/// Why the name cannot have another machine now, be paused or resumed, or have this spec, as a sentence.
std::optional<std::string> replace_problem(const Record& record);
std::optional<std::string> intent_problem(const Record& record);
std::optional<std::string> update_problem(const Record& record, const Spec& spec);

}  // namespace fleet
