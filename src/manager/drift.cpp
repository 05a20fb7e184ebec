#include "manager/drift.hpp"

#include <algorithm>

#include "manager/standing.hpp"

namespace manager {
namespace {

fleet::DnsSeen seen_in(const std::vector<aws::ResourceRecordSet>& records, fleet::Side side) {
    fleet::DnsSeen seen{.side = side};
    for (const auto& record : records) {
        if (record.type == "CNAME") {
            seen.other = "a CNAME";
        } else if (record.type == "A" && !record.set_identifier.empty()) {
            seen.other = "a routing policy";
        } else if (record.type == "A" && record.alias) {
            seen.values = {"an alias of " + record.alias->dns_name};
        } else if (record.type == "A") {
            seen.values = record.values;
            seen.ttl = record.ttl.value_or(0);
        }
    }
    std::ranges::sort(seen.values);
    return seen;
}

}  // namespace

boost::asio::awaitable<aws::Result<NamedFacts>> look_at_zone(aws::Route53* route53, std::string zone,
                                                             std::vector<PublishedName> names, base::Time now,
                                                             aws::CallOptions options) {
    std::vector<std::string> words;
    for (const auto& name : names) {
        words.push_back(name.dns_name);
    }
    const auto found = co_await find_standing(route53, zone, std::move(words), Begin::apex, options);
    if (!found) {
        co_return std::unexpected(found.error());
    }
    if (!found->apex) {
        co_return aws::unreadable("the listing of zone " + zone + " lacks the zone's own records");
    }
    NamedFacts facts;
    for (const auto& name : names) {
        const auto records = found->by_name.find(name.dns_name);
        const auto seen = records == found->by_name.end() ? fleet::DnsSeen{.side = name.side}
                                                          : seen_in(records->second, name.side);
        facts.emplace_back(name.name, fleet::Fact{now, seen});
    }
    co_return facts;
}

}  // namespace manager
