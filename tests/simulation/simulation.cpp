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
    how.quota = chance.percent(30) ? 1 + chance.below(6) : 0;
    how.crashed = up_to(2);
    how.image_fails = up_to(30);
    how.image_bad = up_to(40);
    how.never_boots = up_to(10);
    how.taken_once_in = chance.between(10min, 120min);
    how.notice_late = up_to(50);
    how.notice_missing = up_to(50);
    how.advised_before = up_to(60);
    how.dries_up = up_to(60);
    how.mischief_once_in = chance.between(15min, 180min);
    how.drought_once_in = chance.between(15min, 120min);
    how.strangers_once_in = chance.between(15min, 120min);
    how.replacements_at_once = chance.percent(50) ? 1 : 10;
    how.orders_once_in = chance.between(3min, 45min);
    return how;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, Mutation mutation, bool told) : fleet_(seed, {}, mutation, told) {
    fleet_.stage.settings = unkind(fleet_.stage.chance);
}

std::optional<std::string> Simulation::run() {
    auto& stage = fleet_.stage;
    fleet_.people.register_fleet(2 + static_cast<int>(stage.chance.below(4)));
    fleet_.people.begin_orders();
    fleet_.world.begin_strangers();
    fleet_.world.begin_droughts();
    fleet_.manager.start();
    const Time until = stage.now() + unkind_for;
    while (!stage.violation && fleet_.step(until)) {
    }
    if (!stage.violation) {
        fleet_.world.calm_down();
        come_to_rest();
    }
    return stage.violation;
}

void Simulation::come_to_rest() {
    auto& stage = fleet_.stage;
    const Time until = stage.now() + at_rest_within;
    std::optional<std::string> missing = "nobody has looked";
    for (Time look = stage.now(); missing && look <= until && !stage.violation; look += 1min) {
        while (!stage.violation && fleet_.step(look)) {
        }
        missing = fleet_.checks.what_is_missing();
    }
    if (missing) {
        stage.violated("rule 9: " + *missing);
    }
}

}  // namespace simulation
