#include "fleet/pools.hpp"

#include <algorithm>
#include <utility>

#include "base/contains.hpp"
#include "fleet/pending.hpp"

namespace fleet {
namespace {

const PoolHealth* find_health(const std::vector<PoolHealth>& health, const Pool& pool) {
    const auto found = std::ranges::find(health, pool, &PoolHealth::pool);
    return found == health.end() ? nullptr : &*found;
}

/// Gives up the wish when no pool fulfils it.
template <class Predicate>
void prefer(std::vector<Pool>& pools, Predicate is_good) {
    if (std::ranges::any_of(pools, is_good)) {
        std::erase_if(pools, [&](const Pool& pool) { return !is_good(pool); });
    }
}

std::string why_left_out(const Pool& pool, const PoolView& view, Time now) {
    const auto* known = find_health(view.health, pool);
    if (known && known->avoid_until > now) {
        return known->why + ", avoided until " + base::format_time(*known->avoid_until);
    }
    return base::contains(view.neighbours, pool) ? "another of its group runs there"
                                                 : "AWS is taking its machine there";
}

}  // namespace

std::vector<Pool> pools_of(const Spec& spec, Market market) {
    std::vector<Pool> pools;
    for (const auto& type : spec.instance_types) {
        for (const auto& subnet : spec.subnet_ids) {
            pools.push_back({type, subnet, market});
        }
    }
    return pools;
}

PoolChoice choose_pools(const std::vector<Pool>& pools, const PoolView& view, Time now) {
    PoolChoice choice{pools, {}};
    prefer(choice.pools, [&](const Pool& pool) { return !is_avoided(pool, view.health, now); });
    prefer(choice.pools, [&](const Pool& pool) { return !base::contains(view.neighbours, pool); });
    prefer(choice.pools, [&](const Pool& pool) { return !base::contains(view.threatened, pool); });
    for (const auto& pool : pools) {
        if (!base::contains(choice.pools, pool)) {
            choice.left_out += (choice.left_out.empty() ? "" : "; ") + describe(pool) + " (" +
                               why_left_out(pool, view, now) + ")";
        }
    }
    return choice;
}

bool is_avoided(const Pool& pool, const std::vector<PoolHealth>& health, Time now) {
    const auto* known = find_health(health, pool);
    return known && known->avoid_until > now;
}

PoolHealth avoid(const Pool& pool, std::string why, const std::vector<PoolHealth>& health, Time now,
                 const Policy& policy) {
    const auto* known = find_health(health, pool);
    const bool again = known && known->avoid_until > now;
    const bool long_ago = !known || !known->avoid_until || *known->avoid_until + policy.avoid_max < now;
    const int failures = (long_ago ? 0 : known->failures) + (again ? 0 : 1);
    const auto until =
        now + backoff(pool.instance_type, pool.subnet_id, failures, policy.avoid_first, policy.avoid_max);
    return {pool, failures, again ? std::max(until, *known->avoid_until) : until, std::move(why)};
}

std::optional<PoolHealth> with_capacity(const Pool& pool, const std::vector<PoolHealth>& health, Time now) {
    const auto* known = find_health(health, pool);
    if (!known || known->failures == 0 || known->avoid_until > now) {
        return std::nullopt;
    }
    return PoolHealth{pool, 0, std::nullopt};
}

std::size_t count_avoided(const std::vector<PoolHealth>& health, Time now) {
    return static_cast<std::size_t>(
        std::ranges::count_if(health, [&](const PoolHealth& known) { return known.avoid_until > now; }));
}

std::string describe(const Pool& pool) {
    return pool.instance_type + " in " + pool.subnet_id +
           (pool.market == Market::on_demand ? " on-demand" : "");
}

}  // namespace fleet
