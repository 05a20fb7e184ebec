#include "fleet/pools.hpp"

#include <algorithm>

#include "fleet/pending.hpp"

namespace fleet {
namespace {

const PoolHealth* find_health(const std::vector<PoolHealth>& health, const Pool& pool) {
    const auto found = std::ranges::find(health, pool, &PoolHealth::pool);
    return found == health.end() ? nullptr : &*found;
}

Time free_from(const std::vector<PoolHealth>& health, const Pool& pool) {
    const auto* known = find_health(health, pool);
    return known ? known->avoid_until.value_or(Time{}) : Time{};
}

}  // namespace

Pool choose_pool(const Spec& spec, const std::vector<PoolHealth>& health, Time now) {
    Pool best;
    std::optional<Time> best_free;
    for (const auto& type : spec.instance_types) {
        for (const auto& subnet : spec.subnet_ids) {
            const Pool pool{type, subnet, Market::spot};
            const Time free = std::max(free_from(health, pool), now);
            if (!best_free || free < *best_free) {
                best = pool;
                best_free = free;
            }
        }
    }
    return best;
}

PoolHealth without_capacity(const Pool& pool, const std::vector<PoolHealth>& health, Time now,
                            const Policy& policy) {
    const auto* known = find_health(health, pool);
    const int failures = known ? known->failures + 1 : 1;
    const auto avoid = backoff(pool.instance_type, pool.subnet_id, failures, policy.relaunch_backoff_first,
                               policy.relaunch_backoff_max);
    return {pool, failures, now + avoid};
}

PoolHealth with_capacity(const Pool& pool) {
    return {pool, 0, std::nullopt};
}

}  // namespace fleet
