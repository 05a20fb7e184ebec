#include "fleet/retirement.hpp"

#include "unit/fleet/story.hpp"

using namespace story;

namespace {

void retire(Story& s, bool keep_machine = false) {
    s.learn(RetirementAsked{"uid-2", keep_machine});
}

void cancel(Story& s, const std::string& request) {
    REQUIRE(s.action(ActionKind::cancel_request).id == request);
    s.learn(CancelSending{request});
    s.learn(CancelAnswered{request});
}

/// The one thing left to do is ending this machine, and then nothing is left.
void end(Story& s, const std::string& machine) {
    REQUIRE(s.kinds() == std::vector{ActionKind::terminate_machine});
    REQUIRE(s.action(ActionKind::terminate_machine).id == machine);
    CHECK(s.reason() == "retired by its user; machine " + machine + " is being ended");
    s.learn(StateChanged{machine, Ec2State::shutting_down});
    // What an answer says, EC2 has to confirm.
    CHECK_FALSE(is_over(s.record));
    s.describe(machine, Ec2State::shutting_down);
    CHECK(is_over(s.record));
    CHECK(s.kinds().empty());
}

}  // namespace

TEST_CASE("retire: before anything was sent, nothing is left at once") {
    Story s;
    retire(s);
    CHECK(is_over(s.record));
    CHECK(s.kinds().empty());
    CHECK(s.state() == State::retired);
    CHECK(s.noted("retiring"));
    CHECK(s.noted("retired"));
    // The call that was about to leave does not.
    s.learn(AttemptSending{1, 1});
    CHECK_FALSE(s.attempt().sent);
}

TEST_CASE("retire: an attempt without an answer is looked for, and not sent again") {
    Story s;
    s.learn(AttemptSending{1, 1});
    retire(s);
    CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
    CHECK(s.state() == State::retiring);
    s.learn(AttemptNotFound{1, 1});
    CHECK_FALSE(is_over(s.record));
    SUBCASE("it was not taken") {
        s.wait(s.policy.visible_after);
        CHECK(s.kinds() == std::vector{ActionKind::look_up_attempt});
        s.learn(AttemptNotFound{1, 1});
        CHECK(is_over(s.record));
    }
    SUBCASE("it was") {
        s.learn(AttemptAnswered{1, 1, "sir-1"});
        cancel(s, "sir-1");
        s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
        CHECK(is_over(s.record));
    }
}

TEST_CASE("retire: an open spot request is cancelled at once, and known to be closed before the end") {
    Story s;
    s.request("sir-1");
    retire(s);
    CHECK(s.reason() == "retired by its user; spot request sir-1 is being cancelled");
    cancel(s, "sir-1");
    CHECK_FALSE(is_over(s.record));
    SUBCASE("without a machine") {
        s.learn(RequestDescribed{"sir-1", RequestState::cancelled, "canceled-before-fulfillment", {}});
        CHECK(is_over(s.record));
        CHECK(s.record.launches.size() == 1);
    }
    SUBCASE("the fulfilment wins") {
        s.learn(Fulfilled{"sir-1", "i-1"});
        end(s, "i-1");
    }
}

TEST_CASE("retire: a machine that comes before the cancel is sent is ended") {
    Story s;
    s.request("sir-1");
    retire(s, true);
    s.learn(Fulfilled{"sir-1", "i-1"});
    // It was not there when its user said what to keep.
    end(s, "i-1");
}

TEST_CASE("retire: a machine that boots is ended") {
    Story s;
    s.request("sir-1");
    s.run("sir-1", "i-1");
    retire(s);
    end(s, "i-1");
}

TEST_CASE("retire: a stopped machine is ended") {
    Story s;
    s.request("sir-1");
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::stopped);
    s.request("sir-2");
    retire(s);
    CHECK(s.wants(ActionKind::terminate_machine));
    cancel(s, "sir-2");
    s.learn(RequestDescribed{"sir-2", RequestState::cancelled, "canceled-before-fulfillment", {}});
    end(s, "i-1");
}

TEST_CASE("retire: a name that serves loses its DNS records first, and then its machine") {
    Story s;
    s.serve(1);
    retire(s);
    CHECK(s.kinds() == std::vector{ActionKind::remove_dns, ActionKind::remove_dns});
    CHECK(s.reason() == "retired by its user; its DNS record lms-chen.internal.example.com is being removed");
    s.learn(RecordDeleted{Side::private_, "10.0.0.1"});
    CHECK(s.kinds() == std::vector{ActionKind::remove_dns});
    SUBCASE("both are ours") {
        s.learn(RecordDeleted{Side::public_, "203.0.113.1"});
        CHECK(s.noted("dns_removed"));
    }
    SUBCASE("one is another's by now") {
        s.learn(
            RecordLeft{Side::public_, "lms-chen.example.com points at 192.0.2.1, which we did not write"});
        CHECK(s.noted("dns_left"));
    }
    end(s, "i-1");
}

TEST_CASE("retire: while a successor is on its way, both go") {
    Story s;
    s.serve(1);
    s.describe("i-1", Ec2State::terminated);
    s.request("sir-2");
    s.run("sir-2", "i-2");
    retire(s);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
    s.learn(RecordDeleted{Side::private_, "10.0.0.1"});
    s.learn(RecordDeleted{Side::public_, "203.0.113.1"});
    end(s, "i-2");
}

TEST_CASE("retire: a write without an answer may still take effect, and is waited for") {
    Story s;
    s.request("sir-1");
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::running, addresses(1));
    s.learn(UpsertSending{Side::private_, 1, "10.0.0.1", 30});
    retire(s);
    CHECK(s.kinds().empty());
    CHECK(is_ours(s.record.dns_private, "10.0.0.1"));
    CHECK_FALSE(is_ours(s.record.dns_private, "10.0.0.2"));
    SUBCASE("the answer comes") {
        s.learn(UpsertAccepted{Side::private_, 1, "10.0.0.1", "C1"});
    }
    SUBCASE("it does not") {
        s.wait(s.policy.visible_after);
    }
    CHECK(s.kinds() == std::vector{ActionKind::remove_dns});
    s.learn(RecordDeleted{Side::private_, "10.0.0.1"});
    end(s, "i-1");
}

TEST_CASE("retire: a deletion that fails is tried again, and the machine waits for it") {
    Story s;
    s.serve(1);
    retire(s);
    s.learn(RecordDeleted{Side::private_, "10.0.0.1"});
    s.learn(ActionFailed{"publish/public", "AccessDenied: not allowed"});
    CHECK(s.kinds().empty());
    CHECK(s.reason().find("AccessDenied: not allowed") != std::string::npos);
    s.wait_for_deadline();
    CHECK(s.kinds() == std::vector{ActionKind::remove_dns});
}

TEST_CASE("retire: a machine that is kept is released, and lives") {
    Story s;
    s.serve(1);
    retire(s, true);
    s.learn(RecordDeleted{Side::private_, "10.0.0.1"});
    s.learn(RecordDeleted{Side::public_, "203.0.113.1"});
    CHECK(s.kinds() == std::vector{ActionKind::release_machine});
    CHECK(s.reason() == "retired by its user; machine i-1 is being released");
    // Neither may overtake the other.
    CHECK(s.action(ActionKind::release_machine).key == action_key(1, "tag", "i-1"));
    SUBCASE("released") {
        s.learn(Released{"i-1"});
        CHECK(s.noted("released"));
    }
    SUBCASE("lost meanwhile") {
        s.describe("i-1", Ec2State::terminated);
    }
    CHECK(is_over(s.record));
    CHECK(s.kinds().empty());
}

TEST_CASE("retire: a stopped machine can be kept, and releasing it is not tried without a pause") {
    Story s;
    s.request("sir-1");
    s.run("sir-1", "i-1");
    s.describe("i-1", Ec2State::stopped);
    retire(s, true);
    CHECK(s.kinds() == std::vector{ActionKind::release_machine});
    s.learn(ActionFailed{action_key(1, "tag", "i-1"), "Unavailable: EC2 does not answer"});
    CHECK(s.kinds().empty());
    s.wait_for_deadline();
    s.learn(Released{"i-1"});
    CHECK(is_over(s.record));
}

TEST_CASE("retire: the first word counts") {
    Story s;
    s.serve(1);
    retire(s, true);
    retire(s, false);
    CHECK(s.record.retirement->keep_machine);
    CHECK(s.record.retirement->kept == 1);
}
