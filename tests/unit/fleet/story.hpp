#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/contains.hpp"
#include "fleet/launch.hpp"
#include "fleet/life_cycle.hpp"
#include "fleet/pending.hpp"
#include "fleet/status.hpp"

/// One managed instance told step by step, for the tests of the pure room.
namespace story {

using namespace fleet;  // NOLINT(google-build-using-namespace): the words of the room under test
using namespace std::chrono_literals;

inline const Time start = *base::parse_time("2026-01-15T12:00:00Z");

inline Spec a_spec() {
    Spec spec;
    spec.name = "lms-chen";
    spec.image_id = "ami-1";
    spec.instance_types = {"t3.small"};
    spec.subnet_ids = {"subnet-1"};
    spec.security_group_ids = {"sg-1"};
    spec.public_ip = true;
    spec.dns.private_ = DnsName{.name = "lms-chen.internal.example.com", .zone_id = "ZPRIVATE"};
    spec.dns.public_ = DnsName{.name = "lms-chen.example.com"};
    spec.image.schedule = "off";
    return spec;
}

inline Addresses addresses(int number) {
    const auto last = std::to_string(number);
    return {.private_ = "10.0.0." + last, .public_ = "203.0.113." + last};
}

/// A record and its time; every fact is told at the present.
class Story {
  public:
    explicit Story(Spec spec = a_spec(), Policy policy_ = {}) : policy(policy_) {
        take(begin(std::move(spec), "uid-1", {}, start, view, now, policy));
    }

    template <class Body>
    void learn(Body body) {
        learn_at(now, std::move(body));
    }

    /// Learns now what was so at another time.
    template <class Body>
    void learn_at(Time at, Body body) {
        take(advance(std::move(record), Fact{at, std::move(body)}, view, now, policy));
    }

    void wait(Duration duration) {
        now += duration;
        learn(TimePassed{});
    }

    /// Waits until the record is to be looked at again.
    void wait_for_deadline() {
        const auto when = deadline(record, now, policy);
        REQUIRE(when);
        wait(*when - now);
    }

    std::vector<Action> actions() const { return pending(record, now, policy); }

    std::vector<ActionKind> kinds() const {
        std::vector<ActionKind> kinds;
        for (const auto& action : actions()) {
            kinds.push_back(action.kind);
        }
        return kinds;
    }

    bool wants(ActionKind kind) const { return base::contains(kinds(), kind); }

    Action action(ActionKind kind) const {
        for (auto& action : actions()) {
            if (action.kind == kind) {
                return action;
            }
        }
        FAIL("the action is not pending");
        return {};
    }

    State state() const { return status_of(record).state; }
    std::string reason() const { return status_of(record).reason; }
    Launch& launch() { return record.launches.back(); }
    Attempt& attempt() { return launch().attempts.back(); }

    bool noted(std::string_view event) const {
        return std::ranges::any_of(journal, [&](const JournalEntry& entry) { return entry.event == event; });
    }

    // Chapters of the story, each with facts as the manager would tell them.

    void request(const std::string& id) {
        const auto to_do = action(ActionKind::request_spot);
        learn(AttemptSending{to_do.generation, to_do.attempt});
        learn(AttemptAnswered{to_do.generation, to_do.attempt, id});
    }

    void describe(const std::string& machine, Ec2State state, Addresses with = {}) {
        learn(MachineDescribed{machine, state, std::move(with)});
    }

    void run(const std::string& request_id, const std::string& machine) {
        learn(Fulfilled{request_id, machine});
        learn(StateChanged{machine, Ec2State::pending});
        learn(StateChanged{machine, Ec2State::running});
        learn(Reported{.machine = machine});
    }

    void publish(Side side, const std::string& change) {
        if (!record.dns(side).zone_id) {
            learn(ZoneFound{side, "ZPUBLIC"});
        }
        const auto write = wanted_write(record, side);
        REQUIRE(write);
        learn(UpsertSending{side, write->generation, write->address, write->ttl});
        learn(UpsertAccepted{side, write->generation, write->address, change});
    }

    void publish_both(const std::string& change) {
        publish(Side::private_, change + "-private");
        publish(Side::public_, change + "-public");
    }

    void in_sync(const std::string& change) {
        learn(ChangeInSync{change + "-private"});
        learn(ChangeInSync{change + "-public"});
    }

    /// From an attempt that is to be made to a name that serves.
    void serve(int number) {
        const auto last = std::to_string(number);
        request("sir-" + last);
        run("sir-" + last, "i-" + last);
        describe("i-" + last, Ec2State::running, addresses(number));
        learn(MachineTagged{"i-" + last});
        publish_both("C" + last);
        in_sync("C" + last);
        REQUIRE(serving_launch(record));
        REQUIRE(serving_launch(record)->generation == number);
    }

    Policy policy;
    FleetView view;
    Time now = start;
    Record record;
    std::vector<JournalEntry> journal;

  private:
    void take(Step step) {
        record = std::move(step.record);
        journal.insert(journal.end(), step.journal.begin(), step.journal.end());
        for (auto& health : step.pools) {
            std::erase_if(view.pools, [&](const PoolHealth& known) { return known.pool == health.pool; });
            view.pools.push_back(std::move(health));
        }
    }
};

}  // namespace story
