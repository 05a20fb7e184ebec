#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/manager.hpp"
#include "simulation/people.hpp"

namespace simulation {

/// A small fleet through hours in which everything goes wrong that can, and then through calm ones, until all
/// is as its users want it. The same seed gives the same life.
class Simulation {
  public:
    explicit Simulation(std::uint64_t seed, Mutation mutation = Mutation::none, bool told = false);

    /// What was violated, or nothing.
    std::optional<std::string> run();

    /// Of everything, so far.
    std::uint64_t steps() const { return steps_; }

    /// Line by line, when it is told.
    const std::vector<std::string>& story() const { return stage_.story.lines(); }

  private:
    bool step(Time until);
    void come_to_rest();

    Stage stage_;
    World world_;
    Wishes wishes_;
    MutatedLedger ledger_;
    Checks checks_;
    Manager manager_;
    People people_;
    std::uint64_t steps_ = 0;
};

}  // namespace simulation
