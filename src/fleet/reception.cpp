#include "fleet/reception.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/contains.hpp"
#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "fleet/life_cycle.hpp"
#include "fleet/pending.hpp"
#include "fleet/retirement.hpp"
#include "fleet/spot_status.hpp"

namespace fleet {
namespace {

constexpr Duration unclaimed_life = std::chrono::minutes{2};
constexpr Duration report_life = std::chrono::hours{1};

/// A notice gives two minutes; with hibernation it begins at once.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
Time terminate_by(const InterruptionEvent& event, Time noticed) {
    return event.action == "hibernate" ? noticed : noticed + notice_time;
}

/// Without one of its own a message is known by SQS's id.
std::string seen_key(const Envelope& envelope, const Message& message) {
    if (std::holds_alternative<SignedCommand>(message.body)) {
        return "command/" + message.id;
    }
    return message.id.empty() ? "message/" + envelope.id : "event/" + message.id;
}

/// The spec that is to hold once the fact is known.
const Spec& told_spec(const Record& record, const Fact& fact) {
    const auto* change = std::get_if<SpecChanged>(&fact.body);
    return change ? change->spec : record.spec;
}

std::optional<Envelope> envelope_of(const Unclaimed& unclaimed) {
    const auto document = base::parse_json(unclaimed.message);
    const auto envelope = document ? base::from_json<Envelope>(*document, base::UnknownKeys::ignore)
                                   : std::unexpected(base::FieldErrors{});
    return envelope ? std::optional{*envelope} : std::nullopt;
}

/// That its machines and images were described again as they were is worth a write only where DNS is to be
/// written, by a description that must be new.
bool is_worth_saving(const Record& before, const Record& after) {
    if (is_to_be_written(after, Side::private_) || is_to_be_written(after, Side::public_) ||
        before.launches.size() != after.launches.size() || before.images.size() != after.images.size()) {
        return before != after;
    }
    Record same = after;
    for (std::size_t i = 0; i < same.launches.size(); ++i) {
        if (before.launches[i].described) {
            same.launches[i].described = before.launches[i].described;
        }
    }
    for (std::size_t i = 0; i < same.images.size(); ++i) {
        if (before.images[i].described) {
            same.images[i].described = before.images[i].described;
        }
    }
    return before != same;
}

}  // namespace

Reception::Reception(Ledger& ledger, const Rules& rules, const Policy& policy, Time now)
    : ledger_(ledger), rules_(rules), policy_(policy), now_(now) {}

void Reception::receive(const Envelope& envelope) {
    const auto place = effects_.receipts.size();
    effects_.receipts.emplace_back();
    Receipt receipt;
    auto message = parse_message(envelope.body);
    if (!message) {
        receipt = reject(envelope, message.error().kind, message.error().reason);
        receipt.event_id = message.error().id;
    } else {
        if (const auto reason = objection(rules_, envelope, *message)) {
            receipt = reject(envelope, message->kind, *reason);
        } else if (auto left = blocked(*message)) {
            // Not marked as seen: it comes again.
            receipt = std::move(*left);
        } else if (!ledger_.mark_seen(seen_key(envelope, *message), now_)) {
            receipt = {.outcome = Outcome::duplicate, .name = owner_of(*message)};
        } else {
            receipt = decide(envelope, *message);
        }
        receipt.kind = message->kind;
        receipt.event_id = message->id;
        receipt.time = message->time;
        if (const auto ids = ids_of(*message); receipt.machine.empty() && !ids.empty()) {
            receipt.machine = ids.back();
        }
    }
    receipt.message = envelope.id;
    effects_.receipts[place] = std::move(receipt);
}

void Reception::tell(const std::string& name, const Fact& fact) {
    auto found = ledger_.find(name);
    if (!found || !*found) {
        return;
    }
    const Record before = **found;
    Fact told = fact;
    if (const auto* zone = std::get_if<ZoneFound>(&fact.body)) {
        if (auto problem = zone_problem(before, *zone)) {
            told.body = ActionFailed{zone->side == Side::private_ ? "zone/private" : "zone/public",
                                     std::move(*problem)};
        }
    }
    auto step = advance(before, told, view_of(told_spec(before, told)), now_, policy_);
    if (is_worth_saving(before, step.record) || !step.journal.empty() || !step.pools.empty()) {
        save(before, std::move(step.record), step.journal, step.pools);
    }
}

/// What the others show to a name with this spec.
FleetView Reception::view_of(const Spec& spec) {
    FleetView view{.pools = ledger_.pools(), .replacements = ledger_.voluntary_replacements()};
    if (spec.group) {
        view.neighbours = ledger_.members(*spec.group);
        std::erase_if(view.neighbours, [&](const Neighbour& member) { return member.name == spec.name; });
    }
    return view;
}

/// The zone decides under which key a DNS name is claimed: another may have been there first.
std::optional<std::string> Reception::zone_problem(const Record& record, const ZoneFound& zone) {
    const auto key = zone.zone_id + "/" + record.dns_name(zone.side).value_or(DnsName{}).name;
    const auto owner = ledger_.name_of_dns(key);
    if (owner && *owner != record.name()) {
        return "its DNS name belongs to " + *owner;
    }
    const Side other = zone.side == Side::private_ ? Side::public_ : Side::private_;
    const auto& name = record.dns_name(other);
    if (name && record.dns(other).zone_id.value_or("") + "/" + name->name == key) {
        return "its private and its public DNS name are one record in zone " + zone.zone_id;
    }
    return std::nullopt;
}

void Reception::expire_unclaimed() {
    for (auto& unclaimed : ledger_.expire_unclaimed(now_ - unclaimed_life)) {
        if (is_hoped_for(unclaimed)) {
            unclaimed.at = now_;
            keep(unclaimed);
        } else {
            receive_again(unclaimed, true);
        }
    }
}

bool Reception::is_hoped_for(const Unclaimed& unclaimed) {
    const auto envelope = envelope_of(unclaimed);
    const auto message = envelope ? parse_message(envelope->body) : std::unexpected(Unusable{});
    const auto* report = message ? std::get_if<BootedReport>(&message->body) : nullptr;
    if (!report || now_ - envelope->sent > report_life) {
        return false;
    }
    const auto record = ledger_.find(report->name);
    return record && *record && believes(rules_, *envelope, *report, **record) &&
           std::ranges::any_of(all_launches(std::as_const(**record)), [](const Launch* launch) {
               return !launch->machine && !launch->lost && !launch->attempts.empty();
           });
}

Effects Reception::take_effects() {
    return std::exchange(effects_, {});
}

std::string Reception::owner_of(const Message& message) {
    for (const auto& id : ids_of(message)) {
        const auto name = id.starts_with("sir-")   ? ledger_.name_of_request(id)
                          : id.starts_with("ami-") ? ledger_.name_of_image(id)
                                                   : ledger_.name_of_machine(id);
        if (name) {
            return *name;
        }
    }
    return {};
}

Receipt Reception::decide(const Envelope& envelope, const Message& message) {
    const Time at = message.time.value_or(envelope.sent);
    if (const auto* event = std::get_if<StateChangeEvent>(&message.body)) {
        return about_machine(envelope, message, event->machine,
                             {at, StateChanged{event->machine, event->state}});
    }
    if (const auto* event = std::get_if<FulfillmentEvent>(&message.body)) {
        return about_request(envelope, message, *event);
    }
    if (const auto* event = std::get_if<InterruptionEvent>(&message.body)) {
        return about_machine(envelope, message, event->machine,
                             {at, Interrupted{event->machine, event->action, terminate_by(*event, at)}});
    }
    if (const auto* event = std::get_if<RebalanceEvent>(&message.body)) {
        return about_machine(envelope, message, event->machine, {at, RebalanceAdvised{event->machine}});
    }
    if (const auto* event = std::get_if<HealthEvent>(&message.body)) {
        return about_machines(envelope, message, *event);
    }
    if (const auto* event = std::get_if<ImageEvent>(&message.body)) {
        return about_image(envelope, message, *event);
    }
    if (const auto* report = std::get_if<BootedReport>(&message.body)) {
        return decide_report(envelope, *report);
    }
    if (const auto* report = std::get_if<LegacyLaunched>(&message.body)) {
        return decide_legacy_report(envelope, *report);
    }
    if (const auto* command = std::get_if<SignedCommand>(&message.body)) {
        return decide_command(envelope, message.kind, *command);
    }
    if (const auto* legacy = std::get_if<LegacyRegister>(&message.body)) {
        auto receipt = decide_registration("legacy-" + envelope.id, legacy->spec, envelope.sent);
        return receipt.outcome == Outcome::rejected ? reject(envelope, message.kind, receipt.reason)
                                                    : receipt;
    }
    return {.outcome = Outcome::ignored};
}

/// A record that cannot be read blocks its name: the message stays in the queue.
std::optional<Receipt> Reception::blocked(const Message& message) {
    const auto* report = std::get_if<BootedReport>(&message.body);
    const auto name = report ? report->name : owner_of(message);
    if (name.empty()) {
        return std::nullopt;
    }
    const auto found = ledger_.find(name);
    if (found) {
        return std::nullopt;
    }
    return Receipt{.outcome = Outcome::left, .name = name, .reason = found.error().message};
}

Receipt Reception::decide_report(const Envelope& envelope, const BootedReport& report) {
    Message message{.kind = MessageKind::booted, .body = report};
    const Fact fact{envelope.sent, Reported{.machine = report.machine}};
    if (!rules_.check) {
        return about_machine(envelope, message, report.machine, fact);
    }
    const auto found = ledger_.find(report.name);
    if (!found || !*found) {
        return {.outcome = Outcome::foreign, .reason = "no managed instance has that name"};
    }
    if (!believes(rules_, envelope, report, **found)) {
        return reject(envelope, message.kind, "its token is not that of " + report.name);
    }
    if (const auto owner = ledger_.name_of_machine(report.machine); owner && *owner != report.name) {
        return reject(envelope, message.kind, "machine " + report.machine + " is not of " + report.name);
    }
    return about_machine(envelope, message, report.machine, fact);
}

Receipt Reception::decide_legacy_report(const Envelope& envelope, const LegacyLaunched& report) {
    const Message message{.kind = MessageKind::legacy_launched, .body = report};
    return about_machine(envelope, message, report.machine,
                         {envelope.sent, Reported{report.machine, ReportKind::legacy, report.claimed}});
}

Receipt Reception::about_machine(const Envelope& envelope, const Message& message, const std::string& machine,
                                 Fact fact) {
    const auto name = ledger_.name_of_machine(machine);
    if (!name) {
        return keep_for_later(envelope, message);
    }
    tell(*name, fact);
    return {.outcome = Outcome::handled, .name = *name, .machine = machine};
}

/// One event may be about machines of several names, and of others.
Receipt Reception::about_machines(const Envelope& envelope, const Message& message,
                                  const HealthEvent& event) {
    Receipt receipt{.outcome = Outcome::handled};
    for (const auto& machine : event.machines) {
        if (const auto name = ledger_.name_of_machine(machine)) {
            const Time at = message.time.value_or(envelope.sent);
            tell(*name, event.over ? Fact{at, ScheduledChangeOver{machine}}
                                   : Fact{at, ScheduledChange{machine, event.code, event.begins}});
            receipt.name = *name;
            receipt.machine = machine;
        }
    }
    return receipt.name.empty() ? keep_for_later(envelope, message) : receipt;
}

Receipt Reception::about_request(const Envelope& envelope, const Message& message,
                                 const FulfillmentEvent& event) {
    const auto name = ledger_.name_of_request(event.request);
    if (!name) {
        return keep_for_later(envelope, message);
    }
    if (const auto owner = ledger_.name_of_machine(event.machine); owner && *owner != *name) {
        return reject(envelope, message.kind, "machine " + event.machine + " is of " + *owner);
    }
    tell(*name, {message.time.value_or(envelope.sent), Fulfilled{event.request, event.machine}});
    return {.outcome = Outcome::handled, .name = *name, .machine = event.machine};
}

Receipt Reception::about_image(const Envelope& envelope, const Message& message, const ImageEvent& event) {
    const auto name = ledger_.name_of_image(event.image);
    if (!name) {
        return keep_for_later(envelope, message);
    }
    tell(*name, {message.time.value_or(envelope.sent), ImageTold{event.image, event.state}});
    return {.outcome = Outcome::handled, .name = *name};
}

Receipt Reception::reject(const Envelope& envelope, MessageKind kind, std::string reason) {
    ledger_.reject(redacted(envelope.body), reason, now_);
    return {.kind = kind, .outcome = Outcome::rejected, .reason = std::move(reason)};
}

Receipt Reception::keep_for_later(const Envelope& envelope, const Message& message) {
    keep({ids_of(message), base::json::serialize(base::to_json(envelope)), now_});
    return {.outcome = Outcome::unclaimed};
}

void Reception::keep(const Unclaimed& unclaimed) {
    for (const auto& dropped : ledger_.keep_unclaimed(unclaimed)) {
        receive_again(dropped, true);
    }
}

void Reception::receive_again(const Unclaimed& unclaimed, bool foreign) {
    const auto envelope = envelope_of(unclaimed);
    const auto message = envelope ? parse_message(envelope->body) : std::unexpected(Unusable{});
    if (!message) {
        return;
    }
    const auto place = effects_.receipts.size();
    effects_.receipts.emplace_back();
    Receipt receipt = foreign ? Receipt{.outcome = Outcome::foreign} : decide(*envelope, *message);
    receipt.message = envelope->id;
    receipt.kind = message->kind;
    receipt.event_id = message->id;
    receipt.time = message->time;
    if (receipt.machine.empty() && !unclaimed.ids.empty()) {
        receipt.machine = unclaimed.ids.back();
    }
    effects_.receipts[place] = std::move(receipt);
}

void Reception::save(Record before, Record after, const std::vector<JournalEntry>& journal,
                     const std::vector<PoolHealth>& pools) {
    const bool over = is_over(after);
    if (over) {
        if (const auto kept = kept_of(after, ledger_.kept_images(after.name()), now_)) {
            ledger_.keep_images(*kept);
        }
        ledger_.erase(after.name(), now_);
    } else {
        ledger_.put(after);
    }
    for (const auto& health : pools) {
        ledger_.put_pool(health);
        effects_.pools.push_back(health);
    }
    for (const auto& entry : journal) {
        ledger_.append(entry);
        effects_.journal.push_back(entry);
    }
    const auto known = keys_of(before);
    const auto keys = keys_of(after);
    std::erase_if(effects_.changed, [&](const Record& record) { return record.name() == after.name(); });
    if (over) {
        effects_.erased.push_back(after.name());
        return;
    }
    effects_.changed.push_back(std::move(after));
    // What came before its id was ours is taken in now.
    for (const auto& [ids, old] : {std::pair{&keys.requests, &known.requests},
                                   {&keys.machines, &known.machines},
                                   {&keys.images, &known.images}}) {
        for (const auto& id : *ids) {
            if (!base::contains(*old, id)) {
                for (const auto& unclaimed : ledger_.take_unclaimed(id)) {
                    receive_again(unclaimed, false);
                }
            }
        }
    }
}

}  // namespace fleet
