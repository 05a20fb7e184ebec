#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "simulation/schedule.hpp"

/// SPOT_MANAGER_SEED replays one schedule and shows its journal; SPOT_MANAGER_SCHEDULES says how many are
/// tried.
namespace {

using simulation::Mutation;
using simulation::Schedule;

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text ? base::parse_number(text).value_or(otherwise) : otherwise;
}

/// The first violation that begins with `rule` in so many schedules.
bool is_noticed(Mutation mutation, std::string_view rule) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        if (const auto violation = Schedule(seed, mutation).run();
            violation && violation->starts_with(rule)) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("what always holds does, in every schedule") {
    const auto only = number_in("SPOT_MANAGER_SEED", 0);
    const auto first = only ? only : 1;
    const auto last = only ? only : number_in("SPOT_MANAGER_SCHEDULES", 2000);
    for (auto seed = first; seed <= last; ++seed) {
        Schedule schedule(seed, Mutation::none);
        const auto violation = schedule.run();
        for (const auto& entry : only ? schedule.journal() : std::vector<fleet::JournalEntry>{}) {
            MESSAGE(base::format_time(entry.at), " ", entry.generation.value_or(0), " ", entry.text);
        }
        CHECK_MESSAGE(!violation,
                      ("SPOT_MANAGER_SEED=" + std::to_string(seed) + ": " + violation.value_or("")));
    }
}

TEST_CASE("each rule's check can fail") {
    CHECK(is_noticed(Mutation::cancel_is_believed, "rule 2: two attempts"));
    CHECK(is_noticed(Mutation::sent_before_durable, "rule 2: an attempt is sent before"));
    CHECK(is_noticed(Mutation::claims_are_published, "rule 3"));
    CHECK(is_noticed(Mutation::dns_is_left_at_once, "rule 4"));
    CHECK(is_noticed(Mutation::loss_is_not_confirmed, "rule 5"));
    CHECK(is_noticed(Mutation::failures_are_not_delayed, "an action is repeated without a back-off"));
    CHECK(is_noticed(Mutation::publishing_is_forgotten, "rule 9"));
    CHECK(is_noticed(Mutation::retiring_ends_early, "retired: machine"));
    CHECK(is_noticed(Mutation::retiring_ends_early, "retired: spot request"));
    CHECK(is_noticed(Mutation::retiring_ends_early, "retired: a DNS record"));
    CHECK(is_noticed(Mutation::anything_is_deleted, "rule 8"));
    CHECK(is_noticed(Mutation::machine_goes_first, "rule 4"));
}
