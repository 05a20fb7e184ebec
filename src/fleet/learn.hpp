#pragma once

#include "fleet/life_cycle.hpp"

namespace fleet {

/// Puts a fact into the record: what was learned, nothing decided. Monotone: the order of facts does not
/// matter.
void learn(Step& step, const Fact& fact, const FleetView& view, Time now, const Policy& policy);

}  // namespace fleet
