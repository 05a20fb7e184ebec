#include "manager/zones.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.hpp"

namespace manager {

namespace asio = boost::asio;

namespace {

constexpr base::Duration list_life = std::chrono::minutes{1};

/// 10,000 zones; an account with more says the zone by its id.
constexpr int pages_max = 100;

/// The ids of the zones of that name and kind.
std::vector<std::string> ids_of(const std::vector<aws::HostedZone>& zones, const std::string& name,
                                bool private_zone) {
    std::vector<std::string> ids;
    for (const auto& zone : zones) {
        if (zone.name == name + "." && zone.private_zone == private_zone) {
            ids.push_back(zone.id);
        }
    }
    return ids;
}

}  // namespace

asio::awaitable<base::Result<std::string>> Zones::find(std::string name, bool private_zone,
                                                       aws::CallOptions options) {
    if (auto refreshed = co_await refresh(options); !refreshed) {
        co_return std::unexpected(refreshed.error());
    }
    const std::string kind = private_zone ? "private" : "public";
    for (std::string suffix = name; suffix.contains('.'); suffix = base::split_once(suffix, '.').second) {
        const auto ids = ids_of(zones_, suffix, private_zone);
        if (ids.size() > 1) {
            co_return base::fail(
                fmt::format("there are several {} hosted zones {}: say which one by zone_id", kind, suffix));
        }
        if (ids.size() == 1) {
            co_return ids.front();
        }
    }
    co_return base::fail(
        fmt::format("there is no {} hosted zone for {}: make one, or name another by zone_id", kind, name));
}

asio::awaitable<base::Result<void>> Zones::refresh(aws::CallOptions options) {
    if (listed_ && clock_.now() - *listed_ < list_life) {
        co_return base::Result<void>{};
    }
    if (listing_) {
        asio::steady_timer done(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        waiting_.push_back(&done);
        co_await done.async_wait(asio::as_tuple(asio::use_awaitable));
        std::erase(waiting_, &done);
        co_return outcome_;
    }
    listing_ = true;
    outcome_ = base::fail("listing the hosted zones was broken off");
    try {
        outcome_ = co_await list(options);
    } catch (...) {
        end_listing();
        throw;
    }
    end_listing();
    co_return outcome_;
}

void Zones::end_listing() {
    listing_ = false;
    for (auto* timer : waiting_) {
        timer->cancel();
    }
}

asio::awaitable<base::Result<void>> Zones::list(aws::CallOptions options) {
    std::vector<aws::HostedZone> zones;
    aws::ListHostedZonesByNameInput input;
    for (int number = 0; number < pages_max; ++number) {
        const auto page = co_await route53_.list_hosted_zones_by_name(input, options);
        if (!page) {
            co_return base::fail(aws::describe(page.error()));
        }
        zones.insert(zones.end(), page->zones.begin(), page->zones.end());
        if (!page->truncated) {
            zones_ = std::move(zones);
            listed_ = clock_.now();
            co_return base::Result<void>{};
        }
        input.dns_name = page->next_dns_name;
        input.hosted_zone_id = page->next_hosted_zone_id;
    }
    co_return base::fail("the account has too many hosted zones to look through: say which one by zone_id");
}

}  // namespace manager
