#include "unit/fleet/story.hpp"

using namespace story;

namespace {

void cancel(Story& s) {
    const auto request = s.action(ActionKind::cancel_request).id;
    s.learn(CancelSending{request});
    s.learn(CancelAnswered{request});
}

}  // namespace

TEST_CASE("an attempt is fixed before it is sent") {
    Story s;
    const auto chosen = s.attempt();
    s.wait(10s);
    s.view.pools.push_back({chosen.pool, 3, s.now + 1h});
    s.learn(AttemptSending{1, 1});
    CHECK(s.attempt().sent == s.now);
    CHECK(s.attempt().token == chosen.token);
    CHECK(s.attempt().valid_until == chosen.valid_until);
    CHECK(s.attempt().pool == chosen.pool);
}

TEST_CASE("an attempt whose answer was lost is looked up, then sent again with the same token") {
    Story s;
    const auto token = s.attempt().token;
    s.learn(AttemptSending{1, 1});
    CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
    s.learn(AttemptNotFound{1, 1});
    CHECK(s.kinds() == std::vector{ActionKind::request_spot});
    CHECK(s.attempt().token == token);
    s.request("sir-1");
    CHECK(s.launch().attempts.size() == 1);
    CHECK(s.attempt().request == "sir-1");
}

TEST_CASE("a lost answer that is found is the answer") {
    Story s;
    s.learn(AttemptSending{1, 1});
    s.learn(Adopted{1, "sir-1"});
    CHECK(s.attempt().request == "sir-1");
    s.learn(AttemptAnswered{1, 1, "sir-1"});
    CHECK(s.launch().attempts.size() == 1);
    CHECK(s.kinds().empty());
}

TEST_CASE("sending that fails again and again is slowed down, and so is looking it up") {
    Story s;
    Duration longest{};
    for (int round = 0; round < 8; ++round) {
        s.learn(AttemptSending{1, 1});
        s.learn(ActionFailed{"1/request/1", "Unavailable: EC2 does not answer"});
        s.learn(AttemptNotFound{1, 1});
        REQUIRE_FALSE(s.wants(ActionKind::request_spot));
        const auto before = s.now;
        s.wait_for_deadline();
        REQUIRE(s.wants(ActionKind::request_spot));
        longest = std::max(longest, s.now - before);
    }
    CHECK(longest > 30s);
    CHECK(s.launch().attempts.size() == 1);
}

TEST_CASE("an attempt that was never sent in its time makes room for the next at once") {
    Story s;
    s.wait(1h);
    REQUIRE(s.launch().attempts.size() == 2);
    CHECK(s.launch().attempts.front().closed);
    CHECK(s.action(ActionKind::request_spot).attempt == 2);
    CHECK(s.attempt().valid_until > s.now);
}

TEST_CASE("a refused attempt is followed by the next after a wait that grows") {
    Story s;
    Duration last{};
    for (int number = 1; number <= 5; ++number) {
        s.learn(AttemptSending{1, number});
        s.learn(AttemptRefused{1, number, false, "InvalidParameterValue: no such image"});
        CHECK(s.kinds().empty());
        CHECK(s.state() == State::down);
        CHECK(s.reason().find("InvalidParameterValue: no such image") != std::string::npos);
        const auto before = s.now;
        s.wait_for_deadline();
        CHECK(s.now - before > last);
        last = s.now - before;
        CHECK(s.action(ActionKind::request_spot).attempt == number + 1);
        CHECK(s.attempt().token == attempt_token("uid-1", 1, number + 1));
    }
    CHECK(last > s.policy.relaunch_backoff_first);
}

TEST_CASE("a refusal of a repeated send does not say that the first was not taken") {
    Story s;
    s.learn(AttemptSending{1, 1});
    s.learn(AttemptNotFound{1, 1});
    s.learn(AttemptSending{1, 1});
    s.learn(AttemptRefused{1, 1, false, "MaxSpotInstanceCountExceeded: no more"});
    CHECK(s.kinds().empty());
    s.wait(s.policy.visible_after);
    CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
    SUBCASE("it was") {
        s.learn(AttemptAnswered{1, 1, "sir-1"});
        CHECK(s.launch().attempts.size() == 1);
        CHECK(s.state() == State::requesting);
    }
    SUBCASE("it was not") {
        s.learn(AttemptNotFound{1, 1});
        CHECK(s.attempt().closed);
        CHECK(s.reason().find("MaxSpotInstanceCountExceeded") != std::string::npos);
    }
}

TEST_CASE("an error is not shown any more when a machine was given all the same") {
    Story s;
    s.learn(AttemptSending{1, 1});
    s.learn(AttemptRefused{1, 1, true, "InsufficientInstanceCapacity: none left"});
    s.wait_for_deadline();
    s.request("sir-2");
    s.learn(Fulfilled{"sir-2", "i-2"});
    CHECK(s.reason() == "machine i-2 is starting");
}

TEST_CASE("a pool without capacity is remembered, and forgiven when it gives a machine later") {
    Story s;
    s.learn(AttemptSending{1, 1});
    s.learn(AttemptRefused{1, 1, true, "InsufficientInstanceCapacity: none left"});
    REQUIRE(s.view.pools.size() == 1);
    CHECK(s.view.pools.front().failures == 1);
    CHECK(s.view.pools.front().avoid_until > s.now);
    s.wait_for_deadline();
    s.request("sir-2");
    SUBCASE("not while it is avoided") {
        s.learn(Fulfilled{"sir-2", "i-2"});
        CHECK(s.view.pools.front().failures == 1);
    }
    SUBCASE("after that") {
        s.now = *s.view.pools.front().avoid_until;
        s.learn(Fulfilled{"sir-2", "i-2"});
        CHECK(s.view.pools.front().failures == 0);
    }
}

TEST_CASE("a spot request left open too long is cancelled, and the next attempt waits for its end") {
    Story s;
    s.request("sir-1");
    s.wait(s.policy.open_for - 1s);
    CHECK(s.kinds().empty());
    s.wait(1s);
    cancel(s);
    CHECK(s.kinds() == std::vector{ActionKind::describe_request});
    s.learn(RequestDescribed{"sir-1", RequestState::open, "capacity-not-available", {}});
    CHECK(s.kinds().empty());
    s.wait(s.policy.look_every);
    s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
    CHECK(s.attempt().closed);
    CHECK(s.launch().attempts.size() == 1);
    s.wait_for_deadline();
    CHECK(s.launch().attempts.size() == 2);
    CHECK(s.action(ActionKind::request_spot).attempt == 2);
    CHECK(s.view.pools.front().failures == 1);
}

TEST_CASE("why there was no machine is said in a sentence, also when the request is cancelled") {
    auto spec = a_spec();
    spec.max_price = "0.01";
    Story s(spec);
    s.request("sir-1");
    std::string sentence;
    SUBCASE("capacity") {
        s.learn(RequestDescribed{
            "sir-1", RequestState::open, "capacity-not-available: There is no Spot capacity available.", {}});
        sentence = "no spot capacity for t3.small in subnet-1 (capacity-not-available)";
    }
    SUBCASE("price") {
        s.learn(RequestDescribed{"sir-1", RequestState::open, "price-too-low: Your price is too low.", {}});
        sentence =
            "the spot price of t3.small in subnet-1 is above the limit of 0.01 USD an hour (price-too-low)";
    }
    SUBCASE("another") {
        sentence = "az-group-constraint: The zones do not fit.";
        s.learn(RequestDescribed{"sir-1", RequestState::open, sentence, {}});
    }
    CHECK(s.state() == State::requesting);
    CHECK(s.reason() == "spot request sir-1 is open: " + sentence);
    s.wait(s.policy.open_for);
    cancel(s);
    s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
    CHECK(s.state() == State::down);
    CHECK(s.reason().starts_with("no machine; " + sentence +
                                 "; spot request sir-1 was cancelled (next try at "));
    s.wait_for_deadline();
    s.request("sir-2");
    CHECK(s.state() == State::requesting);
}

TEST_CASE("a fulfilled request is no longer said to be waiting") {
    Story s;
    s.request("sir-1");
    s.learn(RequestDescribed{"sir-1", RequestState::open, "pending-evaluation: under review", {}});
    s.learn(Fulfilled{"sir-1", "i-1"});
    CHECK(s.attempt().status == "fulfilled");
    s.learn(RequestDescribed{"sir-1", RequestState::open, "pending-evaluation: under review", {}});
    CHECK(s.attempt().status == "fulfilled");
    s.learn(RequestDescribed{"sir-1", RequestState::active, "instance-stopped-by-user: stopped", "i-1"});
    CHECK(s.attempt().status == "instance-stopped-by-user: stopped");
    s.learn(Fulfilled{"sir-1", "i-1"});
    CHECK(s.attempt().status == "instance-stopped-by-user: stopped");
}

TEST_CASE("a cancel whose answer was lost is sent again") {
    Story s;
    s.request("sir-1");
    s.wait(s.policy.open_for);
    s.learn(CancelSending{"sir-1"});
    CHECK(s.kinds() == std::vector{ActionKind::cancel_request});
}

TEST_CASE("a machine that comes after the cancel is ended before the next launch") {
    Story s;
    s.request("sir-1");
    s.wait(s.policy.open_for);
    cancel(s);
    s.learn(Fulfilled{"sir-1", "i-1"});
    CHECK(s.kinds() == std::vector{ActionKind::terminate_machine});
    CHECK(s.record.launches.size() == 1);
    s.describe("i-1", Ec2State::running, addresses(1));
    s.learn(Reported{.machine = "i-1"});
    CHECK_FALSE(s.launch().ready);
    CHECK_FALSE(s.wants(ActionKind::publish_dns));
    s.describe("i-1", Ec2State::shutting_down);
    CHECK(s.record.launches.size() == 2);
    CHECK(s.wants(ActionKind::request_spot));
}

TEST_CASE("a request that ended by itself without a machine is followed by the next attempt") {
    for (const auto state : {RequestState::closed, RequestState::cancelled, RequestState::failed}) {
        Story s;
        s.request("sir-1");
        s.learn(RequestDescribed{"sir-1", state, "schedule-expired: its time has passed", {}});
        CHECK(s.attempt().closed);
        s.wait_for_deadline();
        CHECK(s.launch().attempts.size() == 2);
    }
}

TEST_CASE("a machine of an attempt that was given up is ended, and the newer attempt goes on") {
    Story s;
    s.request("sir-1");
    s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
    s.wait_for_deadline();
    s.request("sir-2");
    SUBCASE("while the newer is open") {
        s.learn(Fulfilled{"sir-1", "i-1"});
        s.learn(Fulfilled{"sir-2", "i-2"});
    }
    SUBCASE("when the newer has its machine") {
        s.learn(Fulfilled{"sir-2", "i-2"});
        s.learn(Fulfilled{"sir-1", "i-1"});
    }
    CHECK(s.launch().machine == "i-2");
    CHECK_FALSE(s.launch().abandoned);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
    CHECK(base::contains(keys_of(s.record).machines, "i-1"));
    s.learn(StateChanged{"i-1", Ec2State::shutting_down});
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    CHECK(s.launch().machine == "i-2");
}

TEST_CASE("a request that EC2 no longer knows is given up when its time has gone by") {
    Story s;
    s.request("sir-1");
    s.wait(s.policy.open_for);
    s.learn(CancelSending{"sir-1"});
    s.learn(RequestAbsent{"sir-1"});
    CHECK_FALSE(s.attempt().closed);
    s.wait(1h);
    s.learn(RequestAbsent{"sir-1"});
    CHECK(s.attempt().closed);
    s.wait_for_deadline();
    CHECK(s.action(ActionKind::request_spot).attempt == 2);
}

TEST_CASE("weeks without capacity leave a small record") {
    Story s;
    for (int number = 1; number <= 300; ++number) {
        const auto request = "sir-" + std::to_string(number);
        s.request(request);
        s.wait(s.policy.open_for);
        cancel(s);
        s.learn(RequestDescribed{request, RequestState::open, "capacity-not-available", {}});
        s.wait(s.policy.look_every);
        s.learn(RequestDescribed{request, RequestState::cancelled, "canceled-before-fulfillment", {}});
        s.wait_for_deadline();
    }
    CHECK(s.launch().attempts.size() <= s.policy.attempts_max);
    CHECK(s.record.retries.size() < 5);
}

TEST_CASE("a spot request of ours that the record does not know is adopted") {
    Story s;
    s.learn(AttemptSending{1, 1});
    s.learn(AttemptRefused{1, 1, false, "InternalError"});
    s.learn(Adopted{2, "sir-9"});
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.launch().attempts.back().request == "sir-9");
    s.learn(Fulfilled{"sir-9", "i-9"});
    CHECK(s.launch().machine == "i-9");
}

TEST_CASE("a spot request that is marked tells of a notice whose event was lost") {
    Story s;
    s.serve(1);
    const auto marked = s.now - 20s;
    for (const auto* status :
         {"fulfilled", "instance-terminated-by-user", "request-canceled-and-instance-running"}) {
        s.learn(RequestDescribed{"sir-1", RequestState::active, status, "i-1", marked});
        CHECK_FALSE(s.launch().notice);
    }
    // EC2 closes the request at once, and the machine runs on.
    s.learn(RequestDescribed{"sir-1", RequestState::closed, "instance-terminated-no-capacity: none", "i-1",
                             marked});
    const auto& notice = s.record.launches[0].notice;
    REQUIRE(notice);
    CHECK(notice->action == "terminate");
    CHECK(notice->terminate_by == marked + 2min);
    // Seen again, it says nothing new.
    s.wait(1min);
    s.learn(RequestDescribed{"sir-1", RequestState::closed, "instance-terminated-no-capacity: none", "i-1"});
    CHECK(notice->terminate_by == marked + 2min);
}
