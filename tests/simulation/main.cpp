#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iterator>

#include "simulation/simulation.hpp"
#include "simulation/year.hpp"

namespace {

using simulation::Mutation;

/// Tells one life in full.
int tell(std::uint64_t seed) {
    simulation::Simulation life(seed, Mutation::none, true);
    const auto violation = life.run();
    for (const auto& line : life.story()) {
        fmt::print("{}\n", line);
    }
    fmt::print("\nseed {}: {}\n", seed, violation.value_or("every rule held"));
    return violation ? 1 : 0;
}

/// Life after life, each with the next seed, until so many steps are done.
int live(std::uint64_t steps, std::uint64_t seed) {
    const auto begun = std::chrono::steady_clock::now();
    std::uint64_t done = 0;
    std::uint64_t lives = 0;
    for (; done < steps; ++seed, ++lives) {
        simulation::Simulation life(seed);
        const auto violation = life.run();
        done += life.steps();
        if (violation) {
            return tell(seed);
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    fmt::print("{} steps in {} lives, every rule held; {:.0f} s, {:.0f} steps a second\n", done, lives,
               took.count(), static_cast<double>(done) / took.count());
    return 0;
}

struct Years {
    std::vector<double> taken_a_month{5, 20, 60};
    std::vector<int> boots{30, 90, 180};
    int names = 200;
    std::string prices;
};

/// The table of the README.
int compare(const Years& years, std::uint64_t seed) {
    simulation::Prices prices;
    if (!years.prices.empty()) {
        std::ifstream file(years.prices);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto document = base::parse_json(text);
        const auto read = document ? base::from_json<simulation::Prices>(*document, base::UnknownKeys::reject)
                                   : std::unexpected(base::FieldErrors{});
        if (!read) {
            fmt::print(stderr, "{}: no table of prices\n", years.prices);
            return 2;
        }
        prices = *read;
    }
    fmt::print(
        "| taken a month | boot | policy | interruptions | availability | down: mean | p50 | p99 | "
        "mean, asked anew | {} |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        prices.empty() ? "hours: spot, on demand" : "cost");
    for (const double taken : years.taken_a_month) {
        for (const int boot : years.boots) {
            for (auto year : simulation::policies()) {
                year.taken_a_month = taken;
                year.boots_in = std::chrono::seconds{boot};
                year.names = years.names;
                const auto fared = simulation::live_a_year(year, prices, seed);
                const auto money =
                    prices.empty() ? fmt::format("{:.0f}, {:.0f}", fared.spot_hours, fared.on_demand_hours)
                                   : fmt::format("{:.1f} %", fared.cost);
                fmt::print(
                    "| {:.0f} % | {} s | {} | {} | {:.3f} % | {:.0f} s | {:.0f} s | {:.0f} s | {:.0f} s "
                    "| {} |\n",
                    taken, boot, year.policy, fared.interruptions, fared.availability, fared.held.mean,
                    fared.held.p50, fared.held.p99, fared.asked_anew.mean, money);
                std::fflush(stdout);
            }
        }
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A small fleet and a model of AWS on virtual time, from one seed");
    std::uint64_t steps = 1'000'000;
    std::uint64_t seed = 1;
    Years years;
    app.add_option("--seed", seed, "of the first life");
    app.add_option("--steps", steps, "how many steps, at least, with every fault; life after life");
    bool story = false;
    bool year = false;
    app.add_flag("--story", story, "only the seed's life, told in full");
    app.add_flag("--year", year, "a year of a fleet for each policy: no faults but interruptions");
    app.add_option("--taken", years.taken_a_month, "percent of the machines that AWS takes within a month");
    app.add_option("--boot", years.boots, "seconds that a machine takes from running to ready");
    app.add_option("--names", years.names, "in each fleet");
    app.add_option("--prices", years.prices,
                   "a table of prices, as config/prices.json; else hours are shown");
    CLI11_PARSE(app, argc, argv);
    return year ? compare(years, seed) : story ? tell(seed) : live(steps, seed);
}
