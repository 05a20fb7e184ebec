#include "fleet/forecast.hpp"

#include "fleet/urgency.hpp"
#include "story.hpp"

using namespace story;

namespace {

Interrupted notice(const std::string& machine, Time terminate_by) {
    return {machine, "terminate", terminate_by};
}

/// A name's request is taken at once, its machine ready after `boot`.
Story served_after(Duration boot) {
    Story story;
    story.request("sir-1");
    story.wait(boot);
    story.run("sir-1", "i-1");
    story.describe("i-1", Ec2State::running, addresses(1));
    story.publish_both("C1");
    story.in_sync("C1");
    REQUIRE(story.state() == State::serving);
    return story;
}

std::vector<Replacement> storm(std::size_t count, Time needed_by, Duration boot) {
    std::vector<Replacement> names;
    for (std::size_t i = 0; i < count; ++i) {
        // The last of them is the most urgent.
        names.push_back({.name = "lms-" + std::to_string(i),
                         .needed_by = needed_by - std::chrono::milliseconds{i},
                         .boot = boot});
    }
    return names;
}

}  // namespace

TEST_CASE("urgency: a name that is served, or never was, needs nothing") {
    Story story;
    CHECK_FALSE(needed_by(story.record));
    story.serve(1);
    CHECK_FALSE(needed_by(story.record));
}

TEST_CASE("urgency: a notice says when; after the loss it stays as urgent as it was") {
    Story story;
    story.serve(1);
    const auto end = story.now + 2min;
    story.learn(notice("i-1", end));
    CHECK(needed_by(story.record) == end);
    for (const auto& action : story.actions()) {
        CHECK(action.needed_by == end);
    }
    story.wait(2min);
    story.describe("i-1", Ec2State::terminated);
    CHECK(needed_by(story.record) == story.now);
}

TEST_CASE("urgency: a loss without a notice is urgent, and one that EC2 has not confirmed too") {
    Story story;
    story.serve(1);
    story.learn(StateChanged{"i-1", Ec2State::terminated});
    CHECK(needed_by(story.record) == story.now);
    story.describe("i-1", Ec2State::terminated);
    CHECK(needed_by(story.record) == story.now);
}

TEST_CASE("urgency: retired names are not in a hurry") {
    Story story;
    story.serve(1);
    story.learn(notice("i-1", story.now + 2min));
    story.learn(RetirementAsked{"uid-2", false});
    CHECK_FALSE(needed_by(story.record));
}

TEST_CASE("forecast: a name's next machine is followed, from its own last boot") {
    auto story = served_after(40s);
    CHECK_FALSE(replacement_of(story.record));
    story.describe("i-1", Ec2State::terminated);
    auto replacement = replacement_of(story.record);
    REQUIRE(replacement);
    CHECK(replacement->stage == Stage::waiting);
    CHECK(replacement->boot == 40s);
    story.request("sir-2");
    replacement = replacement_of(story.record);
    CHECK(replacement->stage == Stage::requested);
    CHECK(replacement->requested == story.now);
    story.learn(Fulfilled{"sir-2", "i-2"});
    CHECK(replacement_of(story.record)->stage == Stage::booting);
    story.run("sir-2", "i-2");
    story.describe("i-2", Ec2State::running, addresses(2));
    CHECK_FALSE(replacement_of(story.record));
}

TEST_CASE("forecast: in order of urgency, at the rate, and who is too late") {
    const auto end = start + 2min;
    const auto all =
        forecast(storm(1000, end, 60s), {{Asking::request, {.at_once = 50, .per_second = 5}}}, start);
    REQUIRE(all.size() == 1000);
    CHECK(all.front().replacement.name == "lms-999");
    CHECK(all.front().ready == start + 60s);
    CHECK(all.at(49).ready == start + 60s);
    CHECK(all.at(50).ready == start + 60s + 200ms);
    CHECK(all.back().ready == start + 60s + 190s);
    // Those that leave within the minute that is left after the boot: the burst and five a second.
    const auto progress = progress_of(all);
    CHECK(progress.waiting == 1000);
    CHECK(progress.under_way == 0);
    CHECK(progress.late >= 1000 - 50 - 300);
    CHECK(progress.late <= 1000 - 50 - 295);
    CHECK_FALSE(all.front().late);
    CHECK(all.back().late);
}

TEST_CASE("forecast: what is under way does not wait for a turn") {
    std::vector<Replacement> names = storm(1, start + 10s, 30s);
    names.push_back({.name = "asked",
                     .needed_by = start + 10s,
                     .stage = Stage::requested,
                     .requested = start - 25s,
                     .boot = 30s});
    names.push_back(
        {.name = "slow", .needed_by = start - 1s, .stage = Stage::booting, .requested = start - 2min});
    const auto all = forecast(names, {{Asking::request, {.at_once = 0, .per_second = 5}}}, start);
    CHECK(all.at(0).replacement.name == "slow");
    CHECK(all.at(0).ready == start);
    CHECK(all.at(0).late);
    CHECK(all.at(1).ready == start + 5s);
    CHECK_FALSE(all.at(1).late);
    CHECK(all.at(2).ready == start + 30s + 200ms);
    CHECK(progress_of(all).under_way == 2);
    CHECK(progress_of(all).late == 2);
}

TEST_CASE("forecast: fleets and spot requests do not wait for each other") {
    auto names = storm(2, start + 1min, 30s);
    names[0].by = Asking::fleet;
    const auto all = forecast(names,
                              {{Asking::request, {.at_once = 0, .per_second = 5}},
                               {Asking::fleet, {.at_once = 0, .per_second = 5}}},
                              start);
    CHECK(all.at(0).ready == start + 30s + 200ms);
    CHECK(all.at(1).ready == start + 30s + 200ms);
}
