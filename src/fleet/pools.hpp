#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// Where capacity comes from, and where it lately did not.
namespace fleet {

/// Every machine type of the spec in every subnet, in the spec's order.
std::vector<Pool> pools_of(const Spec& spec, Market market);

/// What counts for the choice.
struct PoolView {
    std::vector<PoolHealth> health;
    std::vector<Pool> neighbours = {};  ///< in which others of the name's group run
    std::vector<Pool> threatened = {};  ///< from which the name's own machine is being taken
};

/// Those that an attempt asks, in the spec's order and never none, and a sentence about those that it leaves
/// out. Best is a pool that is not avoided, has no neighbour, and is not threatened; when there is none, the
/// last of these wishes is given up first. When all are avoided, all are asked: the back-off keeps it slow.
struct PoolChoice {
    std::vector<Pool> pools;
    std::string left_out;
};
PoolChoice choose_pools(const std::vector<Pool>& pools, const PoolView& view, Time now);

/// Whether it had no capacity, or gave a notice, and the time since is short.
bool is_avoided(const Pool& pool, const std::vector<PoolHealth>& health, Time now);

/// The pool's health after it had no capacity or gave a notice: it is avoided for a while that grows. What
/// happens while it is avoided counts as one.
PoolHealth avoid(const Pool& pool, std::string why, const std::vector<PoolHealth>& health, Time now,
                 const Policy& policy);

/// The pool's health after it gave a machine; nothing when that changes nothing, as while it is avoided.
std::optional<PoolHealth> with_capacity(const Pool& pool, const std::vector<PoolHealth>& health, Time now);

/// How many pools are avoided now, for a gauge.
std::size_t count_avoided(const std::vector<PoolHealth>& health, Time now);

/// `t3.small in subnet-1`, with `on-demand` where it is.
std::string describe(const Pool& pool);

}  // namespace fleet
