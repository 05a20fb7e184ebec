#include <algorithm>
#include <array>
#include <map>

#include "fleet/launch.hpp"
#include "fleet/retirement.hpp"
#include "simulation/schedule.hpp"

/// What always holds, checked against the model of AWS; src/README.md numbers the rules.
namespace simulation {

using namespace fleet;

void Schedule::violated(const std::string& rule) {
    violation_ = violation_.value_or(rule + " (at " + base::format_time(now_) + ")");
}

/// The record is erased: nothing of ours may be left, but for a machine that its user keeps.
void Schedule::check_end() {
    for (const auto& [id, request] : aws_.requests) {
        if (request.state == RequestState::open) {
            violated("retired: spot request " + id + " is left open");
        }
    }
    for (const auto& [id, machine] : aws_.machines) {
        const auto* launch = find_by_machine(record_, id);
        const bool kept = launch && is_kept(record_, *launch);
        if (machine.state < Ec2State::shutting_down && !(kept && machine.released)) {
            violated("retired: machine " + id + " is left");
        }
    }
    for (const Side side : {Side::private_, Side::public_}) {
        if (const auto standing = aws_.standing(side); standing && standing->ours) {
            violated("retired: a DNS record points at " + standing->address);
        }
    }
}

void Schedule::check() {
    std::map<int, int> alive;
    for (const auto& [id, request] : aws_.requests) {
        if (aws_.is_alive(id)) {
            ++alive[request.generation];
        }
    }
    if (std::ranges::any_of(alive, [](const auto& entry) { return entry.second > 1; })) {
        violated("rule 2: two attempts of a launch are alive");
    }
    if (alive.size() > 1) {
        violated("rule 5: two launches are alive");
    }
    const std::size_t retries_max = 20;
    if (record_.launches.size() > 50 || record_.retries.size() > retries_max ||
        record_.dns_private.superseded.size() > 20) {
        violated("the record grows");
    }
}

}  // namespace simulation
