#pragma once

#include "simulation/world.hpp"
#include "simulation/year.hpp"

namespace simulation {

/// What a world's records and machines say of the names' year, until `end`.
Fared report(const World& world, const Prices& prices, Time end);

}  // namespace simulation
