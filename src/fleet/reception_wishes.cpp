#include <algorithm>
#include <tuple>

#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "fleet/reception.hpp"

/// The part of reception that takes in commands about a name that goes on.
namespace fleet {
namespace {

std::string is_retired(const Record& record) {
    return "the name " + record.name() + " is being retired";
}

/// A name's DNS names stay for its life.
std::optional<std::string> change_problem(const Spec& before, const Spec& after, bool has_image) {
    const auto is_same = [](const std::optional<DnsName>& a, const std::optional<DnsName>& b) {
        return a.has_value() == b.has_value() && (!a || (a->name == b->name && a->zone_id == b->zone_id));
    };
    if (before.name != after.name) {
        return "the spec's name is " + after.name + ", not " + before.name;
    }
    if (after.image_id == latest_image && !has_image) {
        return "image_id is \"latest\", but " + before.name + " has no image yet";
    }
    for (const auto& [side, old_name, new_name] :
         {std::tuple{"private", &before.dns.private_, &after.dns.private_},
          std::tuple{"public", &before.dns.public_, &after.dns.public_}}) {
        if (!is_same(*old_name, *new_name)) {
            return std::string("dns.") + side + " cannot be changed: it is " +
                   (*old_name ? (*old_name)->name + " in zone " + (*old_name)->zone_id.value_or("as found")
                              : "not there") +
                   "; retire the name and register it anew";
        }
    }
    return std::nullopt;
}

/// Whether the launches are of this spec already, as far as they have machines.
bool is_up_to_date(const Record& record) {
    return std::ranges::all_of(record.launches, [&](const Launch& launch) {
        const auto* attempt = newest_attempt(launch);
        return !launch.machine || !is_under_way(launch) || !attempt ||
               attempt->spec_revision == record.spec_revision;
    });
}

}  // namespace

Receipt Reception::decide_replacement(const std::string& uid, const base::json::value& document) {
    constexpr auto kind = MessageKind::replace;
    const auto meant = read_order<NameOrder>(kind, uid, document);
    if (!meant) {
        return meant.error();
    }
    const auto& [order, record] = *meant;
    if (const auto problem = replace_problem(record)) {
        return refuse(kind, uid, order.name, *problem);
    }
    const auto incoming = std::ranges::find_if(record.launches, is_incoming);
    if (incoming != record.launches.end()) {
        return accept(kind, uid, order.name,
                      "launch " + std::to_string(incoming->generation) + " is being prepared already");
    }
    auto receipt = accept(kind, uid, order.name, {});
    tell(order.name, {now_, ReplacementAsked{}});
    return receipt;
}

/// SQS may deliver the last word first: an earlier one that comes after it is not carried out.
Receipt Reception::decide_intent(MessageKind kind, const std::string& uid, const base::json::value& document,
                                 Time at) {
    const auto meant = read_order<NameOrder>(kind, uid, document);
    if (!meant) {
        return meant.error();
    }
    const auto& [order, record] = *meant;
    if (const auto problem = intent_problem(record)) {
        return refuse(kind, uid, order.name, *problem);
    }
    if (record.intent_asked && *record.intent_asked > at) {
        return refuse(kind, uid, order.name,
                      "a command of " + base::format_time(*record.intent_asked) +
                          ", which is later, was carried out before it came");
    }
    const bool pause = kind == MessageKind::pause;
    const bool is_so = record.intent == (pause ? Intent::paused : Intent::running);
    auto receipt = accept(kind, uid, order.name,
                          !is_so  ? ""
                          : pause ? "the name is paused already"
                                  : "the name is not paused");
    tell(order.name, pause ? Fact{at, PauseAsked{}} : Fact{at, ResumeAsked{}});
    return receipt;
}

Receipt Reception::decide_update(const std::string& uid, const base::json::value& document, Time at) {
    constexpr auto kind = MessageKind::update;
    const auto meant = read_order<UpdateOrder>(kind, uid, document);
    if (!meant) {
        return meant.error();
    }
    const auto& [order, record] = *meant;
    const auto* asked = document.as_object().if_contains("spec");
    const auto spec = parse_spec(asked ? *asked : base::json::value());
    if (!spec) {
        return refuse(kind, uid, order.name, base::describe(spec.error()));
    }
    if (const auto problem = update_problem(record, *spec)) {
        return refuse(kind, uid, order.name, *problem);
    }
    if (record.spec_asked && *record.spec_asked > at) {
        return refuse(kind, uid, order.name,
                      "a spec of " + base::format_time(*record.spec_asked) +
                          ", which is later, was taken before this one came");
    }
    const bool nothing_new = record.spec == *spec && (!order.replace || is_up_to_date(record));
    auto receipt = accept(kind, uid, order.name, nothing_new ? "the name has this spec already" : "");
    tell(order.name, {at, SpecChanged{*spec, order.replace}});
    return receipt;
}

std::optional<std::string> replace_problem(const Record& record) {
    if (record.retirement) {
        return is_retired(record);
    }
    if (record.intent == Intent::paused) {
        return "the name " + record.name() + " is paused: resume it, and it gets another machine";
    }
    return std::nullopt;
}

std::optional<std::string> intent_problem(const Record& record) {
    return record.retirement ? std::optional{is_retired(record)} : std::nullopt;
}

std::optional<std::string> update_problem(const Record& record, const Spec& spec) {
    if (record.retirement) {
        return is_retired(record);
    }
    const auto removed = std::ranges::find_if(
        record.images, [&](const Image& image) { return image.id == spec.image_id && image.removing; });
    if (removed != record.images.end()) {
        return "image_id " + spec.image_id + " is being removed: " + removed->why_removed + "; name another";
    }
    return change_problem(record.spec, spec, std::ranges::any_of(record.images, is_usable));
}

}  // namespace fleet
