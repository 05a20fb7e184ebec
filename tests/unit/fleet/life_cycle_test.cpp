#include "unit/fleet/story.hpp"

using namespace story;

TEST_CASE("a registration becomes a serving name, step by step") {
    Story s;
    CHECK(s.state() == State::requesting);
    REQUIRE(s.kinds() == std::vector{ActionKind::request_spot});
    CHECK(s.attempt().token == attempt_token("uid-1", 1, 1));
    CHECK(s.attempt().image_id == "ami-1");
    CHECK(s.attempt().valid_until > start + s.policy.open_for);

    s.learn(AttemptSending{1, 1});
    s.learn(AttemptAnswered{1, 1, "sir-1"});
    CHECK(s.kinds().empty());
    CHECK(s.state() == State::requesting);
    CHECK(deadline(s.record, s.now, s.policy) == start + s.policy.open_for);

    s.learn(Fulfilled{"sir-1", "i-1"});
    CHECK(s.state() == State::booting);
    CHECK(s.kinds() == std::vector{ActionKind::describe_machine, ActionKind::tag_machine});
    s.learn(MachineTagged{"i-1"});
    s.describe("i-1", Ec2State::pending, {.private_ = "10.0.0.1"});
    CHECK(s.kinds().empty());

    s.learn(StateChanged{"i-1", Ec2State::pending});
    s.learn(StateChanged{"i-1", Ec2State::running});
    CHECK(s.kinds() == std::vector{ActionKind::describe_machine});
    s.describe("i-1", Ec2State::running, addresses(1));
    CHECK(s.kinds().empty());
    CHECK(s.reason() == "machine i-1 is running and has not reported yet");

    s.learn(Reported{.machine = "i-1"});
    CHECK(s.launch().ready == s.now);
    CHECK(s.kinds() == std::vector{ActionKind::publish_dns, ActionKind::find_zone});
    s.publish(Side::private_, "C1");
    CHECK(s.state() == State::booting);
    s.publish(Side::public_, "C2");
    CHECK(s.record.dns_public.zone_id == "ZPUBLIC");
    CHECK(s.state() == State::serving);
    CHECK(s.kinds() == std::vector{ActionKind::follow_change, ActionKind::follow_change});

    s.learn(ChangeInSync{"C1"});
    s.learn(ChangeInSync{"C2"});
    CHECK(s.kinds().empty());
    CHECK(s.record.retries.empty());
    CHECK_FALSE(deadline(s.record, s.now, s.policy));
    for (const auto* event : {"registered", "launch_started", "requested", "machine_given", "machine_state",
                              "reported", "ready", "published", "in_sync"}) {
        CAPTURE(event);
        CHECK(s.noted(event));
    }
}

TEST_CASE("a loss told by an event is acted on when EC2 confirms it, and the name follows") {
    Story s;
    s.serve(1);
    s.wait(1h);
    s.learn(StateChanged{"i-1", Ec2State::shutting_down});
    const auto told = s.now;
    CHECK(s.record.launches.size() == 1);
    CHECK(s.kinds() == std::vector{ActionKind::describe_machine});
    CHECK(s.state() == State::down);

    s.wait(500ms);
    s.describe("i-1", Ec2State::shutting_down);
    CHECK(s.record.launches.front().lost == told);
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.record.launches_lost == 1);
    CHECK(s.state() == State::requesting);
    s.serve(2);
    CHECK(s.record.dns_private.published->address == "10.0.0.2");
    CHECK(s.record.dns_public.published->address == "203.0.113.2");
}

TEST_CASE("a loss that EC2 denies is forgotten after a while") {
    Story s;
    s.serve(1);
    s.learn(StateChanged{"i-1", Ec2State::terminated});
    int asked = 0;
    while (s.state() != State::serving && asked < 100) {
        if (s.wants(ActionKind::describe_machine)) {
            s.describe("i-1", Ec2State::running, addresses(1));
            ++asked;
        } else {
            s.wait_for_deadline();
        }
    }
    CHECK(s.state() == State::serving);
    CHECK(s.record.launches.size() == 1);
    CHECK(asked > 2);
    CHECK(asked < 20);
    CHECK(s.kinds().empty());
}

TEST_CASE("a machine that is stopping is asked about as well") {
    Story s;
    s.serve(1);
    s.learn(StateChanged{"i-1", Ec2State::stopping});
    CHECK(s.state() == State::down);
    CHECK(s.wants(ActionKind::describe_machine));
    CHECK(s.record.launches.size() == 1);
    s.describe("i-1", Ec2State::stopping);
    CHECK(s.record.launches.size() == 2);
    s.describe("i-1", Ec2State::stopped);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("the same fact again changes nothing") {
    Story s;
    s.serve(1);
    const auto before = s.record;
    const auto lines = s.journal.size();
    s.learn(AttemptAnswered{1, 1, "sir-1"});
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.learn(StateChanged{"i-1", Ec2State::pending});
    s.learn(StateChanged{"i-1", Ec2State::running});
    s.learn(Reported{.machine = "i-1"});
    s.learn(MachineTagged{"i-1"});
    s.learn(MachineDescribed{"i-1", Ec2State::running, addresses(1)});
    s.learn(UpsertAccepted{Side::private_, 1, "10.0.0.1", "C1-private"});
    s.learn(ChangeInSync{"C1-private"});
    CHECK(s.record == before);
    CHECK(s.journal.size() == lines);
}

TEST_CASE("late facts about an older launch do not touch a newer one") {
    Story s;
    s.serve(1);
    s.wait(1h);
    s.describe("i-1", Ec2State::shutting_down);
    s.serve(2);
    const auto newer = s.launch();
    s.wait(1min);
    s.learn(StateChanged{"i-1", Ec2State::terminated});
    s.learn(StateChanged{"i-1", Ec2State::running});
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.learn(Reported{.machine = "i-1"});
    s.learn(RequestDescribed{"sir-1", RequestState::closed, "instance-terminated-by-user", "i-1"});
    s.describe("i-1", Ec2State::terminated);
    s.learn(MachineAbsent{"i-1"});
    CHECK(s.launch() == newer);
    CHECK(s.state() == State::serving);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("a machine whose spot request EC2 has closed runs on until it is seen to end") {
    Story s;
    s.serve(1);
    s.wait(1h);
    s.learn(RequestDescribed{"sir-1", RequestState::closed, "instance-terminated-by-user", "i-1"});
    CHECK(s.state() == State::serving);
    CHECK_FALSE(s.launch().lost);
    s.describe("i-1", Ec2State::shutting_down);
    CHECK(s.record.launches.front().lost);
}

TEST_CASE("an old description that comes late takes nothing back") {
    Story s;
    s.serve(1);
    s.wait(1min);
    s.learn_at(s.now - 50s, MachineDescribed{"i-1", Ec2State::pending, {}});
    CHECK(s.state() == State::serving);
    CHECK(s.launch().addresses == addresses(1));
    s.describe("i-1", Ec2State::terminated);
    s.learn_at(s.now - 10s, MachineDescribed{"i-1", Ec2State::running, addresses(1)});
    s.learn_at(s.now - 10s, RequestDescribed{"sir-1", RequestState::open, "pending-evaluation", {}});
    CHECK(s.record.launches.front().terminated);
    CHECK(s.record.launches.front().ec2_state == Ec2State::terminated);
    CHECK(s.record.launches.front().attempts.front().request_state == RequestState::active);
}

TEST_CASE("a notice is kept as it was first told, and makes everything about the name urgent") {
    Story s;
    s.serve(1);
    s.learn(RebalanceAdvised{"i-1"});
    s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
    s.learn_at(s.now + 1s, Interrupted{"i-1", "terminate", s.now + 2min + 1s});
    const auto& launch = s.record.launches.front();
    REQUIRE(launch.notice);
    CHECK(launch.notice->terminate_by == s.now + 2min);
    CHECK(launch.rebalance == s.now);
    CHECK(s.noted("notice"));
    s.learn(StateChanged{"i-1", Ec2State::shutting_down});
    CHECK(s.action(ActionKind::describe_machine).needed_by == s.now);
    CHECK(s.action(ActionKind::request_spot).needed_by == s.now);
}

TEST_CASE("who ended a machine is told as far as EC2 says") {
    Story s;
    s.serve(1);
    s.learn(MachineDescribed{"i-1", Ec2State::stopped, {}, "Client.UserInitiatedShutdown"});
    CHECK(s.launch().why ==
          "machine i-1 was lost: somebody stopped or ended it (Client.UserInitiatedShutdown)");
    s.serve(2);
    s.learn(MachineDescribed{"i-2", Ec2State::terminated, {}, "Server.SpotInstanceTermination"});
    CHECK(s.launch().why == "machine i-2 was lost: AWS took it (Server.SpotInstanceTermination)");
}

TEST_CASE("an address that changes under a living machine is followed") {
    Story s;
    s.serve(1);
    s.wait(1h);
    s.describe("i-1", Ec2State::running, {.private_ = "10.0.0.1", .public_ = "203.0.113.99"});
    CHECK(s.action(ActionKind::publish_dns).side == Side::public_);
    s.publish(Side::public_, "C2");
    CHECK(s.record.dns_public.published->address == "203.0.113.99");
    CHECK(s.record.dns_private.published->change == "C1-private");
}

TEST_CASE("a machine absent from three complete sweeps is gone, when it is old enough") {
    Story s;
    s.serve(1);
    for (int sweep = 0; sweep < 4; ++sweep) {
        s.learn(MachineAbsent{"i-1"});
    }
    CHECK(s.state() == State::serving);
    s.describe("i-1", Ec2State::running, addresses(1));
    s.wait(6min);
    s.learn(MachineAbsent{"i-1"});
    s.learn(MachineAbsent{"i-1"});
    CHECK(s.state() == State::serving);
    s.learn(MachineAbsent{"i-1"});
    CHECK(s.record.launches.front().terminated);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("a young machine is not taken for gone, however long it was waited for") {
    Story s;
    s.request("sir-1");
    s.wait(s.policy.open_for - 1s);
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.wait(10s);
    for (int sweep = 0; sweep < 5; ++sweep) {
        s.learn(MachineAbsent{"i-1"});
    }
    CHECK_FALSE(s.launch().lost);
}

TEST_CASE("machines that die young slow the next launch down") {
    Story s;
    Duration longest{};
    for (int number = 1; number <= 8; ++number) {
        const auto last = std::to_string(number);
        s.request("sir-" + last);
        s.learn(Fulfilled{"sir-" + last, "i-" + last});
        s.wait(1s);
        s.describe("i-" + last, Ec2State::terminated);
        REQUIRE(s.record.launches.size() == static_cast<std::size_t>(number) + 1);
        if (number < 3) {
            CHECK(s.wants(ActionKind::request_spot));
        } else {
            CHECK_FALSE(s.wants(ActionKind::request_spot));
            CHECK(s.state() == State::down);
            CHECK(s.reason().find("machines in a row were lost while booting") != std::string::npos);
            const auto before = s.now;
            s.wait_for_deadline();
            CHECK(s.now - before > longest);
            longest = s.now - before;
            CHECK(s.wants(ActionKind::request_spot));
        }
    }
    CHECK(longest > 1min);
}

TEST_CASE("a time that comes between deciding and asking for the next deadline is not missed") {
    Story s;
    s.request("sir-1");
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.describe("i-1", Ec2State::running, addresses(1));
    // The queue's clock goes before ours.
    s.learn_at(s.now + 1ms, Reported{.machine = "i-1", .claimed = {}});
    CHECK_FALSE(s.record.launches[0].ready);
    s.now += 1ms;
    const auto when = deadline(s.record, s.now, s.policy);
    REQUIRE(when);
    CHECK(*when <= s.now);
    s.wait(0ms);
    CHECK(s.record.launches[0].ready);
    CHECK(deadline(s.record, s.now, s.policy).value_or(s.now + 1h) > s.now);
}

TEST_CASE("a machine found stopped is ended when its successor is asked for and DNS has left it") {
    Story s;
    s.serve(1);
    s.wait(1h);
    s.describe("i-1", Ec2State::stopped);
    CHECK(s.record.launches.size() == 2);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    s.request("sir-2");
    s.run("sir-2", "i-2");
    s.describe("i-2", Ec2State::running, addresses(2));
    s.publish_both("C2");
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    s.in_sync("C2");
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    CHECK(deadline(s.record, s.now, s.policy) == s.now + 30s);
    s.wait(30s);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
    s.describe("i-1", Ec2State::shutting_down);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
}

TEST_CASE("a history is bounded, and what is forgotten leaves nothing behind") {
    Story s;
    for (int number = 1; number <= 40; ++number) {
        s.serve(number);
        s.wait(1h);
        s.describe("i-" + std::to_string(number), Ec2State::terminated);
    }
    CHECK(s.record.launches.size() <= s.policy.history_max + 1);
    CHECK(s.record.launches_lost == 40);
    CHECK(s.record.retries.size() < 5);
    CHECK(s.record.dns_private.superseded.size() < 3);
    CHECK(keys_of(s.record).machines.size() <= s.policy.history_max + 1);
}

TEST_CASE("a machine that was stopping and runs again was lost meanwhile: another takes its place") {
    Story s;
    s.serve(1);
    s.describe("i-1", Ec2State::stopping);
    s.wait(30s);
    s.describe("i-1", Ec2State::running, addresses(1));
    CHECK_FALSE(s.record.launches.front().lost);
    s.wait(2min);
    s.describe("i-1", Ec2State::running, addresses(1));
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.launch().why == "machine i-1 is stopping");
    CHECK(s.record.launches.front().loss == "it was stopped and started again");
    s.serve(2);
    s.wait_for_deadline();
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
}
