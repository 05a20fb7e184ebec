#include "fleet/retirement.hpp"
#include "unit/fleet/story.hpp"

using namespace story;

namespace {

Spec several_pools() {
    auto spec = a_spec();
    spec.instance_types = {"t3.small", "t3.large"};
    return spec;
}

const Pool small{"t3.small", "subnet-1"};
const Pool large{"t3.large", "subnet-1"};

void make_template(Story& s) {
    REQUIRE(s.wants(ActionKind::make_template));
    s.learn(TemplateMade{{"lt-1", s.record.spec_revision, s.record.spec_revision}});
}

/// The newest attempt is sent.
void send(Story& s) {
    const auto action = s.action(ActionKind::create_fleet);
    s.learn(AttemptSending{action.generation, action.attempt});
}

void answer(Story& s, const std::string& machine, std::vector<Pool> no_capacity = {}) {
    s.learn(FleetAnswered{s.launch().generation, s.attempt().number, "fleet-1", machine, large,
                          std::move(no_capacity)});
}

}  // namespace

TEST_CASE(
    "fleet: a spec with several pools asks for a machine in all of them, once there is a launch template") {
    Story s(several_pools());
    CHECK(s.attempt().by == Asking::fleet);
    CHECK(s.attempt().pools == std::vector{small, large});
    CHECK(s.kinds() == std::vector{ActionKind::make_template});
    make_template(s);
    CHECK(s.kinds() == std::vector{ActionKind::create_fleet});
    CHECK(s.reason() == "a machine is asked for in 2 pools");
    send(s);
    answer(s, "i-1");
    CHECK(s.launch().machine == "i-1");
    CHECK(s.attempt().pool == large);
    CHECK(s.attempt().fleet == "fleet-1");
    CHECK(s.launch().tagged);
    CHECK(s.kinds() == std::vector{ActionKind::describe_machine});
}

TEST_CASE("fleet: what EC2 says of the machine's spot request is ours too") {
    Story s(several_pools());
    make_template(s);
    send(s);
    answer(s, "i-1");
    s.learn(
        MachineDescribed{.machine = "i-1", .state = Ec2State::pending, .addresses = {}, .request = "sir-1"});
    CHECK(keys_of(s.record).requests == std::vector<std::string>{"sir-1"});
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.learn(RequestDescribed{"sir-1", RequestState::active, "fulfilled", "i-1"});
    CHECK(s.launch().machine == "i-1");
    CHECK_FALSE(s.attempt().surplus);
    CHECK_FALSE(s.wants(ActionKind::cancel_request));
}

TEST_CASE("fleet: pools without capacity are held against them, beside a machine and without one") {
    Story s(several_pools());
    make_template(s);
    send(s);
    SUBCASE("one had none, the other gave a machine") {
        answer(s, "i-1", {small});
        REQUIRE(s.view.pools.size() == 1);
        CHECK(s.view.pools[0].pool == small);
        CHECK(s.view.pools[0].avoid_until > s.now);
    }
    SUBCASE("one had none, and the quota was in the way of the other: it is asked next") {
        s.learn(AttemptRefused{1, 1, true, "no spot capacity for t3.small in subnet-1", {small}});
        CHECK(s.attempt().closed);
        s.wait_for_deadline();
        CHECK(s.attempt().number == 2);
        CHECK(s.attempt().pools == std::vector{large});
        CHECK(s.attempt().left_out.contains("t3.small in subnet-1 (no capacity, avoided until"));
        send(s);
        s.learn(AttemptRefused{1, 2, false, "the account's quota is used up"});
        CHECK(s.reason().contains("the account's quota is used up; not asked: t3.small in subnet-1"));
        CHECK(s.kinds().empty());
    }
    SUBCASE("all had none: all are asked again after a wait") {
        s.learn(AttemptRefused{1, 1, true, "EC2 has launched nothing and does not say why"});
        CHECK(s.view.pools.size() == 2);
        CHECK(s.kinds().empty());
        s.wait_for_deadline();
        CHECK(s.attempt().pools.size() == 2);
    }
}

TEST_CASE("fleet: a lost answer is looked for by the machine's token before it is sent again") {
    Story s(several_pools());
    make_template(s);
    send(s);
    CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
    SUBCASE("there is a machine") {
        s.learn(FleetAnswered{1, 1, "fleet-1", "i-1", small});
        CHECK(s.launch().machine == "i-1");
        CHECK(s.launch().attempts.size() == 1);
    }
    SUBCASE("there is none: the same is sent again") {
        const auto token = s.attempt().token;
        s.learn(AttemptNotFound{1, 1});
        CHECK(s.kinds() == std::vector{ActionKind::create_fleet});
        CHECK(s.attempt().token == token);
        send(s);
        s.learn(AttemptRefused{1, 1, false, "quota"});
        // The first may have been taken.
        CHECK_FALSE(s.attempt().closed);
        s.wait(s.policy.visible_after);
        CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
        s.learn(AttemptNotFound{1, 1});
        CHECK(s.attempt().closed);
    }
}

TEST_CASE("fleet: a machine that comes after its attempt was given up is ended") {
    Story s(several_pools());
    make_template(s);
    send(s);
    s.learn(AttemptRefused{1, 1, true, "no spot capacity"});
    s.wait_for_deadline();
    REQUIRE(s.attempt().number == 2);
    s.learn(FleetAnswered{1, 1, "fleet-1", "i-1", small});
    CHECK_FALSE(s.launch().machine);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
    s.describe("i-1", Ec2State::shutting_down);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
}

TEST_CASE("fleet: one answer with two machines keeps the first and ends the other") {
    Story s(several_pools());
    make_template(s);
    send(s);
    answer(s, "i-1");
    answer(s, "i-2");
    CHECK(s.launch().machine == "i-1");
    CHECK(s.action(ActionKind::terminate_machine).id == "i-2");
}

TEST_CASE("fleet: a machine that the record does not know is adopted") {
    Story s(several_pools());
    make_template(s);
    SUBCASE("of an attempt whose answer was lost") {
        send(s);
        s.learn(Adopted{
            .generation = 1, .request = "", .token = s.attempt().token, .machine = "i-1", .pool = large});
        CHECK(s.launch().machine == "i-1");
        CHECK(s.attempt().pool == large);
    }
    SUBCASE("of a launch that an older store does not know") {
        s.learn(Adopted{
            .generation = 3, .request = "", .token = "t", .late = true, .machine = "i-3", .pool = large});
        CHECK(s.launch().generation == 3);
        CHECK(s.launch().reason == Reason::adopted);
        CHECK(s.launch().machine == "i-3");
        CHECK(s.launch().tagged);
        CHECK(s.wants(ActionKind::describe_machine));
        CHECK_FALSE(s.wants(ActionKind::create_fleet));
        s.learn(Adopted{
            .generation = 3, .request = "", .token = "t", .late = true, .machine = "i-3", .pool = large});
        CHECK(std::ranges::count(s.record.launches, 3, &Launch::generation) == 1);
    }
}

TEST_CASE("fleet: another spec needs another version, and what was not sent of the old one is not") {
    Story s(several_pools());
    make_template(s);
    ++s.record.spec_revision;
    s.wait(0s);
    CHECK(s.launch().attempts.size() == 2);
    CHECK(s.kinds() == std::vector{ActionKind::make_template});
    make_template(s);
    CHECK(s.action(ActionKind::create_fleet).attempt == 2);
    send(s);
    ++s.record.spec_revision;
    make_template(s);
    CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
    s.learn(AttemptNotFound{1, 2});
    CHECK_FALSE(s.wants(ActionKind::create_fleet));
    s.wait(s.policy.visible_after);
    s.learn(AttemptNotFound{1, 2});
    CHECK(s.launch().attempts[1].closed);
}

TEST_CASE("fleet: a launch template that is gone is made again") {
    Story s(several_pools());
    make_template(s);
    send(s);
    s.learn(TemplateGone{});
    s.learn(AttemptRefused{1, 1, false, "InvalidLaunchTemplateId.NotFound"});
    CHECK(s.kinds() == std::vector{ActionKind::make_template});
    make_template(s);
    s.wait_for_deadline();
    CHECK(s.action(ActionKind::create_fleet).attempt == 2);
}

TEST_CASE("fleet: a retired name's launch template is deleted last") {
    Story s(several_pools());
    make_template(s);
    send(s);
    s.learn(RetirementAsked{"uid-2", false});
    CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
    answer(s, "i-1");
    CHECK(s.kinds() == std::vector{ActionKind::terminate_machine});
    s.describe("i-1", Ec2State::terminated);
    CHECK(s.kinds() == std::vector{ActionKind::delete_template});
    CHECK_FALSE(is_over(s.record));
    CHECK(s.reason().contains("its launch template is being deleted"));
    s.learn(TemplateGone{});
    CHECK(is_over(s.record));
    CHECK(s.kinds().empty());
}

TEST_CASE("fleet: a notice turns the next launch to another pool") {
    Story s(several_pools());
    make_template(s);
    send(s);
    answer(s, "i-1");
    s.run("sir-none", "i-1");
    s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
    REQUIRE(s.view.pools.size() == 1);
    CHECK(s.view.pools[0].pool == large);
    CHECK(s.view.pools[0].why == "a notice there");
    // Told again, it is the same notice.
    s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
    CHECK(s.view.pools[0].failures == 1);
    s.describe("i-1", Ec2State::terminated);
    CHECK(s.launch().generation == 2);
    CHECK(s.attempt().pools == std::vector{small});
}
