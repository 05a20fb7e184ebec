#pragma once

#include <optional>

#include "fleet/life_cycle.hpp"

/// What a record demands by itself, once its facts are learned: the part of the life cycle that takes
/// decisions.
namespace fleet {

/// Draws the consequences: a launch became ready, a lost one needs a successor, a closed attempt the next.
void plan(Step& step, Time at, const FleetView& view, Time now, const Policy& policy);

/// When plan() would next change something though no fact is learned: also a time that has come since it last
/// looked.
std::optional<Time> next_change(const Record& record, Time now, const Policy& policy);

/// Adds a line to the step's journal.
void note(Step& step, Time at, std::string event, std::string text, const Launch* launch = nullptr);

}  // namespace fleet
