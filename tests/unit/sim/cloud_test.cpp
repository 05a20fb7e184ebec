#include "sim/cloud.hpp"

#include <doctest/doctest.h>
#include <boost/json/parse.hpp>

using namespace std::chrono_literals;

namespace {

sim::Settings quiet_settings() {
    sim::Settings settings;
    settings.events_to_queues = {"q"};
    return settings;
}

struct Fixture {
    sim::Cloud cloud{quiet_settings(), base::Time{base::Duration{1'000'000'000}}};

    Fixture() { REQUIRE(cloud.queues.create("q", {})); }

    void pass(base::Duration time) { cloud.timeline.advance_to(cloud.timeline.now() + time); }

    static sim::SpotAsk ask() {
        sim::SpotAsk ask;
        ask.spec.image_id = "ami-1";
        ask.spec.machine_type = "c7g.large";
        ask.spec.zone = "us-east-1a";
        ask.spec.instance_profile = "worker";
        ask.spec.user_data =
            "#!/bin/sh\nSPOT_MANAGER_NAME='lms'\nSPOT_MANAGER_QUEUE_URL='http://x/1/"
            "q'\nSPOT_MANAGER_TOKEN='t'\n";
        return ask;
    }

    sim::SpotRequest& request(const sim::SpotAsk& wanted = ask()) {
        return *cloud.spot_requests.find(cloud.spot_requests.request(wanted, 1).front());
    }

    sim::Machine& machine_of(const sim::SpotRequest& request) {
        return *cloud.machines.find(request.machine_id);
    }

    /// `state/status` of a request.
    static std::string standing(const sim::SpotRequest& request) {
        return request.state + "/" + request.status;
    }

    /// What has come into the queue since the last look: states, other kinds of event by their words,
    /// reports.
    std::vector<std::string> heard() {
        std::vector<std::string> words;
        for (const auto& message : cloud.queues.receive("q", 100, 12h).value()) {
            const auto body = boost::json::parse(message.body).as_object();
            if (body.contains("report")) {
                words.push_back("report by " + message.sender_id.substr(message.sender_id.find(':') + 1, 2));
                continue;
            }
            const auto& detail = body.at("detail").as_object();
            words.emplace_back(detail.contains("state") ? detail.at("state").as_string()
                                                        : body.at("detail-type").as_string());
        }
        return words;
    }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "sim cloud: a spot request becomes a machine that runs and reports") {
    auto& asked = request();
    CHECK(standing(asked) == "open/pending-evaluation");
    pass(1s);
    CHECK(standing(asked) == "active/fulfilled");
    CHECK(heard() == Words{"pending", "EC2 Spot Instance Request Fulfillment"});
    auto& machine = machine_of(asked);
    CHECK(machine.private_address == "127.16.0.1");
    pass(1s);
    CHECK(machine.state == sim::MachineState::running);
    CHECK_FALSE(machine.booted);
    pass(1s);
    CHECK(machine.booted);
    CHECK(heard() == Words{"running", "report by i-"});
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a machine without a role cannot report") {
    auto ask = Fixture::ask();
    ask.spec.instance_profile.clear();
    request(ask);
    pass(3s);
    CHECK(heard().back() == "running");
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a loss without notice ends machine and request") {
    auto& asked = request();
    pass(3s);
    heard();
    cloud.interruptions.take(machine_of(asked));
    CHECK(standing(asked) == "closed/instance-terminated-no-capacity");
    CHECK(machine_of(asked).private_address == "127.16.0.1");
    pass(1s);
    CHECK(machine_of(asked).state == sim::MachineState::terminated);
    CHECK(machine_of(asked).private_address.empty());
    CHECK(heard() == Words{"shutting-down", "terminated"});
    pass(1h);
    CHECK(cloud.machines.find(asked.machine_id) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a notice is carried out two minutes later") {
    auto& asked = request();
    pass(3s);
    heard();
    cloud.interruptions.warn(machine_of(asked), {});
    cloud.interruptions.warn(machine_of(asked), {});
    CHECK(standing(asked) == "active/marked-for-termination");
    CHECK(heard() == Words{"EC2 Spot Instance Interruption Warning"});
    pass(119s);
    CHECK(machine_of(asked).state == sim::MachineState::running);
    pass(1s);
    CHECK(machine_of(asked).state == sim::MachineState::shutting_down);
    CHECK(standing(asked) == "closed/instance-terminated-no-capacity");
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a person's end is told from an interruption") {
    auto& asked = request();
    pass(3s);
    cloud.machines.terminate(machine_of(asked), sim::user_initiated());
    CHECK(standing(asked) == "closed/instance-terminated-by-user");
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a cancel can lose to a fulfilment") {
    auto& early = request();
    cloud.spot_requests.cancel(early);
    CHECK(standing(early) == "cancelled/canceled-before-fulfillment");
    pass(1s);
    CHECK(early.machine_id.empty());

    auto& late = request();
    pass(1s);
    cloud.spot_requests.cancel(late);
    CHECK(standing(late) == "cancelled/request-canceled-and-instance-running");
    CHECK(machine_of(late).state == sim::MachineState::pending);
    cloud.machines.terminate(machine_of(late), sim::user_initiated());
    CHECK(standing(late) == "cancelled/instance-terminated-by-user");
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: without capacity a request waits, until there is some or it expires") {
    cloud.pools.set_capacity({.machine_type = "*", .zone = "us-east-1a"}, false);
    auto ask = Fixture::ask();
    ask.valid_until = cloud.timeline.now() + 1min;
    auto& first = request(ask);
    pass(1s);
    CHECK(standing(first) == "open/capacity-not-available");
    cloud.pools.set_capacity({.machine_type = "c7g.large", .zone = "us-east-1a"}, true);
    pass(1s);
    CHECK(standing(first) == "active/fulfilled");

    cloud.pools.set_capacity({.machine_type = "c7g.large", .zone = "us-east-1a"}, false);
    ask.valid_until = cloud.timeline.now() + 1min;
    auto& second = request(ask);
    pass(1min);
    CHECK(standing(second) == "cancelled/schedule-expired");
    pass(4h);
    CHECK(cloud.spot_requests.all().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a price below the pool's waits") {
    auto ask = Fixture::ask();
    ask.price = "0.01";
    auto& asked = request(ask);
    pass(1s);
    CHECK(standing(asked) == "open/price-too-low");
    cloud.pools.set_price({.machine_type = "c7g.large", .zone = "us-east-1a"}, "0.009");
    pass(1s);
    CHECK(standing(asked) == "active/fulfilled");
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a machine of a persistent request stops and starts again") {
    auto ask = Fixture::ask();
    ask.persistent = true;
    auto& asked = request(ask);
    pass(3s);
    auto& machine = machine_of(asked);
    cloud.machines.stop(machine, sim::user_initiated());
    CHECK(standing(asked) == "disabled/instance-stopped-by-user");
    CHECK_FALSE(machine.booted);
    pass(1s);
    CHECK(machine.state == sim::MachineState::stopped);
    cloud.machines.start(machine);
    pass(2s);
    CHECK(standing(asked) == "active/fulfilled");
    CHECK(machine.booted);
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: an action planned for an earlier state does not happen") {
    auto& asked = request();
    pass(1s);
    cloud.machines.terminate(machine_of(asked), sim::user_initiated());
    pass(10s);
    CHECK(machine_of(asked).state == sim::MachineState::terminated);
    CHECK(heard() ==
          Words{"pending", "EC2 Spot Instance Request Fulfillment", "shutting-down", "terminated"});
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: a new id is found only after a while") {
    cloud.settings.visible_after = 2s;
    auto& asked = request();
    CHECK_FALSE(cloud.spot_requests.visible(asked));
    pass(2s);
    CHECK(cloud.spot_requests.visible(asked));
    CHECK_FALSE(cloud.machines.visible(machine_of(asked)));
}

TEST_CASE("sim machines: addresses do not repeat early") {
    CHECK(sim::private_address(0) == "127.16.0.1");
    CHECK(sim::private_address(253) == "127.16.0.254");
    CHECK(sim::private_address(254) == "127.16.1.1");
    CHECK(sim::public_address(254 * 256) == "127.33.0.1");
}

TEST_CASE_FIXTURE(Fixture, "sim cloud: when told so, events come twice, late or never") {
    const auto tell = [&](const std::string& fault) {
        sim::FaultRule rule;
        rule.service = "events";
        rule.operation = "EC2 Instance Rebalance Recommendation";
        rule.fault = fault;
        cloud.faults.clear();
        REQUIRE(cloud.faults.add(rule));
        cloud.interruptions.recommend_rebalance(cloud.machines.all().begin()->second);
        return heard().size();
    };
    auto spec = ask().spec;
    spec.user_data.clear();
    cloud.machines.launch(spec, {}, {});
    pass(1h);
    heard();
    CHECK(tell("duplicate") == 2);
    CHECK(tell("drop") == 0);
    CHECK(tell("delay") == 0);
    pass(1s);
    CHECK(heard().size() == 1);
}
