#include "fleet/fallback.hpp"

#include "unit/fleet/story.hpp"

using namespace story;

namespace {

Spec with_fallback(Duration after = 10min) {
    auto spec = a_spec();
    spec.fallback = Fallback{.after = after};
    return spec;
}

/// The newest attempt is refused, and time goes by until there is another.
void refuse(Story& s, const std::string& reason = "no spot capacity") {
    const auto number = s.attempt().number;
    s.learn(AttemptSending{s.launch().generation, number});
    s.learn(AttemptRefused{s.launch().generation, number, true, reason});
    while (s.attempt().closed) {
        s.wait_for_deadline();
    }
}

void give(Story& s, const std::string& machine) {
    if (s.wants(ActionKind::make_template)) {
        s.learn(TemplateMade{{"lt-1", 1, s.record.spec_revision}});
    }
    const auto action = s.action(ActionKind::create_fleet);
    s.learn(AttemptSending{action.generation, action.attempt});
    s.learn(FleetAnswered{action.generation, action.attempt, "fleet-1", machine, s.attempt().pool});
}

/// From a machine that was given to a name that serves.
void serve(Story& s, int number) {
    const auto machine = "i-" + std::to_string(number);
    s.describe(machine, Ec2State::running, addresses(number));
    s.learn(Reported{.machine = machine});
    s.publish_both("C" + machine);
    s.in_sync("C" + machine);
    REQUIRE(s.state() == State::serving);
}

/// A name that serves on-demand.
void serve_on_demand(Story& s) {
    while (s.attempt().pool.market == Market::spot) {
        refuse(s);
    }
    give(s, "i-1");
    serve(s, 1);
}

void wait_until_demanded(Story& s) {
    for (int steps = 0; steps < 50 && !s.record.launches.front().demand; ++steps) {
        s.wait_for_deadline();
    }
    REQUIRE(s.record.launches.front().demand);
}

}  // namespace

TEST_CASE("fallback: without it spot is asked for, however long it takes") {
    Story s;
    for (int round = 0; round < 20; ++round) {
        refuse(s);
        REQUIRE(s.attempt().pool.market == Market::spot);
    }
    CHECK(s.now - start > 1h);
}

TEST_CASE("fallback: after its time an on-demand machine is asked for, without waiting for the back-off") {
    Story s(with_fallback(7min));
    while (s.attempt().pool.market == Market::spot) {
        CHECK(s.now < start + 7min);
        refuse(s, "MaxSpotInstanceCountExceeded");
    }
    CHECK(s.now == start + 7min);
    CHECK(s.attempt().by == Asking::fleet);
    CHECK(s.attempt().pools == std::vector{Pool{"t3.small", "subnet-1", Market::on_demand}});
    CHECK_FALSE(s.attempt().max_price);
    CHECK(s.reason().contains("there was no spot machine for 7m (MaxSpotInstanceCountExceeded)"));
    CHECK(s.noted("fallback"));
}

TEST_CASE("fallback: an open spot request is cancelled in time and known to have ended before it") {
    Story s(with_fallback(3min));
    s.request("sir-1");
    s.wait(3min - 1s);
    CHECK(s.kinds().empty());
    s.wait(1s);
    s.learn(CancelSending{s.action(ActionKind::cancel_request).id});
    s.learn(CancelAnswered{"sir-1"});
    CHECK(s.launch().attempts.size() == 1);
    s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
    CHECK(s.attempt().number == 2);
    CHECK(s.attempt().pool.market == Market::on_demand);
}

TEST_CASE("fallback: when there is no on-demand machine either, both take turns, ever slower") {
    Story s(with_fallback(0s));
    CHECK(s.attempt().pool.market == Market::spot);
    refuse(s);
    CHECK(s.attempt().pool.market == Market::on_demand);
    Duration last{};
    for (int round = 0; round < 4; ++round) {
        const auto before = s.now;
        const auto market = s.attempt().pool.market;
        refuse(s);
        CHECK(s.attempt().pool.market != market);
        CHECK(s.now - before > last);
        last = s.now - before;
    }
}

TEST_CASE("fallback: the hours of a month are counted, and a new one begins with none") {
    Story s(with_fallback());
    serve_on_demand(s);
    const auto given = *s.launch().given;
    CHECK(on_demand_time(s.record, given + 3h) == 3h);
    CHECK(may_go_on_demand(s.record, given + 99h));
    CHECK_FALSE(may_go_on_demand(s.record, given + 100h));
    const auto february = *base::parse_time("2026-02-01T00:00:00Z");
    CHECK(on_demand_time(s.record, february + 1h) == 1h);

    s.now = february + 1h;
    s.describe("i-1", Ec2State::terminated);
    CHECK(on_demand_time(s.record, february + 5h) == 1h);
    keep_on_demand_time(s.record, s.record.launches.front(), s.now);
    s.record.launches.erase(s.record.launches.begin());
    CHECK(on_demand_time(s.record, february + 5h) == 1h);
    CHECK(on_demand_time(s.record, february - 1ms) == february - given);
}

TEST_CASE("fallback: when the hours are used up, only spot is asked for, no faster than before") {
    auto spec = with_fallback(1min);
    spec.fallback->max_hours_per_month = 1;
    Story s(spec);
    serve_on_demand(s);
    s.now += 2h;
    s.describe("i-1", Ec2State::terminated);
    REQUIRE(s.launch().generation == 2);
    for (int round = 0; round < 8; ++round) {
        CHECK(s.attempt().pool.market == Market::spot);
        refuse(s);
    }
    CHECK(s.attempt().number == 9);
    CHECK(s.now - s.launch().started > 10min);
}

TEST_CASE("fallback: the status says why a machine is on-demand, and when spot is tried again") {
    Story s(with_fallback());
    serve_on_demand(s);
    CHECK(
        s.reason().contains("it is on-demand because there was no spot machine for 10m (no spot capacity)"));
    const auto when = *s.launch().ready + s.policy.back_to_spot_first;
    CHECK(s.reason().contains("a spot machine is tried for at " + base::format_time(when)));
}

TEST_CASE("the way back is demanded when its time has come, in the window where there is one") {
    auto spec = with_fallback();
    SUBCASE("at any time") {
        Story s(spec);
        serve_on_demand(s);
        wait_until_demanded(s);
        CHECK(s.record.launches.front().demand->reason == Reason::back_to_spot);
        CHECK(s.now == *s.record.launches.front().ready + s.policy.back_to_spot_first);
    }
    SUBCASE("in the window") {
        spec.fallback->return_window = "02:00-05:00";
        Story s(spec);
        serve_on_demand(s);
        CHECK(s.reason().contains("a spot machine is tried for at 2026-01-16T02:00:00Z"));
        wait_until_demanded(s);
        CHECK(base::format_time(s.now) == "2026-01-16T02:00:00Z");
    }
    SUBCASE("at once when the hours are used up, whatever the window") {
        spec.fallback->return_window = "02:00-05:00";
        spec.fallback->max_hours_per_month = 2;
        Story s(spec);
        serve_on_demand(s);
        wait_until_demanded(s);
        CHECK(s.now == *s.record.launches.front().given + 2h);
    }
    SUBCASE("never where it would end the machine first, unless its user named a time") {
        spec.replace = Order::stop_first;
        Story s(spec);
        serve_on_demand(s);
        CHECK_FALSE(way_back_at(s.record, s.now));
        CHECK(s.reason().contains("without a return_window it stays"));
        s.record.spec.fallback->return_window = "02:00-05:00";
        CHECK(way_back_at(s.record, s.now));
    }
}

TEST_CASE("the way back asks for spot only, and one that finds none does no harm") {
    Story s(with_fallback());
    serve_on_demand(s);
    Duration last{};
    for (int generation = 2; generation <= 4; ++generation) {
        const auto before = s.now;
        wait_until_demanded(s);
        REQUIRE(s.launch().generation == generation);
        CHECK(s.launch().reason == Reason::back_to_spot);
        CHECK(s.attempt().pool.market == Market::spot);
        CHECK(s.state() == State::replacing);
        CHECK(s.now - before > last);
        last = s.now - before;
        s.learn(AttemptSending{generation, 1});
        s.learn(AttemptRefused{generation, 1, true, "no spot capacity"});
        CHECK(s.state() == State::serving);
        CHECK_FALSE(s.record.launches.front().demand);
        CHECK(s.launch().terminated);
        CHECK(s.kinds().empty());
        CHECK(s.reason().contains("no spot capacity; a spot machine is tried for at "));
    }
    // When the machine that helped out is lost all the same, the next launch may be on-demand again.
    s.describe("i-1", Ec2State::terminated);
    CHECK(s.launch().generation == 5);
    CHECK(s.launch().reason == Reason::lost);
}

TEST_CASE("the way back: a spot machine that is ready takes the place of the on-demand one") {
    Story s(with_fallback());
    serve_on_demand(s);
    wait_until_demanded(s);
    s.request("sir-2");
    s.run("sir-2", "i-2");
    s.describe("i-2", Ec2State::running, addresses(2));
    s.publish_both("C2");
    s.in_sync("C2");
    s.wait(30s);
    CHECK(s.record.launches.front().abandoned);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-1");
    s.describe("i-1", Ec2State::terminated);
    CHECK_FALSE(s.record.retries.contains("back_to_spot"));
    CHECK_FALSE(s.reason().contains("on-demand"));
}

TEST_CASE("the way back becomes the way on when the on-demand machine is lost meanwhile") {
    Story s(with_fallback());
    serve_on_demand(s);
    wait_until_demanded(s);
    s.describe("i-1", Ec2State::terminated);
    s.learn(AttemptSending{2, 1});
    s.learn(AttemptRefused{2, 1, true, "no spot capacity"});
    CHECK_FALSE(s.launch().lost);
    while (s.attempt().closed) {
        s.wait_for_deadline();
    }
    while (s.attempt().pool.market == Market::spot) {
        refuse(s);
    }
    CHECK(s.launch().generation == 2);
}

TEST_CASE("fallback: a time that was over before spot could be asked") {
    Duration after{};
    Duration late{};
    Duration spot_has{};
    SUBCASE("no time at all") {}
    SUBCASE("a short one") {
        spot_has = after = 10s;
    }
    SUBCASE("a loss that is heard of late: spot has a moment") {
        after = 2min;
        late = 1h;
        spot_has = 30s;
    }
    Story s(with_fallback(after));
    if (late > 0s) {
        serve_on_demand(s);
        s.now += late;
        s.learn_at(s.now - late, MachineDescribed{"i-1", Ec2State::terminated, {}});
    }
    s.request("sir-1");
    const auto until = s.attempt().chosen + spot_has;
    while (!s.wants(ActionKind::cancel_request)) {
        s.wait_for_deadline();
    }
    CHECK(s.now == until);
}

TEST_CASE("fallback: a replacement that can wait asks for spot only, while its name is served") {
    auto spec = with_fallback(2min);
    spec.on_rebalance = OnSignal::replace;
    Story s(spec);
    s.serve(1);
    s.learn(RebalanceAdvised{"i-1"});
    REQUIRE(s.record.launches.size() == 2);
    s.request("sir-2");
    s.wait(3min);
    CHECK_FALSE(s.wants(ActionKind::cancel_request));
    s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
    CHECK(s.wants(ActionKind::cancel_request));
}
