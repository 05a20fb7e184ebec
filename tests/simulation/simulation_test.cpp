#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "simulation/simulation.hpp"

/// SPOT_MANAGER_STEPS says how many steps are lived. `fleet-simulation --seed N --story` tells a life.
namespace {

using simulation::Mutation;
using simulation::Simulation;

constexpr std::uint64_t lives_max = 1'500;

std::uint64_t steps_to_live() {
    const char* text = std::getenv("SPOT_MANAGER_STEPS");
    return text ? base::parse_number(text).value_or(0) : 150'000;
}

/// The mutation leads to a violation that tells of `rule`, in one of so many lives.
bool is_noticed(Mutation mutation, std::string_view rule) {
    for (std::uint64_t seed = 1; seed <= lives_max; ++seed) {
        if (const auto violation = Simulation(seed, mutation).run(); violation && violation->contains(rule)) {
            MESSAGE(std::string(boost::describe::enum_to_string(mutation, "?")), ", seed ", seed, ": ",
                    *violation);
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("what always holds does, in every life") {
    std::uint64_t steps = 0;
    for (std::uint64_t seed = 1; steps < steps_to_live(); ++seed) {
        Simulation life(seed);
        const auto violation = life.run();
        steps += life.steps();
        if (violation) {
            FAIL("fleet-simulation --story --seed ", seed, ": ", *violation);
        }
    }
}

TEST_CASE("each rule's check can fail") {
    CHECK(is_noticed(Mutation::registration_is_forgotten, "rule 1: registration"));
    CHECK(is_noticed(Mutation::seen_is_forgotten, "rule 1: registration"));
    CHECK(is_noticed(Mutation::cancel_is_believed, "rule 2: two attempts"));
    CHECK(is_noticed(Mutation::sent_before_durable, "rule 2: an attempt is sent before"));
    CHECK(is_noticed(Mutation::claims_are_published, "rule 3"));
    CHECK(is_noticed(Mutation::dns_is_left_at_once, "rule 4"));
    CHECK(is_noticed(Mutation::machine_goes_first, "rule 4"));
    CHECK(is_noticed(Mutation::loss_is_not_confirmed, "rule 5"));
    CHECK(is_noticed(Mutation::deleted_before_durable, "rule 6"));
    CHECK(is_noticed(Mutation::strangers_are_ended, "rule 7"));
    CHECK(is_noticed(Mutation::kept_machine_is_ended, "rule 7"));
    CHECK(is_noticed(Mutation::anything_is_deleted, "rule 8"));
    CHECK(is_noticed(Mutation::publishing_is_forgotten, "rule 9"));
    CHECK(is_noticed(Mutation::secrets_are_journaled, "rule 10"));
    CHECK(is_noticed(Mutation::failures_are_not_delayed, "an action is repeated without a back-off"));
    CHECK(is_noticed(Mutation::retiring_ends_early, "is left; "));
    CHECK(is_noticed(Mutation::retiring_ends_early, "is left open"));
    CHECK(is_noticed(Mutation::retiring_ends_early, "a DNS record points at"));
    CHECK(is_noticed(Mutation::pause_keeps_the_machine, "it is paused, and machine"));
    CHECK(is_noticed(Mutation::resume_is_forgotten, "it does not serve: paused"));
    CHECK(is_noticed(Mutation::spec_is_not_replaced, "its machine is of an older spec"));
    CHECK(is_noticed(Mutation::group_is_not_asked, "group: "));
    CHECK(is_noticed(Mutation::slots_are_not_counted, "slots: "));
    CHECK(is_noticed(Mutation::newest_good_is_removed, "the newest good one, is removed"));
    CHECK(is_noticed(Mutation::verdicts_are_forgotten, "which has failed"));
    CHECK(is_noticed(Mutation::notices_boot_the_newest, "under a notice"));
    CHECK(is_noticed(Mutation::removal_ends_early, "something of it is left"));
    CHECK(is_noticed(Mutation::images_in_use_are_removed, " is of it"));
    CHECK(is_noticed(Mutation::images_go_before_the_next, "while its successor is being made"));
    CHECK(is_noticed(Mutation::retention_is_forgotten, "none of those that are retained"));
    CHECK(is_noticed(Mutation::image_is_made_of_anything, "which is not ready or is being taken"));
    CHECK(is_noticed(Mutation::pending_is_believed, "asks for one while "));
    CHECK(is_noticed(Mutation::chain_is_forgotten, "is left; "));
    CHECK(is_noticed(Mutation::chain_is_left_to_two, "is in two chains"));
    CHECK(is_noticed(Mutation::kept_images_are_ended, "is ended as an orphan"));
    CHECK(is_noticed(Mutation::removal_is_not_asked, "retired: image"));
    CHECK(is_noticed(Mutation::tests_serve, "of a test"));
}
