#pragma once

#include "fleet/life_cycle.hpp"
#include "fleet/pending.hpp"

/// The decisions about attempts: when the next is made, with which parameters, and what is to be done with
/// one that is not settled.
namespace fleet {

/// The launch has no machine, and no attempt that may still give it one.
bool needs_attempt(const Launch& launch);

/// When a launch that needs an attempt may have the next.
Time next_attempt_at(const Record& record, const Launch& launch);

/// Fixes the parameters of the launch's next attempt.
void choose_attempt(Step& step, Launch& launch, const FleetView& view, Time now, const Policy& policy);

/// What was never sent in its time leaves room for an attempt with new times.
void give_up_unsent(Step& step, Time now);

/// The next action on an attempt that is not settled. Its retry is not considered.
Action look_after(const Record& record, const Launch& launch, const Attempt& attempt, Time now,
                  const Policy& policy);

}  // namespace fleet
