#pragma once

#include <cstdint>

#include "simulation/manager.hpp"
#include "simulation/people.hpp"

namespace simulation {

/// One account with its manager, its users and everything that happens to them, from one seed.
class Fleet {
  public:
    Fleet(std::uint64_t seed, const Settings& how, Mutation mutation, bool told);

    /// Does what comes next; false when nothing does until then.
    bool step(Time until);

    std::uint64_t steps() const { return steps_; }

    Stage stage;
    World world;
    Wishes wishes;
    MutatedLedger ledger;
    Checks checks;
    Manager manager;
    People people;

  private:
    std::uint64_t steps_ = 0;
};

}  // namespace simulation
