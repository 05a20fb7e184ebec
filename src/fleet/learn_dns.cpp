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
    record_.retries.erase(key("publish", fact.side));
    note("published", record_.dns_name(fact.side).value_or(DnsName{}).name + " points at " + fact.address,
         find_by_generation(record_, fact.generation));
}

void Learner::operator()(const UpsertRefused& fact) {
    record_.dns(fact.side).unanswered.reset();
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

}  // namespace fleet
