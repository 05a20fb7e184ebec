#pragma once

#include <optional>

#include "fleet/life_cycle.hpp"

/// Replacing machines: which are to be replaced and why, whether the successor may come now, and which have
/// been superseded.
namespace fleet {

/// Decides which launches are to be replaced, which are given up, and whether the next begins, from what
/// became so at that time.
void plan_replacement(Step& step, Time at, const FleetView& view, Time now, const Policy& policy);

/// When plan_replacement() would next change something though no fact is learned.
std::optional<Time> next_replacement(const Record& record, Time now, const Policy& policy);

/// Whether a launch that needs an attempt may have it: one that has stepped aside waits for its turn, and the
/// launch that serves says so.
bool may_ask(Record& record, const Launch& launch, const FleetView& view, const Policy& policy);

}  // namespace fleet
