#include "manager/zones.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace manager {

boost::asio::awaitable<base::Result<std::string>> find_hosted_zone(aws::Route53* route53, std::string name,
                                                                   bool private_zone,
                                                                   aws::CallOptions options) {
    const std::string kind = private_zone ? "private" : "public";
    std::string suffix = name;
    while (suffix.contains('.')) {
        const auto page =
            co_await route53->list_hosted_zones_by_name({.dns_name = suffix, .items_max = 10}, options);
        if (!page) {
            co_return base::fail(aws::describe(page.error()));
        }
        std::vector<std::string> ids;
        for (const auto& zone : page->zones) {
            if (zone.name == suffix + "." && zone.private_zone == private_zone) {
                ids.push_back(zone.id);
            }
        }
        if (ids.size() > 1) {
            co_return base::fail("there are several " + kind + " hosted zones " + suffix +
                                 ": say which one by zone_id");
        }
        if (ids.size() == 1) {
            co_return ids.front();
        }
        suffix = base::split_once(suffix, '.').second;
    }
    co_return base::fail("there is no " + kind + " hosted zone for " + name +
                         ": make one, or name another by zone_id");
}

}  // namespace manager
