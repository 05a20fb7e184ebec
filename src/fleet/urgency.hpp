#pragma once

#include <optional>

#include "fleet/record.hpp"

namespace fleet {

/// When the name is without a machine that serves: the end that a notice sets, or, in the past, when the last
/// machine was lost (or is said to be). Nothing while a machine serves that nobody takes, before the first
/// one has served, and when the name is not to run. The nearest time is the most urgent.
std::optional<Time> needed_by(const Record& record);

}  // namespace fleet
