#pragma once

#include "fleet/life_cycle.hpp"
#include "fleet/pending.hpp"

/// The decisions about attempts: when the next is made, with which parameters, and what is to be done with
/// one that is not settled.
namespace fleet {

/// The launch has no machine, and no attempt that may still give it one.
bool needs_attempt(const Launch& launch);

/// When a launch that needs an attempt may have the next. The first that asks on-demand does not wait for the
/// back-off of those that asked for spot.
Time next_attempt_at(const Record& record, const Launch& launch);

/// Fixes the parameters of the launch's next attempt.
void choose_attempt(Step& step, Launch& launch, const FleetView& view, Time now, const Policy& policy);

/// Closes what was chosen, never sent, and is not to be any more.
void give_up_unsent(Step& step, Time now);

/// The spec has several pools, or an attempt asks by a fleet that waits for it, and EC2 has no launch
/// template of the spec's revision.
bool needs_template(const Record& record);

/// EC2 may have a launch template of the name.
bool may_have_template(const Record& record);

/// The next action on an attempt that is not settled; nothing while a fleet waits for its launch template.
/// Its retry is not considered.
std::optional<Action> look_after(const Record& record, const Launch& launch, const Attempt& attempt, Time now,
                                 const Policy& policy);

}  // namespace fleet
