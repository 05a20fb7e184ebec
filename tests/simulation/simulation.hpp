#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulation/fleet.hpp"

namespace simulation {

/// A small fleet through hours in which everything goes wrong that can, and then through calm ones, until all
/// is as its users want it. The same seed gives the same life.
class Simulation {
  public:
    explicit Simulation(std::uint64_t seed, Mutation mutation = Mutation::none, bool told = false);

    /// What was violated, or nothing.
    std::optional<std::string> run();

    std::uint64_t steps() const { return fleet_.steps(); }

    /// Line by line, when it is told.
    const std::vector<std::string>& story() const { return fleet_.stage.story.lines(); }

  private:
    void come_to_rest();

    Fleet fleet_;
};

}  // namespace simulation
