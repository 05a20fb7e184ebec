#include <algorithm>
#include <utility>

#include "fleet/learner.hpp"

namespace fleet {
namespace {

std::string key(std::string_view action, Side side) {
    return std::string(action) + (side == Side::private_ ? "/private" : "/public");
}

/// Another write follows this one, which may be or may have been in DNS. Repeats of one write count once.
void supersede(DnsState& dns, const std::optional<DnsWrite>& write) {
    if (!write) {
        return;
    }
    const auto known = std::ranges::find_if(dns.superseded, [&](const DnsWrite& other) {
        return other.generation == write->generation && other.address == write->address;
    });
    if (known == dns.superseded.end()) {
        dns.superseded.push_back(*write);
    } else {
        known->sent = std::max(known->sent, write->sent);
        known->ttl = std::max(known->ttl, write->ttl);
    }
}

/// For people, and to know a drift again.
std::string words_for(const DnsSeen& seen) {
    if (!seen.other.empty()) {
        return seen.other;
    }
    std::string text;
    for (const auto& value : seen.values) {
        text += (text.empty() ? "" : ", ") + value;
    }
    return text.empty() ? "nothing" : text + " for " + std::to_string(seen.ttl) + " s";
}

}  // namespace

void Learner::operator()(const ZoneFound& fact) {
    record_.dns(fact.side).zone_id = fact.zone_id;
    record_.retries.erase(key("zone", fact.side));
}

void Learner::operator()(const UpsertSending& fact) {
    auto& dns = record_.dns(fact.side);
    supersede(dns, dns.unanswered);
    DnsWrite write;
    write.generation = fact.generation;
    write.address = fact.address;
    write.ttl = fact.ttl;
    write.sent = at_;
    dns.unanswered = std::move(write);
}

void Learner::operator()(const UpsertAccepted& fact) {
    auto& dns = record_.dns(fact.side);
    if (!dns.unanswered || dns.unanswered->generation != fact.generation ||
        dns.unanswered->address != fact.address) {
        return;
    }
    supersede(dns, dns.published);
    dns.published = std::exchange(dns.unanswered, std::nullopt);
    dns.published->accepted = at_;
    dns.published->change = fact.change;
    dns.drift.reset();
    record_.retries.erase(key("publish", fact.side));
    see_where_names_point();
    note("published", record_.dns_name(fact.side).value_or(DnsName{}).name + " points at " + fact.address,
         find_by_generation(record_, fact.generation));
}

/// From now on every name points at the launch, and later all servers say so.
void Learner::see_where_names_point() {
    std::optional<int> generation;
    bool all_in_sync = true;
    for (const Side side : {Side::private_, Side::public_}) {
        if (!record_.dns_name(side)) {
            continue;
        }
        const auto& published = record_.dns(side).published;
        if (!published || (generation && *generation != published->generation)) {
            return;
        }
        generation = published->generation;
        all_in_sync = all_in_sync && published->in_sync;
    }
    if (auto* launch = generation ? find_by_generation(record_, *generation) : nullptr) {
        launch->published = launch->published.value_or(at_);
        if (all_in_sync) {
            launch->in_sync = launch->in_sync.value_or(at_);
        }
    }
}

void Learner::operator()(const UpsertRefused& fact) {
    auto& dns = record_.dns(fact.side);
    dns.unanswered.reset();
    const auto& name = record_.dns_name(fact.side);
    if (fact.no_zone && name && !name->zone_id) {
        // It was found by its suffix; another may have taken its place.
        dns.zone_id.reset();
    }
    fail(key("publish", fact.side), fact.reason);
    note("dns_refused", fact.reason);
}

void Learner::operator()(const ChangeInSync& fact) {
    for (const Side side : {Side::private_, Side::public_}) {
        auto& dns = record_.dns(side);
        if (dns.published && dns.published->change == fact.change && !dns.published->in_sync) {
            dns.published->in_sync = at_;
            note("in_sync",
                 record_.dns_name(side).value_or(DnsName{}).name + " is in sync on all of Route53's servers",
                 find_by_generation(record_, dns.published->generation));
        }
    }
    see_where_names_point();
}

void Learner::operator()(const RecordDeleted& fact) {
    record_.dns(fact.side).cleared = at_;
    record_.retries.erase(key("publish", fact.side));
    note("dns_removed", record_.dns_name(fact.side).value_or(DnsName{}).name + " no longer points at " +
                            fact.address + ": its record is deleted");
}

void Learner::operator()(const RecordLeft& fact) {
    record_.dns(fact.side).cleared = at_;
    record_.retries.erase(key("publish", fact.side));
    note("dns_left", fact.reason);
}

/// Whoever looked before our newest write was on all of Route53's servers may have seen the one before it.
void Learner::operator()(const DnsSeen& fact) {
    auto& dns = record_.dns(fact.side);
    if (!dns.published || dns.unanswered || dns.cleared || !dns.published->in_sync ||
        at_ <= *dns.published->in_sync) {
        return;
    }
    const auto& ours = *dns.published;
    if (fact.other.empty() && fact.values == std::vector{ours.address} && fact.ttl == ours.ttl) {
        dns.drift.reset();
        return;
    }
    DnsDrift drift{.seen = at_, .found = words_for(fact), .mend = fact.other.empty()};
    if (dns.drift && dns.drift->found == drift.found) {
        return;
    }
    note("dns_drift",
         record_.dns_name(fact.side).value_or(DnsName{}).name + " was changed by somebody: there is " +
             drift.found + " instead of " + ours.address + " for " + std::to_string(ours.ttl) + " s; " +
             (drift.mend ? "it is written again" : "it is left as it is: remove it"),
         find_by_generation(record_, ours.generation));
    dns.drift = std::move(drift);
}

}  // namespace fleet
