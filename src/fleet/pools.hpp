#pragma once

#include <vector>

#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// Where capacity comes from, and where it lately did not.
namespace fleet {

/// The pool for a spec's next attempt: the first that is not to be avoided, else the one free soonest.
Pool choose_pool(const Spec& spec, const std::vector<PoolHealth>& health, Time now);

/// The pool's health after it had no capacity: it is avoided for a while that grows.
PoolHealth without_capacity(const Pool& pool, const std::vector<PoolHealth>& health, Time now,
                            const Policy& policy);

/// The pool's health after it gave a machine.
PoolHealth with_capacity(const Pool& pool);

}  // namespace fleet
