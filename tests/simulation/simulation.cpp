#include "simulation/simulation.hpp"

namespace simulation {
namespace {

constexpr Duration unkind_for = 2h;
/// After faults stop: a request open too long and the longest back-offs, and some room.
constexpr Duration at_rest_within = 2h;

/// Each life has its own mixture of what is unkind.
Settings unkind(Chance& chance) {
    const auto up_to = [&](double most) { return chance.percent(30) ? 0.0 : most * chance.unit(); };
    Settings how;
    how.lost = up_to(30);
    how.doubled = up_to(30);
    how.late = up_to(30);
    how.failed = up_to(20);
    how.unanswered = up_to(20);
    how.slow = up_to(10);
    how.refused = up_to(15);
    how.stale = up_to(30);
    how.crashed = up_to(2);
    how.taken_once_in = chance.between(10min, 120min);
    how.notice_late = up_to(50);
    how.notice_missing = up_to(50);
    how.advised_before = up_to(60);
    how.dries_up = up_to(60);
    how.mischief_once_in = chance.between(15min, 180min);
    how.drought_once_in = chance.between(15min, 120min);
    how.strangers_once_in = chance.between(15min, 120min);
    how.orders_once_in = chance.between(5min, 60min);
    return how;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, Mutation mutation, bool told)
    : stage_(seed, {}, mutation, told),
      world_(stage_),
      ledger_(mutation),
      checks_(stage_, world_, ledger_, wishes_),
      manager_(stage_, world_, checks_, ledger_),
      people_(stage_, world_, ledger_, wishes_) {
    stage_.settings = unkind(stage_.chance);
    world_.on_message = [this] { manager_.wake(); };
}

std::optional<std::string> Simulation::run() {
    people_.register_fleet(2 + static_cast<int>(stage_.chance.below(4)));
    people_.begin_orders();
    world_.begin_strangers();
    world_.begin_droughts();
    manager_.start();
    const Time until = stage_.now() + unkind_for;
    while (!stage_.violation && step(until)) {
    }
    if (!stage_.violation) {
        world_.calm_down();
        come_to_rest();
    }
    return stage_.violation;
}

bool Simulation::step(Time until) {
    if (!stage_.timeline.step(until)) {
        return false;
    }
    ++steps_;
    manager_.maybe_crash();
    return true;
}

void Simulation::come_to_rest() {
    const Time until = stage_.now() + at_rest_within;
    std::optional<std::string> missing = "nobody has looked";
    for (Time look = stage_.now(); missing && look <= until && !stage_.violation; look += 1min) {
        while (!stage_.violation && step(look)) {
        }
        missing = checks_.what_is_missing();
    }
    if (missing && !stage_.violation) {
        stage_.violated("rule 9: " + *missing);
    }
}

}  // namespace simulation
