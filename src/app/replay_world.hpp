#pragma once

#include <map>
#include <string>
#include <vector>

#include "fleet/memory_ledger.hpp"
#include "fleet/pending.hpp"
#include "fleet/reception.hpp"

namespace app {

/// A name of the replay, and the spot requests that its launches get: the n-th launch the n-th.
struct ManagedName {
    std::string name;
    std::vector<std::string> requests;
};
BOOST_DESCRIBE_STRUCT(ManagedName, (), (name, requests))

/// One recorded message.
struct RecordedMessage {
    base::Time received;
    base::Time sent;
    std::string body;
};

/// What stands for AWS in a replay: a spot request is answered with the next id of its name's list, a
/// Describe with the machine's latest replayed state and no addresses, every other action and every timer
/// with nothing.
class ReplayWorld {
  public:
    explicit ReplayWorld(std::vector<ManagedName> managed);

    /// Registers the names; they count as having a DNS name.
    void begin(base::Time at);

    void receive(const RecordedMessage& message);

    /// What has waited for its id until now is nobody's.
    void end();

    /// One a message, in their order.
    std::vector<fleet::Receipt> receipts() const;

    const fleet::MemoryLedger& ledger() const { return ledger_; }

  private:
    void take(fleet::Reception& reception, base::Time at);
    void answer(fleet::Reception& reception, const fleet::Record& record, base::Time at);
    void answer_request(fleet::Reception& reception, const std::string& name, const fleet::Action& action,
                        base::Time at);
    void see_state(const fleet::Message& message, base::Time at);
    void adopt(fleet::Reception& reception, const fleet::Message& message, base::Time at);

    /// What the messages so far tell of a machine.
    struct Replayed {
        std::pair<base::Time, fleet::Ec2State> latest;  ///< by the events' times
        std::optional<base::Time> lost;                 ///< the first shutting-down, stopped or terminated
    };

    std::vector<ManagedName> managed_;
    fleet::MemoryLedger ledger_;
    fleet::Rules rules_;
    fleet::Policy policy_;
    base::Time now_;
    std::map<std::string, Replayed> states_;  ///< of machines
    std::vector<fleet::Receipt> receipts_;
};

}  // namespace app
