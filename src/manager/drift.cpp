#include "manager/drift.hpp"

#include "manager/standing.hpp"

namespace manager {

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
