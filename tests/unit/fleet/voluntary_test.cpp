#include "unit/fleet/story.hpp"

using namespace story;

namespace {

Spec with(auto change) {
    auto spec = a_spec();
    change(spec);
    return spec;
}

Spec follows_recommendations() {
    return with([](Spec& spec) { spec.on_rebalance = OnSignal::replace; });
}

Neighbour a_neighbour(const std::string& name, bool is_missing) {
    return {.name = name, .is_missing = is_missing, .max_unavailable = 1, .pools = {}};
}

}  // namespace

TEST_CASE("a recommendation is noted, unless the spec says that it is followed") {
    Story noted;
    noted.serve(1);
    noted.learn(RebalanceAdvised{"i-1"});
    CHECK(noted.record.launches.size() == 1);
    CHECK(noted.state() == State::serving);

    Story s(follows_recommendations());
    s.serve(1);
    s.learn(RebalanceAdvised{"i-1"});
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.launch().reason == Reason::rebalance);
    CHECK(s.launch().why == "AWS recommends to replace machine i-1");
    // The old one serves until the next is ready, and goes when nobody holds its address.
    CHECK(wanted_write(s.record, Side::private_)->generation == 1);
    s.serve(2);
    CHECK(s.state() == State::replacing);
    CHECK(s.reason().find("machine i-1 is ended when no resolver holds its address any more") !=
          std::string::npos);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    const auto in_sync = s.now;
    s.wait_for_deadline();
    CHECK(s.now == in_sync + 30s);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
    s.describe("i-1", Ec2State::shutting_down);
    CHECK(s.state() == State::serving);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("recommendations of one name are followed after a cool-down") {
    Story s(follows_recommendations());
    s.serve(1);
    s.learn(RebalanceAdvised{"i-1"});
    const auto first = s.now;
    s.serve(2);
    s.wait(1min);
    s.describe("i-1", Ec2State::terminated);
    s.learn(RebalanceAdvised{"i-2"});
    CHECK(s.record.launches.size() == 2);
    CHECK(s.reason().find("this waits not before 2026-01-15T13:00:00Z") != std::string::npos);
    s.wait_for_deadline();
    CHECK(s.now == first + s.policy.rebalance_cooldown);
    CHECK(s.record.launches.size() == 3);
}

TEST_CASE("what can wait waits for its turn in the fleet, and says so") {
    Story s(follows_recommendations());
    s.serve(1);
    s.view.replacements = s.policy.replacements_at_once;
    s.learn(RebalanceAdvised{"i-1"});
    CHECK(s.record.launches.size() == 1);
    CHECK(s.state() == State::serving);
    CHECK(s.reason().find("it is to be replaced: AWS recommends to replace machine i-1; this waits until "
                          "fewer than 10 replacements that can wait are under way") != std::string::npos);
    s.wait_for_deadline();
    CHECK(s.now == start + s.policy.turn_every);
    CHECK(s.record.launches.size() == 1);
    SUBCASE("until there is a place") {
        --s.view.replacements;
        s.wait_for_deadline();
        CHECK(s.record.launches.size() == 2);
    }
    SUBCASE("but a notice does not wait") {
        s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
        CHECK(s.launch().reason == Reason::notice);
    }
    SUBCASE("nor does a loss") {
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.launch().reason == Reason::lost);
    }
}

TEST_CASE("a replacement that can wait and finds no capacity gives its turn back, and waits for it again") {
    Story s;
    s.serve(1);
    s.learn(ReplacementAsked{});
    CHECK(is_replacing_voluntarily(s.record));
    s.learn(AttemptSending{2, 1});
    s.learn(AttemptRefused{2, 1, true, "InsufficientInstanceCapacity"});
    CHECK_FALSE(is_replacing_voluntarily(s.record));
    CHECK_FALSE(as_neighbour(s.record).is_missing);
    const auto free = s.now;
    s.view.replacements = s.policy.replacements_at_once;
    s.wait_for_deadline();
    CHECK(s.now - free >= s.policy.relaunch_backoff_first / 2);
    CHECK(s.launch().attempts.size() == 1);
    CHECK(s.reason().find("this waits until fewer than 10 replacements that can wait are under way") !=
          std::string::npos);
    SUBCASE("until there is a place") {
        const auto looked = s.now;
        --s.view.replacements;
        s.wait_for_deadline();
        CHECK(s.now == looked + s.policy.turn_every);
        CHECK(s.launch().attempts.size() == 2);
        CHECK(is_replacing_voluntarily(s.record));
        s.serve(2);
        CHECK_FALSE(is_replacing_voluntarily(s.record));
    }
    SUBCASE("until the group can miss it") {
        s.view.replacements = 0;
        s.view.neighbours = {a_neighbour("kafka-2", true)};
        s.wait_for_deadline();
        CHECK(s.launch().attempts.size() == 1);
        s.view.neighbours = {};
        s.wait_for_deadline();
        CHECK(s.launch().attempts.size() == 2);
    }
    SUBCASE("but not after a notice") {
        s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
        CHECK(s.launch().attempts.size() == 2);
    }
    SUBCASE("nor after a loss") {
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.launch().attempts.size() == 2);
    }
}

TEST_CASE("of a group one at a time is replaced by what can wait; losses are always healed") {
    auto spec = follows_recommendations();
    spec.group = "kafka";
    Story s(spec);
    s.view.neighbours = {a_neighbour("kafka-2", true)};
    s.serve(1);
    s.learn(RebalanceAdvised{"i-1"});
    CHECK(s.record.launches.size() == 1);
    CHECK(s.reason().find("this waits until kafka-2 of the group kafka serves") != std::string::npos);
    SUBCASE("the next when the last is ready") {
        s.view.neighbours = {a_neighbour("kafka-2", false)};
        s.wait_for_deadline();
        CHECK(s.record.launches.size() == 2);
    }
    SUBCASE("the smallest count holds") {
        s.record.spec.max_unavailable = 2;
        s.wait_for_deadline();
        CHECK(s.record.launches.size() == 1);
        s.view.neighbours.front().max_unavailable = 2;
        s.wait_for_deadline();
        CHECK(s.record.launches.size() == 2);
    }
    SUBCASE("a loss") {
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.record.launches.size() == 2);
    }
}

TEST_CASE("what a member shows to its group") {
    Story s;
    CHECK(as_neighbour(s.record).is_missing);
    s.serve(1);
    CHECK_FALSE(as_neighbour(s.record).is_missing);
    CHECK(as_neighbour(s.record).pools == std::vector{s.attempt().pool});
    s.learn(ReplacementAsked{});
    CHECK(as_neighbour(s.record).is_missing);
    CHECK(is_replacing_voluntarily(s.record));
    s.serve(2);
    CHECK_FALSE(as_neighbour(s.record).is_missing);
    CHECK_FALSE(is_replacing_voluntarily(s.record));
    s.learn(Interrupted{"i-2", "terminate", s.now + 2min});
    CHECK(as_neighbour(s.record).is_missing);
    CHECK_FALSE(is_replacing_voluntarily(s.record));
}

TEST_CASE("a planned change is a reason, unless the spec says otherwise") {
    Story s;
    s.serve(1);
    s.learn(ScheduledChange{"i-1", "instance-retirement", s.now + 24h});
    CHECK(s.launch().reason == Reason::scheduled_change);
    CHECK(s.launch().why == "AWS has planned instance-retirement for machine i-1");

    Story noted(with([](Spec& spec) { spec.on_scheduled_change = OnSignal::note; }));
    noted.serve(1);
    noted.learn(ScheduledChange{"i-1", "instance-retirement", {}});
    CHECK(noted.record.launches.size() == 1);
    noted.learn(ScheduledChangeOver{"i-1"});
    CHECK_FALSE(noted.launch().maintenance);
    CHECK(noted.noted("maintenance_over"));
}

TEST_CASE("a planned change that is called off is no reason any more") {
    Story s;
    s.serve(1);
    s.view.replacements = s.policy.replacements_at_once;
    s.learn(ScheduledChange{"i-1", "instance-retirement", s.now + 24h});
    REQUIRE(s.launch().demand);
    s.learn(ScheduledChangeOver{"i-1"});
    CHECK_FALSE(s.launch().demand);
    CHECK(s.noted("not_to_be_replaced"));
}

TEST_CASE("failing status checks and a failing probe are reasons when they last for the spec's patience") {
    auto spec = a_spec();
    spec.readiness.tcp = TcpProbe{22};
    Story s(spec);
    s.request("sir-1");
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::running, addresses(1));
    s.learn(ProbePassed{"i-1"});
    s.learn(MachineTagged{"i-1"});
    s.publish_both("C1");
    s.in_sync("C1");
    const auto began = s.now;
    Reason reason{};
    SUBCASE("status checks") {
        s.learn(StatusChecked{"i-1", true});
        reason = Reason::impaired;
    }
    SUBCASE("the probe") {
        s.learn(ProbeFailed{"i-1", "connection refused"});
        reason = Reason::unwell;
    }
    CHECK(s.record.launches.size() == 1);
    s.wait_for_deadline();
    CHECK(s.now == began + s.record.spec.readiness.patience);
    CHECK(s.launch().reason == reason);
    CHECK(wanted_write(s.record, Side::private_)->generation == 1);
}

TEST_CASE("what serves is not ended before its turn where the last attempt to replace it has failed") {
    Story s;
    s.serve(1);
    s.learn(ReplacementAsked{});
    s.request("sir-2");
    s.learn(Fulfilled{"sir-2", "i-2"});
    s.describe("i-2", Ec2State::running, addresses(2));
    s.learn(SpecChanged{with([](Spec& spec) { spec.replace = Order::stop_first; }), false});
    s.view.replacements = s.policy.replacements_at_once;
    s.wait(s.record.spec.readiness.patience);
    CHECK(s.launch().abandoned);
    CHECK_FALSE(s.record.launches.front().let_go);
    s.view.replacements = 0;
    const auto looked = s.now;
    s.wait_for_deadline();
    CHECK(s.now <= looked + s.policy.turn_every);
    CHECK(s.record.launches.front().let_go);
}

TEST_CASE("what recovers in time, or while it waits for its turn, is not replaced") {
    Story s;
    s.serve(1);
    s.learn(StatusChecked{"i-1", true});
    s.wait(1min);
    s.learn(StatusChecked{"i-1", false});
    s.wait(1h);
    CHECK(s.record.launches.size() == 1);
    CHECK_FALSE(deadline(s.record, s.now, s.policy));

    s.view.replacements = s.policy.replacements_at_once;
    s.learn(StatusChecked{"i-1", true});
    s.wait_for_deadline();
    CHECK(s.launch().demand);
    s.learn(StatusChecked{"i-1", false});
    CHECK_FALSE(s.launch().demand);
    CHECK(s.noted("not_to_be_replaced"));
}

TEST_CASE("a machine that runs and is not ready in time is given up, and the next waits longer each time") {
    Story s;
    Duration longest{};
    for (int number = 1; number <= 4; ++number) {
        const auto last = std::to_string(number);
        s.request("sir-" + last);
        s.learn(Fulfilled{"sir-" + last, "i-" + last});
        s.describe("i-" + last, Ec2State::running, addresses(number));
        s.learn(MachineTagged{"i-" + last});
        const auto runs = s.now;
        s.wait_for_deadline();
        CHECK(s.now == runs + s.record.spec.readiness.patience);
        REQUIRE(s.record.launches.size() == static_cast<std::size_t>(number) + 1);
        CHECK(s.launch().reason == Reason::not_ready);
        CHECK(s.launch().why == "machine i-" + last + ": it ran for 10m without becoming ready");
        CHECK(s.wants(ActionKind::terminate_machine));
        CHECK_FALSE(s.wants(ActionKind::request_spot));
        s.describe("i-" + last, Ec2State::terminated);
        const auto before = s.now;
        s.wait_for_deadline();
        CHECK(s.now - before > longest);
        longest = s.now - before;
        CHECK(s.wants(ActionKind::request_spot));
    }
}

TEST_CASE("patience counts from when this process looks after machines") {
    Story s;
    s.request("sir-1");
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.describe("i-1", Ec2State::running, addresses(1));
    // The manager was away; what the machine had to say may still be in the queue.
    s.now += 1h;
    s.policy.watching_since = s.now;
    s.wait(1min);
    CHECK_FALSE(s.launch().abandoned);
    s.learn_at(s.now - 58min, Reported{.machine = "i-1"});
    CHECK(s.launch().ready);
    CHECK(s.record.launches.size() == 1);
}

TEST_CASE(
    "a user may have another machine at any time; while one is on its way there is nothing to ask for") {
    Story s;
    s.serve(1);
    s.learn(ReplacementAsked{});
    CHECK(s.launch().reason == Reason::asked);
    CHECK(s.record.launches.size() == 2);
    s.learn(ReplacementAsked{});
    s.serve(2);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("stop first: what can wait ends the old machine, and asks for the next when that is gone") {
    Story s(with([](Spec& spec) { spec.replace = Order::stop_first; }));
    s.serve(1);
    SUBCASE("at its user's word") {
        s.learn(ReplacementAsked{});
        CHECK(s.record.launches.size() == 1);
        CHECK(is_replacing_voluntarily(s.record));
        // Its user has said so: DNS is not waited for.
        CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
        CHECK_FALSE(wanted_write(s.record, Side::private_));
        s.describe("i-1", Ec2State::shutting_down);
        CHECK(s.record.launches.size() == 1);
        s.describe("i-1", Ec2State::terminated);
        REQUIRE(s.record.launches.size() == 2);
        CHECK(s.launch().reason == Reason::asked);
        s.serve(2);
        CHECK_FALSE(is_replacing_voluntarily(s.record));
    }
    SUBCASE("a notice: AWS ends it") {
        s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
        CHECK(s.record.launches.size() == 1);
        CHECK_FALSE(s.wants(ActionKind::terminate_machine));
        CHECK(wanted_write(s.record, Side::private_)->generation == 1);
        s.describe("i-1", Ec2State::terminated);
        REQUIRE(s.record.launches.size() == 2);
        CHECK(s.launch().reason == Reason::notice);
    }
    SUBCASE("a notice that AWS does not carry out: it is replaced all the same") {
        s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
        s.wait_for_deadline();
        CHECK(s.now == s.launch().notice->terminate_by + s.policy.leave_after);
        CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
        s.describe("i-1", Ec2State::terminated);
        REQUIRE(s.record.launches.size() == 2);
        s.serve(2);
        CHECK(s.state() == State::serving);
    }
    SUBCASE("a stopped machine still holds the disk") {
        s.describe("i-1", Ec2State::stopped);
        CHECK(s.record.launches.size() == 1);
        CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.record.launches.size() == 2);
    }
}

TEST_CASE("DNS never comes back to a machine that is to be ended") {
    Story s(follows_recommendations());
    s.serve(1);
    s.learn(RebalanceAdvised{"i-1"});
    s.serve(2);
    SUBCASE("before the old one is given up it can serve again") {
        s.describe("i-2", Ec2State::terminated);
        CHECK(wanted_write(s.record, Side::private_)->generation == 1);
        CHECK(s.launch().reason == Reason::lost);
        s.wait(1min);
        CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    }
    SUBCASE("afterwards it cannot") {
        s.wait(30s);
        CHECK(s.record.launches.front().abandoned);
        s.describe("i-2", Ec2State::terminated);
        CHECK_FALSE(wanted_write(s.record, Side::private_));
    }
}
