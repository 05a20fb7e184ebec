#include "manager/zones.hpp"

#include <vector>

#include "base/text.hpp"

namespace manager {

namespace {

/// More zones of one name than that are nobody's.
constexpr int pages_max = 20;

/// Their ids. Route 53 lists zones from a name on, so those of that name come first.
boost::asio::awaitable<aws::Result<std::vector<std::string>>> zones_named(aws::Route53* route53,
                                                                          std::string name, bool private_zone,
                                                                          aws::CallOptions options) {
    const auto full_name = name + ".";
    std::vector<std::string> ids;
    aws::ListHostedZonesByNameInput input{.dns_name = std::move(name)};
    for (int number = 0; number < pages_max; ++number) {
        const auto page = co_await route53->list_hosted_zones_by_name(input, options);
        if (!page) {
            co_return std::unexpected(page.error());
        }
        for (const auto& zone : page->zones) {
            if (zone.name == full_name && zone.private_zone == private_zone) {
                ids.push_back(zone.id);
            }
        }
        if (!page->truncated || page->next_dns_name != full_name) {
            break;
        }
        input.dns_name = page->next_dns_name;
        input.hosted_zone_id = page->next_hosted_zone_id;
    }
    co_return ids;
}

}  // namespace

boost::asio::awaitable<base::Result<std::string>> find_hosted_zone(aws::Route53* route53, std::string name,
                                                                   bool private_zone,
                                                                   aws::CallOptions options) {
    const std::string kind = private_zone ? "private" : "public";
    std::string suffix = name;
    while (suffix.contains('.')) {
        const auto ids = co_await zones_named(route53, suffix, private_zone, options);
        if (!ids) {
            co_return base::fail(aws::describe(ids.error()));
        }
        if (ids->size() > 1) {
            co_return base::fail("there are several " + kind + " hosted zones " + suffix +
                                 ": say which one by zone_id");
        }
        if (ids->size() == 1) {
            co_return ids->front();
        }
        suffix = base::split_once(suffix, '.').second;
    }
    co_return base::fail("there is no " + kind + " hosted zone for " + name +
                         ": make one, or name another by zone_id");
}

}  // namespace manager
