#include "sim/past.hpp"

#include <doctest/doctest.h>

#include "sim/cloud.hpp"

using namespace std::chrono_literals;

namespace {

struct Fixture {
    sim::Cloud cloud{sim::Settings{}, base::Time{base::Duration{1'000'000}}};

    void pass(base::Duration time) { cloud.timeline.advance_to(cloud.timeline.now() + time); }

    void lag(base::Duration by) {
        sim::FaultRule rule;
        rule.fault = "stale";
        rule.by = by;
        REQUIRE(cloud.faults.add(rule));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "sim past: a read that lags misses what is new, and shows what has ended as living") {
    lag(1s);
    CHECK(cloud.show("DescribeInstances").machines.empty());
    const auto id = cloud.machines.launch({}, {}, {}).id;
    pass(500ms);
    CHECK(cloud.show("DescribeInstances").machines.empty());
    pass(1s);
    CHECK(cloud.show("DescribeInstances").machines.contains(id));
    cloud.machines.terminate(*cloud.machines.find(id), sim::user_initiated());
    CHECK(cloud.show("DescribeInstances").machines.at(id).state != sim::MachineState::shutting_down);
    pass(1500ms);
    cloud.show("DescribeInstances");
    pass(1500ms);
    CHECK(cloud.show("DescribeInstances").machines.at(id).state == sim::MachineState::terminated);
}

TEST_CASE_FIXTURE(Fixture, "sim past: images and snapshots lag as well") {
    lag(1s);
    auto& machine = cloud.machines.launch({}, {}, {});
    cloud.show("DescribeImages");
    pass(5s);
    const auto made =
        cloud.images.create(machine, {.name = "daily", .description = {}, .tags = {}, .snapshot_tags = {}});
    REQUIRE(made);
    const std::string id = (*made)->id;
    pass(500ms);
    CHECK(cloud.show("DescribeImages").images.empty());
    CHECK(cloud.show("DescribeSnapshots").snapshots.empty());
    pass(1s);
    CHECK(cloud.show("DescribeImages").images.at(id).state == "pending");
    CHECK(cloud.show("DescribeSnapshots").snapshots.size() == 1);
    REQUIRE(cloud.images.deregister(id));
    CHECK(cloud.show("DescribeImages").images.contains(id));
    pass(500ms);
    CHECK(cloud.show("DescribeImages").images.contains(id));
    pass(1500ms);
    CHECK(cloud.show("DescribeImages").images.empty());
}

TEST_CASE_FIXTURE(Fixture, "sim past: a read that does not lag shows the present") {
    const auto id = cloud.machines.launch({}, {}, {}).id;
    CHECK(cloud.show("DescribeInstances").machines.contains(id));
}
