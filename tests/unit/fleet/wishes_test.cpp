#include <boost/json/serialize.hpp>

#include "fleet/status.hpp"
#include "unit/fleet/desk.hpp"
#include "unit/fleet/story.hpp"

using story::Story;

namespace {

using namespace fleet;  // NOLINT(google-build-using-namespace): the words of the room under test

std::string order(const desk::Desk& desk, const std::string& what, const std::string& command_uid,
                  std::optional<Time> issued = {}) {
    return desk::command(desk, command_uid,
                         boost::json::serialize(base::to_json(NameOrder{"lms-chen", "uid-1"})), issued, what);
}

std::string update(const desk::Desk& desk, const std::string& command_uid, const std::string& spec,
                   bool replace = false, std::optional<Time> issued = {}) {
    return desk::command(desk, command_uid,
                         R"({"name":"lms-chen","uid":"uid-1","replace":)" +
                             std::string(replace ? "true" : "false") + R"(,"spec":)" + spec + "}",
                         issued, "update");
}

/// Registered without DNS names, and its machine i-1 is ready.
struct ServingDesk : desk::Desk {
    ServingDesk() {
        send(desk::command(*this, "uid-1", desk::spec("lms-chen")));
        tell("lms-chen", AttemptSending{1, 1});
        tell("lms-chen", AttemptAnswered{1, 1, "sir-1"});
        run("sir-1", "i-1");
    }

    void run(const std::string& request, const std::string& machine) {
        tell("lms-chen", Fulfilled{request, machine});
        tell("lms-chen", MachineDescribed{machine, Ec2State::running, {.private_ = "10.0.0.1"}});
        tell("lms-chen", Reported{.machine = machine});
    }

    State state() const { return status_of(record()).state; }
    std::vector<Action> actions() const { return pending(record(), now, policy); }
};

}  // namespace

TEST_CASE("pause: machines are given back, DNS is left, and nothing is asked for; resume takes a new one") {
    Story s;
    s.serve(1);
    s.learn(PauseAsked{});
    CHECK(s.state() == State::pausing);
    CHECK(s.kinds() == std::vector{ActionKind::terminate_machine});
    CHECK(s.record.dns_private.published);
    s.describe("i-1", Ec2State::shutting_down);
    CHECK(s.state() == State::paused);
    s.describe("i-1", Ec2State::terminated);
    CHECK(s.kinds().empty());
    CHECK_FALSE(deadline(s.record, s.now, s.policy));
    CHECK(s.record.launches.size() == 1);

    s.wait(24h);
    s.learn(ResumeAsked{});
    REQUIRE(s.record.launches.size() == 2);
    CHECK(s.launch().reason == Reason::resumed);
    s.serve(2);
    CHECK(s.state() == State::serving);
}

TEST_CASE("pause: what is asked for is cancelled, and what comes all the same is ended") {
    Story s;
    SUBCASE("never sent") {
        s.learn(PauseAsked{});
        CHECK(s.state() == State::paused);
        CHECK(s.kinds().empty());
    }
    SUBCASE("open") {
        s.request("sir-1");
        s.learn(PauseAsked{});
        CHECK(s.state() == State::pausing);
        CHECK(s.kinds() == std::vector{ActionKind::cancel_request});
        s.learn(CancelSending{"sir-1"});
        s.learn(CancelAnswered{"sir-1"});
        SUBCASE("and cancelled") {
            s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
            // The pool is not to blame.
            CHECK(s.view.pools.empty());
        }
        SUBCASE("and fulfilled all the same") {
            s.learn(Fulfilled{"sir-1", "i-1"});
            CHECK(s.wants(ActionKind::terminate_machine));
            s.describe("i-1", Ec2State::terminated);
        }
        CHECK(s.state() == State::paused);
    }
    SUBCASE("sent, and the answer lost") {
        s.learn(AttemptSending{1, 1});
        s.learn(PauseAsked{});
        CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
        s.wait(s.policy.visible_after);
        s.learn(AttemptNotFound{1, 1});
        CHECK(s.state() == State::paused);
    }
    CHECK(s.kinds().empty());
    s.learn(ResumeAsked{});
    CHECK(s.record.launches.size() == 2);
    CHECK(s.wants(ActionKind::request_spot));
}

TEST_CASE("pause and resume: the last word holds, in whatever order the queue gives them") {
    ServingDesk desk;
    const auto first = desk.now;
    desk.now += 10s;
    CHECK(desk.send(order(desk, "resume", "c-2", desk.now)).outcome == Outcome::handled);
    CHECK(desk.ledger.command("c-2")->reason == "the name is not paused");
    CHECK(desk.send(order(desk, "pause", "c-1", first)).outcome == Outcome::rejected);
    CHECK(desk.ledger.command("c-1")->reason ==
          "a command of 2026-01-15T12:00:10Z, which is later, was carried out before it came");
    CHECK(desk.state() == State::serving);
    CHECK(desk.send(order(desk, "pause", "c-3")).outcome == Outcome::handled);
    CHECK(desk.state() == State::pausing);
    CHECK(desk.send(order(desk, "pause", "c-4")).reason == "the name is paused already");
    CHECK(desk.send(order(desk, "replace", "c-5")).reason ==
          "the name lms-chen is paused: resume it, and it gets another machine");
    CHECK(desk.send(order(desk, "resume", "c-6")).outcome == Outcome::handled);
    CHECK(desk.record().launches.size() == 2);
}

TEST_CASE("replace: another machine; again while one is on its way is accepted and does nothing") {
    ServingDesk desk;
    CHECK(desk.send(order(desk, "replace", "c-1")).outcome == Outcome::handled);
    CHECK(desk.record().launches.back().reason == Reason::asked);
    CHECK(desk.send(order(desk, "replace", "c-2")).reason == "launch 2 is being prepared already");
    CHECK(desk.record().launches.size() == 2);
}

TEST_CASE("a command names the managed instance that it means") {
    ServingDesk desk;
    for (const std::string what : {"replace", "pause", "resume"}) {
        const auto other = desk::command(
            desk, what, boost::json::serialize(base::to_json(NameOrder{"lms-chen", "uid-0"})), {}, what);
        CHECK(desk.send(other).reason == "the managed instance lms-chen that it means is not known");
    }
    CHECK(desk.state() == State::serving);
}

TEST_CASE("update: the next launch is of the new spec, or one at once") {
    ServingDesk desk;
    const auto other = desk::spec("lms-chen", R"(,"key_name":"ops")");
    desk.send(update(desk, "c-1", other));
    CHECK(desk.record().spec.key_name == "ops");
    CHECK(desk.record().spec_revision == 2);
    CHECK(desk.record().launches.size() == 1);
    CHECK(desk.send(update(desk, "c-2", other)).reason == "the name has this spec already");
    CHECK(desk.record().spec_revision == 2);
    desk.send(update(desk, "c-3", other, true));
    REQUIRE(desk.record().launches.size() == 2);
    CHECK(desk.record().launches.back().reason == Reason::spec_changed);
    CHECK(desk.record().launches.back().attempts.back().spec_revision == 2);
}

TEST_CASE("update: what is refused, with a sentence") {
    ServingDesk desk;
    CHECK(desk.send(update(desk, "c-1", desk::spec("lms-two"))).reason ==
          "the spec's name is lms-two, not lms-chen");
    CHECK(desk.send(update(desk, "c-2",
                           desk::spec("lms-chen", R"(,"dns":{"private":{"name":"a.example.com"}})")))
              .reason ==
          "dns.private cannot be changed: it is not there; retire the name and register it anew");
    CHECK(desk.send(update(desk, "c-3", R"({"name":"lms-chen"})")).outcome == Outcome::rejected);
    desk.now += 10s;
    desk.send(update(desk, "c-4", desk::spec("lms-chen", R"(,"key_name":"new")")));
    CHECK(desk.send(update(desk, "c-5", desk::spec("lms-chen", R"(,"key_name":"old")"), false, desk.now - 5s))
              .reason == "a spec of 2026-01-15T12:00:10Z, which is later, was taken before this one came");
    CHECK(desk.record().spec.key_name == "new");
}

TEST_CASE("update: an attempt of an older spec is never sent again") {
    Story s;
    auto spec = story::a_spec();
    spec.instance_types = {"t3.large"};
    SUBCASE("not sent yet") {
        s.learn(SpecChanged{spec, false});
        CHECK(s.launch().attempts.front().closed);
        REQUIRE(s.launch().attempts.size() == 2);
        CHECK(s.attempt().pool.instance_type == "t3.large");
        CHECK(s.attempt().spec_revision == 2);
    }
    SUBCASE("sent, and the answer lost") {
        s.learn(AttemptSending{1, 1});
        s.learn(SpecChanged{spec, false});
        s.learn(AttemptNotFound{1, 1});
        CHECK_FALSE(s.wants(ActionKind::request_spot));
        s.wait(s.policy.visible_after);
        CHECK(s.wants(ActionKind::look_up_attempt));
        s.learn(AttemptNotFound{1, 1});
        s.wait_for_deadline();
        CHECK(s.wants(ActionKind::request_spot));
        CHECK(s.attempt().number == 2);
    }
    SUBCASE("open: it is cancelled") {
        s.request("sir-1");
        s.learn(SpecChanged{spec, false});
        CHECK(s.kinds() == std::vector{ActionKind::cancel_request});
    }
}

TEST_CASE("update: at once is also meant for a machine that comes of what was asked for before") {
    Story s;
    auto spec = story::a_spec();
    spec.instance_types = {"t3.large"};
    s.request("sir-1");
    s.learn(SpecChanged{spec, true});
    SUBCASE("it came before the cancel") {
        s.run("sir-1", "i-1");
        s.describe("i-1", Ec2State::running, story::addresses(1));
        REQUIRE(s.record.launches.size() == 2);
        CHECK(s.launch().reason == Reason::spec_changed);
    }
    SUBCASE("none came") {
        s.learn(CancelSending{"sir-1"});
        s.learn(CancelAnswered{"sir-1"});
        s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
        s.wait_for_deadline();
        s.request("sir-2");
        s.run("sir-2", "i-1");
        s.describe("i-1", Ec2State::running, story::addresses(1));
        CHECK(s.launch().ready);
        CHECK(s.record.launches.size() == 1);
        CHECK(s.attempt().spec_revision == 2);
    }
}

TEST_CASE("update: a machine without a public address serves without it until the next launch") {
    auto spec = story::a_spec();
    spec.public_ip = false;
    spec.dns.public_.reset();
    spec.readiness.tcp = TcpProbe{.port = 22};
    Story s(spec);
    s.request("sir-1");
    s.run("sir-1", "i-1");
    spec.public_ip = true;
    s.learn(SpecChanged{spec, false});
    s.describe("i-1", Ec2State::running, {.private_ = "10.0.0.1"});
    CHECK_FALSE(s.wants(ActionKind::describe_machine));
    CHECK(s.wants(ActionKind::probe_machine));
    s.learn(ProbePassed{"i-1"});
    s.publish(Side::private_, "C1");
    CHECK(s.state() == State::serving);
    CHECK(s.reason().contains("it has no public address: the next launch's machine will have one"));
    s.describe("i-1", Ec2State::terminated);
    s.request("sir-2");
    s.run("sir-2", "i-2");
    s.describe("i-2", Ec2State::running, {.private_ = "10.0.0.2"});
    s.wait_for_deadline();
    CHECK(s.wants(ActionKind::describe_machine));
}

TEST_CASE("update: what a probe said that the spec no longer has is no sign of trouble") {
    auto spec = story::a_spec();
    spec.readiness.tcp = TcpProbe{22};
    Story s(spec);
    s.request("sir-1");
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::running, story::addresses(1));
    s.learn(ProbePassed{"i-1"});
    s.learn(ProbeFailed{"i-1", "connection refused"});
    REQUIRE(s.launch().unwell);
    s.learn(SpecChanged{story::a_spec(), false});
    CHECK_FALSE(s.launch().unwell);
    s.wait(1h);
    CHECK(s.record.launches.size() == 1);
}

TEST_CASE("two members of a group that are advised in one transaction take turns") {
    desk::Desk desk;
    const auto more = R"(,"group":"kafka","on_rebalance":"replace")";
    for (const std::string number : {"1", "2"}) {
        const auto name = "kafka-" + number;
        desk.send(desk::command(desk, "uid-" + number, desk::spec(name, more)));
        desk.tell(name, AttemptSending{1, 1});
        desk.tell(name, AttemptAnswered{1, 1, "sir-" + number});
        desk.tell(name, Fulfilled{"sir-" + number, "i-" + number});
        desk.tell(name, MachineDescribed{"i-" + number, Ec2State::running, {.private_ = "10.0.0." + number}});
        desk.tell(name, Reported{.machine = "i-" + number});
    }
    Reception reception(desk.ledger, desk.rules, desk.policy, desk.now);
    reception.tell("kafka-1", {desk.now, RebalanceAdvised{"i-1"}});
    reception.tell("kafka-2", {desk.now, RebalanceAdvised{"i-2"}});
    CHECK(desk.record("kafka-1").launches.size() == 2);
    CHECK(desk.record("kafka-2").launches.size() == 1);
    CHECK(
        status_of(desk.record("kafka-2")).reason.find("this waits until kafka-1 of the group kafka serves") !=
        std::string::npos);
    CHECK(desk.ledger.voluntary_replacements() == 1);
}

TEST_CASE("update: what was wrong with the spec before is no reason to wait with the new one") {
    Story s;
    s.learn(AttemptSending{1, 1});
    s.learn(AttemptRefused{1, 1, false, "there is no such image"});
    REQUIRE(s.attempt().closed);
    auto spec = story::a_spec();
    spec.image_id = "ami-2";
    s.learn(SpecChanged{spec, false});
    CHECK_FALSE(s.attempt().closed);
    CHECK(s.attempt().image_id == "ami-2");
    CHECK(s.wants(ActionKind::request_spot));
}
