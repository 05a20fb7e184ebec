#pragma once

#include <optional>

#include "fleet/policy.hpp"
#include "fleet/record.hpp"

/// Why a machine that is ready is to be replaced all the same.
namespace fleet {

/// What the signs about the machine lead to now, as the spec has it.
std::optional<Demand> demand_of(const Record& record, const Launch& launch, Time now, const Policy& policy);

/// It follows from signs about the machine, and goes when they do; others are its user's word, or given up
/// with the launch.
bool follows_from_signs(Reason reason);

/// When demand_of() will next answer otherwise if nothing else is learned.
std::optional<Time> next_demand(const Record& record, const Launch& launch, const Policy& policy);

/// A machine that runs and is not ready by then is given up.
std::optional<Time> ready_by(const Spec& spec, const Launch& launch, const Policy& policy);

}  // namespace fleet
