#include "fleet/explain.hpp"

#include "unit/fleet/story.hpp"

using namespace story;

namespace {

Time at(int seconds) {
    return start + std::chrono::seconds{seconds};
}

Attempt an_attempt(int number, int asked, std::string subnet = "subnet-1") {
    Attempt attempt;
    attempt.number = number;
    attempt.pool = {.instance_type = "t3.small", .subnet_id = std::move(subnet)};
    attempt.chosen = at(asked);
    attempt.sent = at(asked);
    attempt.answered = at(asked + 1);
    attempt.request = "sir-" + std::to_string(asked);
    return attempt;
}

/// A launch whose machine is ready 40 s after it was asked for, and in DNS 2 s later.
Launch a_launch(int generation, int asked, Reason reason, std::string why) {
    Launch launch;
    launch.generation = generation;
    launch.started = at(asked);
    launch.reason = reason;
    launch.why = std::move(why);
    launch.attempts.push_back(an_attempt(1, asked));
    launch.machine = "i-" + std::to_string(generation);
    launch.given = at(asked + 3);
    launch.ec2_state = Ec2State::running;
    launch.running = at(asked + 10);
    launch.report = Report{.at = at(asked + 38), .claimed = {}};
    launch.ready = at(asked + 40);
    launch.published = at(asked + 42);
    launch.in_sync = at(asked + 70);
    return launch;
}

DnsWrite a_write(const Launch& launch) {
    return {.generation = launch.generation,
            .address = "10.0.0." + std::to_string(launch.generation),
            .sent = *launch.ready,
            .accepted = launch.published,
            .change = {},
            .in_sync = launch.in_sync};
}

/// Served by its first launch from the 42nd second on.
Record a_record() {
    Record record;
    record.uid = "uid-1";
    record.spec = a_spec();
    record.registered = start;
    record.launches.push_back(a_launch(1, 0, Reason::registered, "registered"));
    record.dns_private.published = a_write(record.launches[0]);
    record.dns_public.published = a_write(record.launches[0]);
    return record;
}

void give_notice(Launch& launch, int seen, int terminate_by) {
    launch.notice = Notice{"terminate", at(seen), at(terminate_by)};
}

void follow_with(Record& record, Launch launch) {
    if (launch.published) {
        record.dns_private.published = a_write(launch);
        record.dns_public.published = a_write(launch);
    }
    record.launches.push_back(std::move(launch));
}

void lose(Launch& launch, int when) {
    launch.lost = at(when);
    launch.ec2_state = Ec2State::terminated;
}

std::string tell(const Record& record, int when) {
    return told(record, explain(record, at(when)));
}

bool says(const std::string& text, std::string_view part) {
    CAPTURE(text);
    CAPTURE(part);
    const bool found = text.find(part) != std::string::npos;
    CHECK(found);
    return found;
}

}  // namespace

TEST_CASE("explain: a notice in good time, in its moments and without downtime") {
    auto record = a_record();
    give_notice(record.launches[0], 1000, 1120);
    lose(record.launches[0], 1130);
    follow_with(record, a_launch(2, 1001, Reason::notice, "AWS will terminate machine i-1"));

    const auto moves = moves_of(record);
    REQUIRE(moves.size() == 2);
    CHECK(moves[1].phase == Phase::done);
    CHECK(moves[1].begun == at(1000));
    CHECK(moves[1].downtime == 0s);
    std::vector<Mark> marks;
    for (const auto& moment : moves[1].moments) {
        marks.push_back(moment.what);
    }
    CHECK(marks == std::vector{Mark::notice, Mark::requested, Mark::machine_given, Mark::booted, Mark::ready,
                               Mark::published, Mark::in_sync, Mark::gone});

    const auto text = tell(record, 2000);
    says(text, "lms-chen is serving: machine i-2 serves since 2026-01-15T12:17:21Z.");
    says(text, "Launch 2 (AWS will terminate machine i-1) has machine i-2, a spot t3.small in subnet-1.");
    says(text,
         "lms-chen.example.com points at 10.0.0.2 of launch 2 since 2026-01-15T12:17:23Z, on all servers");
    says(text, "lms-chen moved to launch 2: AWS will terminate machine i-1\n");
    says(text,
         "2026-01-15T12:16:40Z                AWS gave notice: it will terminate machine i-1 at "
         "2026-01-15T12:18:40Z\n");
    says(text, "+41 s  machine i-2 was ready\n");
    says(text, "+2 min 10 s  machine i-1 was gone\n");
    says(text, "0.0 s of downtime\n");
}

TEST_CASE("explain: a late notice costs what the boot takes beyond it") {
    auto record = a_record();
    give_notice(record.launches[0], 1000, 1005);
    lose(record.launches[0], 1006);
    follow_with(record, a_launch(2, 1001, Reason::notice, "AWS will terminate machine i-1"));
    CHECK(moves_of(record).back().downtime == 37s);
    says(tell(record, 2000), "37.0 s of downtime");
}

TEST_CASE("explain: while there is no capacity, what was tried and for how long the name has no machine") {
    auto record = a_record();
    lose(record.launches[0], 1000);
    Launch launch;
    launch.generation = 2;
    launch.started = at(1000);
    launch.reason = Reason::lost;
    launch.why = "machine i-1 was lost";
    for (const auto& [number, asked, subnet] :
         {std::tuple{1, 1001, "subnet-1"}, std::tuple{2, 1010, "subnet-2"}}) {
        auto attempt = an_attempt(number, asked, subnet);
        attempt.closed = at(asked + 5);
        attempt.status = "capacity-not-available: none";
        launch.attempts.push_back(std::move(attempt));
    }
    launch.attempts.push_back(an_attempt(3, 1020));
    record.retries["2/relaunch"] = {.tries = 2, .not_before = at(1020), .error = "no spot capacity"};
    follow_with(record, std::move(launch));

    const auto moves = moves_of(record);
    REQUIRE(moves.size() == 2);
    CHECK(moves[1].phase == Phase::under_way);
    CHECK_FALSE(moves[1].downtime);
    const auto text = tell(record, 1100);
    says(text, "2 calls for a machine brought none since 2026-01-15T12:16:40Z.");
    says(text, "A spot t3.small in subnet-1 is asked for since 2026-01-15T12:17:00Z.");
    says(text, "The name has no machine since 2026-01-15T12:16:40Z, for 100 s so far.");
    says(text, "no machine: no spot capacity for t3.small in subnet-2 (capacity-not-available)");
    says(text, "lms-chen is to move: machine i-1 was lost");
    says(text, "What failed last, 2 times: no spot capacity.");
}

TEST_CASE("explain: a replacement that can wait says for what") {
    auto record = a_record();
    record.spec.group = "zookeeper";
    record.launches[0].demand = Demand{.reason = Reason::rebalance,
                                       .at = at(1000),
                                       .text = "AWS recommends to replace machine i-1",
                                       .waits_for = "until zookeeper-2 of the group zookeeper serves"};
    const auto moves = moves_of(record);
    REQUIRE(moves.size() == 2);
    CHECK(moves[1].phase == Phase::waiting);
    CHECK(moves[1].reason == Reason::rebalance);
    const auto text = tell(record, 1060);
    says(text,
         "Machine i-1 is to be replaced since 2026-01-15T12:16:40Z: AWS recommends to replace machine i-1. "
         "That waits until zookeeper-2 of the group zookeeper serves.");
    says(text, "No successor was asked for yet.");
    says(text, "lms-chen is to move: AWS recommends to replace machine i-1\n");
}

TEST_CASE("explain: signs of trouble that lead to nothing are told") {
    auto record = a_record();
    auto& launch = record.launches[0];
    launch.rebalance = at(500);
    launch.maintenance = Maintenance{"system-reboot", at(600), at(90000)};
    launch.impaired = at(700);
    launch.unwell = at(800);
    CHECK(moves_of(record).size() == 1);
    const auto text = tell(record, 1000);
    says(text, "AWS recommended at 2026-01-15T12:08:20Z to replace machine i-1; the spec says to note it.");
    says(text, "AWS has planned system-reboot for machine i-1 at 2026-01-16T13:00:00Z.");
    says(text, "EC2's status checks of machine i-1 fail since 2026-01-15T12:11:40Z.");
    says(text,
         "The probe of machine i-1 fails since 2026-01-15T12:13:20Z; it is replaced when that lasts 10m.");
}

TEST_CASE("explain: a paused name is not about to move, and what follows a pause is no replacement") {
    auto record = a_record();
    record.intent = Intent::paused;
    lose(record.launches[0], 1000);
    CHECK(moves_of(record).size() == 1);
    says(tell(record, 1100), "lms-chen is paused: paused by its user");

    record.intent = Intent::running;
    follow_with(record, a_launch(2, 5000, Reason::resumed, "resumed by its user"));
    CHECK(moves_of(record).size() == 2);
    CHECK_FALSE(moves_of(record)[1].downtime);
}

TEST_CASE("explain: an on-demand machine says why it is one") {
    auto record = a_record();
    lose(record.launches[0], 1000);
    record.spec.fallback = Fallback{.return_window = "02:00-05:00"};
    auto launch = a_launch(2, 1300, Reason::lost, "machine i-1 was lost");
    launch.attempts[0].pool.market = Market::on_demand;
    launch.attempts[0].why = "no spot machine was found for 5m";
    launch.attempts[0].request.reset();
    follow_with(record, std::move(launch));
    const auto text = tell(record, 2000);
    says(text, "has machine i-2, an on-demand t3.small in subnet-1.");
    says(text, "It is on-demand because no spot machine was found for 5m.");
    says(text, "EC2 was asked for an on-demand t3.small in subnet-1");
    says(text, "342.0 s of downtime");
}

TEST_CASE("explain: a machine that is gone before the name has moved to it is part of the same move") {
    auto record = a_record();
    lose(record.launches[0], 1000);
    auto short_lived = a_launch(2, 1000, Reason::lost, "machine i-1 was lost");
    short_lived.ready.reset();
    short_lived.published.reset();
    short_lived.in_sync.reset();
    lose(short_lived, 1020);
    follow_with(record, std::move(short_lived));
    follow_with(record, a_launch(3, 1021, Reason::lost, "machine i-2 was lost"));
    const auto moves = moves_of(record);
    REQUIRE(moves.size() == 2);
    CHECK(moves[1].from->generation == 1);
    CHECK(moves[1].to->generation == 3);
    CHECK(moves[1].downtime == 63s);
    says(tell(record, 2000), "machine i-2 was gone before the name had moved to it");
}

TEST_CASE("explain: where an older machine was left, the downtime is a bound") {
    auto record = a_record();
    give_notice(record.launches[0], 1000, 1120);
    follow_with(record, a_launch(2, 1001, Reason::notice, "AWS takes machine i-1"));
    lose(record.launches[1], 1060);
    follow_with(record, a_launch(3, 1061, Reason::lost, "machine i-2 was lost"));
    says(tell(record, 2000), "43.0 s of downtime at most: an older machine may have served meanwhile");
    lose(record.launches[0], 1050);
    says(tell(record, 2000), "43.0 s of downtime\n");
}

TEST_CASE("explain: a retired name says what it waits for") {
    auto record = a_record();
    record.intent = Intent::retired;
    record.retirement = Retirement{.at = at(1000), .command = "uid-2", .kept = {}};
    says(tell(record, 1100), "lms-chen is retiring: retired by its user; ");
}

TEST_CASE("explain: a name that has just been registered is asked for") {
    const Story s;
    const auto explanation = explain(s.record, s.now);
    CHECK(explanation.status.state == State::requesting);
    REQUIRE(explanation.moves.size() == 1);
    CHECK(explanation.moves[0].phase == Phase::waiting);
}
