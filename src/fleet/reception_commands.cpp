#include "fleet/life_cycle.hpp"
#include "fleet/reception.hpp"

/// The part of reception that takes in commands.
namespace fleet {
namespace {

constexpr Duration command_life = std::chrono::days{14};
constexpr Duration command_from_the_future = std::chrono::minutes{5};

}  // namespace

Receipt Reception::decide_command(const Envelope& envelope, const SignedCommand& command) {
    const auto document = base::parse_json(command.payload);
    const auto at = base::parse_time(command.issued).value_or(now_);
    std::optional<std::string> problem;
    if (now_ - at > command_life) {
        problem = "it was issued more than 14 days ago";
    } else if (at - now_ > command_from_the_future) {
        problem = "it was issued in the future, at " + command.issued;
    } else if (!document) {
        problem = "its payload " + document.error();
    }
    auto receipt =
        problem ? refuse(command.uid, {}, *problem) : decide_registration(command.uid, *document, at);
    return receipt.outcome == Outcome::rejected ? reject(envelope, MessageKind::register_, receipt.reason)
                                                : receipt;
}

/// Whoever follows the registration sees why.
Receipt Reception::refuse(const std::string& uid, const std::string& name, std::string reason) {
    ledger_.put_registration(uid, {.name = name, .reason = reason, .at = now_});
    return {.outcome = Outcome::rejected, .name = name, .reason = std::move(reason)};
}

Receipt Reception::decide_registration(const std::string& uid, const base::json::value& document, Time at) {
    auto spec = parse_spec(document);
    if (!spec) {
        return refuse(uid, {}, base::describe(spec.error()));
    }
    const auto existing = ledger_.find(spec->name);
    if (!existing) {
        return refuse(uid, spec->name, existing.error().message);
    }
    Receipt receipt{.outcome = Outcome::handled, .name = spec->name};
    if (*existing && (*existing)->spec == *spec) {
        receipt.reason = "the name has this spec already";
        ledger_.put_registration(
            uid, {.name = spec->name, .accepted = true, .reason = receipt.reason, .at = now_});
        return receipt;
    }
    if (*existing) {
        return refuse(uid, spec->name, "the name " + spec->name + " is registered with another spec");
    }
    if (const auto reason = conflict(*spec)) {
        return refuse(uid, spec->name, *reason);
    }
    ledger_.put_registration(uid, {.name = spec->name, .accepted = true, .at = now_});
    auto step =
        begin(std::move(*spec), uid, rules_.check ? now_ : at, FleetView{ledger_.pools()}, now_, policy_);
    save({}, std::move(step.record), step.journal, step.pools);
    return receipt;
}

std::optional<std::string> Reception::conflict(const Spec& spec) {
    Record record;
    record.spec = spec;
    for (const auto& key : keys_of(record).dns_names) {
        if (const auto owner = ledger_.name_of_dns(key)) {
            return "the DNS name " + key.substr(key.find('/') + 1) + " belongs to " + *owner;
        }
    }
    return std::nullopt;
}

}  // namespace fleet
