#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "simulation/simulation.hpp"

/// Lives of small fleets, from one seed each, until so many steps are done. A life that violates a rule is
/// told in full.
namespace {

int replay(std::uint64_t seed) {
    simulation::Simulation life(seed, simulation::Mutation::none, true);
    const auto violation = life.run();
    for (const auto& line : life.story()) {
        fmt::print("{}\n", line);
    }
    fmt::print("\nseed {}: {}\n", seed, violation.value_or("every rule held"));
    return violation ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A small fleet and a model of AWS on virtual time, with every fault, from one seed");
    std::uint64_t steps = 1'000'000;
    std::uint64_t seed = 1;
    bool only = false;
    app.add_option("--steps", steps, "how many steps, at least; life after life, each with the next seed");
    app.add_option("--seed", seed, "of the first life");
    app.add_flag("--story", only, "only this seed's life, told in full");
    CLI11_PARSE(app, argc, argv);
    if (only) {
        return replay(seed);
    }
    const auto begun = std::chrono::steady_clock::now();
    std::uint64_t done = 0;
    std::uint64_t lives = 0;
    for (; done < steps; ++seed, ++lives) {
        simulation::Simulation life(seed);
        const auto violation = life.run();
        done += life.steps();
        if (violation) {
            return replay(seed);
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    fmt::print("{} steps in {} lives, every rule held; {:.0f} s, {:.0f} steps a second\n", done, lives,
               took.count(), static_cast<double>(done) / took.count());
}
