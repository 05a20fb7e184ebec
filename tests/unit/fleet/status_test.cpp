#include "fleet/spot_status.hpp"
#include "unit/fleet/story.hpp"

using namespace story;

TEST_CASE("a name that waits for EC2 is requesting, and says for what") {
    Story s;
    CHECK(s.state() == State::requesting);
    CHECK(s.reason() == "a machine is asked for");
    s.request("sir-1");
    CHECK(s.reason() == "spot request sir-1 is open");
    s.learn(RequestDescribed{"sir-1", RequestState::open, "capacity-not-available: none", {}});
    CHECK(s.reason() ==
          "spot request sir-1 is open: no spot capacity for t3.small in subnet-1 (capacity-not-available)");
}

TEST_CASE("a name with a living machine is booting until DNS has taken its addresses") {
    Story s;
    s.request("sir-1");
    s.learn(Fulfilled{"sir-1", "i-1"});
    CHECK(s.state() == State::booting);
    CHECK(s.reason() == "machine i-1 is starting");
    s.learn(StateChanged{"i-1", Ec2State::running});
    CHECK(s.reason() == "machine i-1 is running and has not reported yet");
    s.learn(Reported{.machine = "i-1", .kind = ReportKind::legacy});
    CHECK(s.reason() == "machine i-1 has booted and is not ready yet");
    s.wait(s.policy.legacy_settle);
    CHECK(s.reason() == "machine i-1 is ready and DNS does not point at it yet");
    s.learn(ActionFailed{"zone/public", "no hosted zone holds lms-chen.example.com"});
    CHECK(
        s.reason().starts_with("machine i-1 is ready and DNS does not point at it yet; "
                               "no hosted zone holds lms-chen.example.com (next try at 2026-01-15T12:00:3"));
    CHECK(s.state() == State::booting);
}

TEST_CASE("a name serves when DNS has accepted every address") {
    Story s;
    s.serve(1);
    CHECK(s.state() == State::serving);
    CHECK(s.reason() == "machine i-1 serves since 2026-01-15T12:00:00Z");
}

TEST_CASE("without a DNS name a ready machine serves") {
    auto spec = a_spec();
    spec.dns = {};
    Story s(spec);
    s.request("sir-1");
    s.run("sir-1", "i-1");
    CHECK(s.state() == State::serving);
}

TEST_CASE("a machine that lacks an address says which") {
    Story s;
    s.request("sir-1");
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::running, {.private_ = "10.0.0.1"});
    s.publish(Side::private_, "C1");
    CHECK(s.reason().find("machine i-1 has no public address") != std::string::npos);
}

TEST_CASE("a name is down while its machine is told lost, and while nothing can be asked for") {
    Story s;
    s.serve(1);
    s.learn(StateChanged{"i-1", Ec2State::shutting_down});
    CHECK(s.state() == State::down);
    CHECK(s.reason() == "machine i-1 is going away");
    s.describe("i-1", Ec2State::terminated);
    CHECK(s.state() == State::requesting);
    s.learn(AttemptSending{2, 1});
    s.learn(AttemptRefused{2, 1, true, "InsufficientInstanceCapacity: none left"});
    CHECK(s.state() == State::down);
    CHECK(s.reason().starts_with("no machine; InsufficientInstanceCapacity: none left (next try at "));
}

TEST_CASE("a machine that is being ended says why") {
    Story s;
    s.request("sir-1");
    s.learn(CancelSending{"sir-1"});
    s.learn(Fulfilled{"sir-1", "i-1"});
    CHECK(s.state() == State::down);
    CHECK(s.reason() ==
          "machine i-1 is being ended: its spot request had been cancelled when it was fulfilled");
}

TEST_CASE("a user's intent comes before what its launches do") {
    Story s;
    s.serve(1);
    s.record.intent = Intent::paused;
    CHECK(s.state() == State::pausing);
    s.describe("i-1", Ec2State::terminated);
    CHECK(s.state() == State::paused);
    s.learn(RetirementAsked{"uid-2", false});
    CHECK(s.state() == State::retiring);
}

TEST_CASE("a serving name with another launch under way is replacing") {
    Story s;
    s.serve(1);
    s.learn(Adopted{2, "sir-2"});
    CHECK(s.state() == State::replacing);
    CHECK(s.reason().find("launch 2 is being prepared") != std::string::npos);
}

TEST_CASE("failures: why an attempt gave no machine is told from its status") {
    CHECK(failure_of("capacity-not-available: There is no Spot capacity") == Failure::capacity);
    CHECK(failure_of("no spot capacity for t3.small in subnet-1: InsufficientInstanceCapacity") ==
          Failure::capacity);
    CHECK(failure_of("price-too-low: Your price is too low.") == Failure::price);
    CHECK(failure_of("the account's quota of spot machines is used up: MaxSpotInstanceCountExceeded") ==
          Failure::quota);
    CHECK(failure_of("we are not permitted to ask for a spot machine: UnauthorizedOperation") ==
          Failure::permission);
    CHECK(failure_of("its time went by before it was sent") == Failure::other);
}
