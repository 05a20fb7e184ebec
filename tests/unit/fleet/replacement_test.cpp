#include "unit/fleet/story.hpp"

using namespace story;

namespace {

/// Two minutes from now.
Interrupted a_notice(const Story& s, const std::string& machine) {
    return {machine, "terminate", s.now + 2min};
}

int incoming(const Record& record) {
    return static_cast<int>(std::ranges::count_if(record.launches, is_incoming));
}

}  // namespace

TEST_CASE("a notice brings the next generation at once, and DNS moves when that is ready") {
    Story s;
    s.serve(1);
    s.wait(1h);
    const auto noticed = s.now;
    s.learn(a_notice(s, "i-1"));
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.launch().reason == Reason::notice);
    CHECK(s.launch().started == noticed);
    CHECK(s.state() == State::replacing);
    CHECK(s.reason().find("AWS takes it at 2026-01-15T13:02:00Z; launch 2 is being prepared") !=
          std::string::npos);
    CHECK(s.action(ActionKind::request_spot).needed_by == noticed + 2min);
    CHECK(wanted_write(s.record, Side::private_)->generation == 1);

    s.wait(30s);
    s.request("sir-2");
    s.run("sir-2", "i-2");
    CHECK_FALSE(s.wants(ActionKind::publish_dns));
    s.describe("i-2", Ec2State::running, addresses(2));
    CHECK(wanted_write(s.record, Side::private_)->generation == 2);
    s.publish_both("C2");
    CHECK(s.launch().published == s.now);
    s.wait(10s);
    s.in_sync("C2");
    CHECK(s.launch().in_sync == s.now);
    CHECK(serving_launch(s.record)->generation == 2);
    CHECK(s.reason().find("machine i-1 is left to AWS") != std::string::npos);
    // The old one is left to AWS, however long ago DNS has left it.
    s.wait(60s);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    s.wait(30s);
    s.describe("i-1", Ec2State::shutting_down);
    CHECK(s.state() == State::serving);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("a notice seconds before the end, then the loss: one successor") {
    Story s;
    s.serve(1);
    s.learn_at(s.now - 110s, Interrupted{"i-1", "terminate", s.now + 10s});
    REQUIRE(s.record.launches.size() == 2);
    s.wait(10s);
    s.describe("i-1", Ec2State::terminated);
    CHECK(s.record.launches.size() == 2);
    CHECK(s.state() == State::requesting);
}

TEST_CASE("a notice that comes twice, and one after the loss, do nothing more") {
    Story s;
    s.serve(1);
    s.learn(a_notice(s, "i-1"));
    s.learn(a_notice(s, "i-1"));
    CHECK(s.record.launches.size() == 2);
    s.serve(2);
    s.describe("i-1", Ec2State::terminated);
    s.learn(a_notice(s, "i-1"));
    CHECK(s.record.launches.size() == 2);
    CHECK(s.state() == State::serving);
}

TEST_CASE("a notice past its own end is history") {
    Story s;
    s.serve(1);
    s.wait(5min);
    s.learn_at(s.now - 3min, Interrupted{"i-1", "terminate", s.now - 1min});
    CHECK(s.record.launches.size() == 1);
    CHECK(s.noted("notice"));
    CHECK(s.state() == State::serving);
    // A hibernation's end is its beginning: it is acted on.
    s.learn(Interrupted{"i-1", "hibernate", s.now});
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("a machine that has a notice while it boots may serve until the next is ready") {
    Story s;
    s.request("sir-1");
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.learn(a_notice(s, "i-1"));
    REQUIRE(s.record.launches.size() == 2);
    CHECK(incoming(s.record) == 1);
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::running, addresses(1));
    s.publish_both("C1");
    CHECK(serving_launch(s.record)->generation == 1);
    s.serve(2);
    CHECK(serving_launch(s.record)->generation == 2);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("a notice for the incoming machine: the next at once, and never two incoming") {
    Story s;
    s.serve(1);
    s.learn(a_notice(s, "i-1"));
    s.request("sir-2");
    s.learn(Fulfilled{"sir-2", "i-2"});
    s.learn(a_notice(s, "i-2"));
    REQUIRE(s.record.launches.size() == 3);
    CHECK(incoming(s.record) == 1);
    // Of machines that all have a notice, the newest.
    s.run("sir-2", "i-2");
    s.describe("i-2", Ec2State::running, addresses(2));
    CHECK(wanted_write(s.record, Side::private_)->generation == 2);
    s.publish_both("C2");
    s.serve(3);
    s.describe("i-1", Ec2State::terminated);
    s.describe("i-2", Ec2State::terminated);
    CHECK(s.state() == State::serving);
    CHECK(s.record.launches.size() == 3);
}

TEST_CASE("a machine that AWS stops or hibernates is ended when its successor is asked for") {
    for (const auto* action : {"stop", "hibernate"}) {
        Story s;
        s.serve(1);
        s.learn(Interrupted{"i-1", action, s.now + 2min});
        s.serve(2);
        s.wait(30s);
        CHECK_FALSE(s.wants(ActionKind::terminate_machine));
        s.describe("i-1", Ec2State::stopped);
        CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
    }
}

TEST_CASE("a machine with a notice that AWS does not take is ended in the end, when it is superseded") {
    Story s;
    s.serve(1);
    const auto noticed = s.now;
    s.learn(a_notice(s, "i-1"));
    s.serve(2);
    s.wait_for_deadline();
    CHECK(s.now == noticed + 30s);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    s.wait_for_deadline();
    CHECK(s.now == noticed + 2min + s.policy.leave_after);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
    CHECK(s.noted("superseded"));
}

TEST_CASE("a spot request that EC2 has marked is as good as a notice") {
    Story s;
    s.serve(1);
    s.learn(RequestDescribed{"sir-1", RequestState::closed, "marked-for-termination: soon", "i-1"});
    REQUIRE(s.launch().generation == 2);
    CHECK(s.record.launches.front().notice->terminate_by == s.now + 2min);
    // The event tells better when it began.
    s.learn_at(s.now - 40s, Interrupted{"i-1", "terminate", s.now + 80s});
    CHECK(s.record.launches.front().notice->terminate_by == s.now + 80s);
    CHECK(s.record.launches.size() == 2);
}

TEST_CASE("while both have a notice DNS points at the newest, and comes back to none that is given up") {
    Story s;
    s.serve(1);
    s.learn(RebalanceAdvised{"i-1"});
    CHECK(s.record.launches.size() == 1);
    s.learn(a_notice(s, "i-1"));
    s.serve(2);
    s.wait(30s);
    s.wait(12min);
    REQUIRE(s.record.launches.front().abandoned);
    s.learn(a_notice(s, "i-2"));
    CHECK(wanted_write(s.record, Side::private_)->generation == 2);
    s.describe("i-2", Ec2State::terminated);
    CHECK_FALSE(wanted_write(s.record, Side::private_));
}

TEST_CASE("a machine that is stopping is not waited for") {
    Story s;
    SUBCASE("one that serves") {
        s.serve(1);
        s.describe("i-1", Ec2State::stopping);
    }
    SUBCASE("one that boots") {
        s.request("sir-1");
        s.run("sir-1", "i-1");
        s.describe("i-1", Ec2State::stopping);
    }
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.launch().reason == Reason::lost);
    s.serve(2);
    s.wait(1min);  // nobody holds its address any more
    s.describe("i-1", Ec2State::stopped);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
}

TEST_CASE("a machine that EC2 gives and never starts is given up after the spec's patience") {
    Story s;
    s.request("sir-1");
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.describe("i-1", Ec2State::pending);
    s.learn(MachineTagged{"i-1"});
    s.wait(s.record.spec.readiness.patience);
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.record.launches[0].abandoned == "EC2 did not start it for 10m");
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
}

TEST_CASE("signs of a machine that is not the newest are no deadline") {
    Story s;
    s.serve(1);
    s.learn(ProbeFailed{"i-1", "no answer"});
    s.learn(ReplacementAsked{});
    REQUIRE(s.record.launches.size() == 2);
    s.record.launches[0].demand.reset();
    s.wait(s.record.spec.readiness.patience + 1s);
    const auto next = deadline(s.record, s.now, s.policy);
    CHECK((!next || *next > s.now));
}

TEST_CASE("two DNS names whose change is one are followed by one action") {
    Story s;
    s.request("sir-1");
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::running, addresses(1));
    s.learn(MachineTagged{"i-1"});
    for (const Side side : {Side::private_, Side::public_}) {
        s.publish(side, "C1");
    }
    CHECK(s.kinds() == std::vector{ActionKind::follow_change});
    s.learn(ChangeInSync{"C1"});
    CHECK(s.kinds().empty());
    CHECK(s.state() == State::serving);
}

TEST_CASE("a hosted zone that was found and is gone is found anew") {
    Story s;
    s.serve(1);
    s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
    s.request("sir-2");
    s.run("sir-2", "i-2");
    s.describe("i-2", Ec2State::running, addresses(2));
    for (const Side side : {Side::private_, Side::public_}) {
        const auto write = wanted_write(s.record, side);
        REQUIRE(write);
        s.learn(UpsertSending{side, write->generation, write->address, write->ttl});
        s.learn(UpsertRefused{side, "NoSuchHostedZone", true});
    }
    CHECK(s.record.dns_private.zone_id == "ZPRIVATE");
    CHECK(s.wants(ActionKind::find_zone));
    s.learn(ZoneFound{Side::public_, "ZOTHER"});
    s.wait_for_deadline();
    CHECK(s.action(ActionKind::publish_dns).generation == 2);
}
