#include <algorithm>

#include "fleet/images.hpp"
#include "fleet/life_cycle.hpp"
#include "fleet/reception.hpp"
#include "fleet/retirement.hpp"

/// The part of reception that takes in commands.
namespace fleet {
namespace {

constexpr Duration command_life = std::chrono::days{14};
constexpr Duration command_from_the_future = std::chrono::minutes{5};

}  // namespace

Receipt Reception::decide_command(const Envelope& envelope, MessageKind kind, const SignedCommand& command) {
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
        problem ? refuse(kind, command.uid, {}, *problem) : carry_out(kind, command.uid, *document, at);
    return receipt.outcome == Outcome::rejected ? reject(envelope, kind, receipt.reason) : receipt;
}

Receipt Reception::carry_out(MessageKind kind, const std::string& uid, const base::json::value& document,
                             Time at) {
    switch (kind) {
        case MessageKind::register_:
            return decide_registration(uid, document, at);
        case MessageKind::retire:
            return decide_retirement(uid, document);
        case MessageKind::replace:
            return decide_replacement(uid, document);
        case MessageKind::update:
            return decide_update(uid, document, std::min(at, now_));
        case MessageKind::make_image:
        case MessageKind::test_image:
            return decide_image_wish(kind, uid, document);
        case MessageKind::image_created:
            return decide_announcement(uid, document);
        default:
            return decide_intent(kind, uid, document, std::min(at, now_));
    }
}

/// The record of the managed instance that a command means, or what became of the command.
std::expected<Record, Receipt> Reception::find_meant(MessageKind kind, const std::string& uid,
                                                     const NameOrder& order) {
    if (order.name.empty() || order.uid.empty()) {
        return std::unexpected(refuse(kind, uid, {}, "it must say which name and which uid it means"));
    }
    auto found = ledger_.find(order.name);
    if (!found) {
        return std::unexpected(refuse(kind, uid, order.name, found.error().message));
    }
    if (*found && (*found)->uid == order.uid) {
        return std::move(**found);
    }
    if (kind == MessageKind::retire && ledger_.is_gone(order.uid)) {
        return std::unexpected(accept(kind, uid, order.name, "it was retired before"));
    }
    return std::unexpected(
        refuse(kind, uid, order.name, "the managed instance " + order.name + " that it means is not known"));
}

/// Whoever follows the command sees why.
Receipt Reception::refuse(MessageKind kind, const std::string& uid, const std::string& name,
                          std::string reason) {
    ledger_.put_command(uid,
                        {.command = std::string(word(kind)), .name = name, .reason = reason, .at = now_});
    return {.outcome = Outcome::rejected, .name = name, .reason = std::move(reason)};
}

/// `note`: why nothing follows from it, if nothing does.
Receipt Reception::accept(MessageKind kind, const std::string& uid, const std::string& name,
                          std::string note) {
    ledger_.put_command(
        uid,
        {.command = std::string(word(kind)), .name = name, .accepted = true, .reason = note, .at = now_});
    return {.outcome = Outcome::handled, .name = name, .reason = std::move(note)};
}

Receipt Reception::decide_registration(const std::string& uid, const base::json::value& document, Time at) {
    constexpr auto kind = MessageKind::register_;
    auto spec = parse_spec(document);
    if (!spec) {
        return refuse(kind, uid, {}, base::describe(spec.error()));
    }
    const auto existing = ledger_.find(spec->name);
    if (!existing) {
        return refuse(kind, uid, spec->name, existing.error().message);
    }
    if (*existing && (*existing)->retirement) {
        return refuse(kind, uid, spec->name,
                      "the name " + spec->name + " is being retired: register it again when that is done");
    }
    if (*existing && (*existing)->spec == *spec) {
        return accept(kind, uid, spec->name, "the name has this spec already");
    }
    if (*existing) {
        return refuse(kind, uid, spec->name, "the name " + spec->name + " is registered with another spec");
    }
    if (const auto reason = conflict(*spec)) {
        return refuse(kind, uid, spec->name, *reason);
    }
    std::vector<Image> images;
    if (spec->image_id == latest_image) {
        auto kept = ledger_.kept_images(spec->name);
        if (const auto problem = latest_problem(spec->name, kept)) {
            return refuse(kind, uid, spec->name, *problem);
        }
        images = std::move(kept->images);
        ledger_.forget_images(spec->name);
    }
    auto receipt = accept(kind, uid, spec->name, {});
    const auto view = view_of(*spec);
    auto step =
        begin(std::move(*spec), uid, std::move(images), rules_.check ? now_ : at, view, now_, policy_);
    save({}, std::move(step.record), step.journal, step.pools);
    return receipt;
}

Receipt Reception::decide_retirement(const std::string& uid, const base::json::value& document) {
    constexpr auto kind = MessageKind::retire;
    const auto meant = read_order<RetireOrder>(kind, uid, document);
    if (!meant) {
        return meant.error();
    }
    const auto& [order, record] = *meant;
    if (const auto& known = record.retirement) {
        if (const auto problem = retire_problem(*known, order.keep_machine, order.remove_images)) {
            return refuse(kind, uid, order.name, *problem);
        }
        if (known->remove_images == order.remove_images) {
            return accept(kind, uid, order.name, "it is being retired already");
        }
    }
    auto receipt = accept(kind, uid, order.name, {});
    tell(order.name, {now_, RetirementAsked{uid, order.keep_machine, order.remove_images}});
    return receipt;
}

std::optional<std::string> Reception::conflict(const Spec& spec) {
    for (const auto& key : dns_keys(spec)) {
        if (const auto owner = ledger_.name_of_dns(key)) {
            return dns_conflict(key, *owner);
        }
    }
    return std::nullopt;
}

}  // namespace fleet
