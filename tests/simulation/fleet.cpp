#include "simulation/fleet.hpp"

namespace simulation {

Fleet::Fleet(std::uint64_t seed, const Settings& how, Mutation mutation, bool told)
    : stage(seed, how, mutation, told),
      world(stage),
      ledger(mutation),
      checks(stage, world, ledger, wishes),
      manager(stage, world, checks, ledger),
      people(stage, world, ledger, wishes) {
    world.on_message = [this] { manager.wake(); };
}

bool Fleet::step(Time until) {
    if (!stage.timeline.step(until)) {
        return false;
    }
    ++steps_;
    manager.maybe_crash();
    return true;
}

}  // namespace simulation
