#include "simulation/year.hpp"

#include <cmath>

#include "simulation/fleet.hpp"
#include "simulation/year_report.hpp"

namespace simulation {

namespace json = base::json;

namespace {

constexpr Duration month = 30 * 24h;
constexpr Duration a_year = 365 * 24h;

/// What users of the neighbouring tools saw of AWS: two thirds of the notices come after a recommendation,
/// more than half of the recommendations come to nothing, some notices come late or never.
Settings settings_for(const YearOf& year) {
    Settings how;
    how.boots_min = year.boots_in;
    how.boots_max = year.boots_in;
    const double rate = -std::log(1 - year.taken_a_month / 100);
    how.taken_once_in = Duration{static_cast<std::int64_t>(static_cast<double>(month.count()) / rate)};
    how.notice_late = 3;
    how.notice_missing = 2;
    how.advised_before = 70;
    how.advised_in_vain = how.taken_once_in;
    how.dries_up = 30;
    how.sweep_every = 5min;
    how.sweeps_at_rest = false;
    return how;
}

json::object spec_of(const YearOf& year, const std::string& name) {
    json::object spec{{"name", name},
                      {"image_id", "ami-1"},
                      {"image", {{"schedule", "off"}}},
                      {"instance_types", json::array{"t3.large"}},
                      {"subnet_ids", json::array{"subnet-1"}},
                      {"security_group_ids", json::array{"sg-1"}},
                      {"dns", {{"private", {{"name", name + ".example.com"}, {"zone_id", "Z1"}}}}}};
    for (const auto& [key, value] : year.spec) {
        spec[key] = value;
    }
    return spec;
}

}  // namespace

std::vector<YearOf> policies() {
    return {
        {.policy = "as it comes", .spec = {}},
        {.policy = "`replace: stop_first`", .spec = {{"replace", "stop_first"}}},
        {.policy = "`on_rebalance: replace`", .spec = {{"on_rebalance", "replace"}}},
        {.policy = "six pools",
         .spec = {{"instance_types", json::array{"t3.large", "t3a.large", "m5.large"}},
                  {"subnet_ids", json::array{"subnet-1", "subnet-2"}}}},
        {.policy = "`fallback` after 2m", .spec = {{"fallback", {{"after", "2m"}}}}},
    };
}

Fared live_a_year(const YearOf& year, const Prices& prices, std::uint64_t seed) {
    Fleet fleet(seed, settings_for(year), Mutation::none, false);
    const auto begun = fleet.stage.now();
    for (int i = 1; i <= year.names; ++i) {
        const auto name = "name-" + std::to_string(i);
        fleet.stage.timeline.after(fleet.stage.chance.between(0s, 24h), [&fleet, &year, name] {
            fleet.people.register_name(name, spec_of(year, name));
        });
    }
    fleet.manager.start();
    while (fleet.step(begun + a_year)) {
    }
    return report(fleet.world, prices, fleet.stage.now());
}

}  // namespace simulation
