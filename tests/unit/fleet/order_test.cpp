#include <numeric>

#include "unit/fleet/story.hpp"

using namespace story;

namespace {

/// What a launch's facts say.
Launch told_in(const std::vector<Fact>& facts, const std::vector<std::size_t>& order) {
    Story s;
    s.request("sir-1");
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.now = start + 2min;
    for (const auto index : order) {
        s.learn_at(facts[index].at, facts[index].body);
    }
    return s.record.launches.front();
}

/// Every order of the facts ends in the same launch.
void check_every_order(const std::vector<Fact>& facts) {
    std::vector<std::size_t> order(facts.size());
    std::iota(order.begin(), order.end(), 0);
    const auto expected = told_in(facts, order);
    while (std::ranges::next_permutation(order).found) {
        if (told_in(facts, order) != expected) {
            std::string text;
            for (const auto index : order) {
                text += std::to_string(index) + " ";
            }
            FAIL("another launch when told in the order " << text);
        }
    }
}

}  // namespace

TEST_CASE("the facts of a launch end in the same launch in every order") {
    check_every_order({
        {start + 10s, StateChanged{"i-1", Ec2State::pending}},
        {start + 20s, StateChanged{"i-1", Ec2State::running}},
        {start + 15s, MachineDescribed{"i-1", Ec2State::pending, {}}},
        {start + 25s, MachineDescribed{"i-1", Ec2State::running, addresses(1)}},
        {start + 40s, Reported{.machine = "i-1", .kind = ReportKind::legacy}},
        {start + 45s, Reported{.machine = "i-1", .kind = ReportKind::booted}},
        {start + 30s, RequestDescribed{"sir-1", RequestState::active, "fulfilled", "i-1"}},
    });
}

TEST_CASE("warnings and looks beside them end in the same launch in every order") {
    check_every_order({
        {start + 20s, StateChanged{"i-1", Ec2State::running}},
        {start + 25s, MachineDescribed{"i-1", Ec2State::running, addresses(1)}},
        {start + 50s, RebalanceAdvised{"i-1"}},
        {start + 55s, RebalanceAdvised{"i-1"}},
        {start + 60s, Interrupted{"i-1", "terminate", start + 180s}},
        {start + 61s, Interrupted{"i-1", "terminate", start + 181s}},
        {start + 30s, MachineTagged{"i-1"}},
    });
}

TEST_CASE("a loss ends in the same launch in every order of what tells of it") {
    const std::vector<Fact> facts{
        {start + 20s, StateChanged{"i-1", Ec2State::running}},
        {start + 70s, StateChanged{"i-1", Ec2State::shutting_down}},
        {start + 80s, StateChanged{"i-1", Ec2State::terminated}},
        {start + 75s, MachineDescribed{"i-1", Ec2State::shutting_down, {}}},
        {start + 90s, MachineDescribed{"i-1", Ec2State::terminated, {}}},
        {start + 21s, MachineDescribed{"i-1", Ec2State::running, addresses(1)}},
    };
    std::vector<std::size_t> order(facts.size());
    std::iota(order.begin(), order.end(), 0);
    do {
        const auto launch = told_in(facts, order);
        CHECK(launch.ec2_state == Ec2State::terminated);
        CHECK(launch.lost == start + 70s);
        CHECK(launch.terminated == start + 90s);
        CHECK_FALSE(launch.claim);
    } while (std::ranges::next_permutation(order).found);
}
