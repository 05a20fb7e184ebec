#include "sim/images.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "sim/cloud.hpp"

using namespace std::chrono_literals;

namespace {

struct Fixture {
    sim::Settings settings;
    sim::Cloud cloud{settings, base::Time{base::Duration{1'000'000'000}}};

    void pass(base::Duration time) { cloud.timeline.advance_to(cloud.timeline.now() + time); }

    sim::Machine& machine(const std::string& image_id = "ami-1") {
        sim::LaunchSpec spec;
        spec.image_id = image_id;
        auto& made = cloud.machines.launch(spec, {}, {});
        pass(5s);
        return made;
    }

    sim::Image& image(const sim::Machine& machine, const std::string& name = "daily") {
        const auto made = cloud.images.create(
            machine, {.name = name, .description = {}, .tags = {{"of", "image"}}, .snapshot_tags = {}});
        REQUIRE(made.has_value());
        return **made;
    }

    std::string refused(const sim::Answer<void>& answer) { return answer ? "" : answer.error().code; }

    /// State, image and error of the events about images.
    std::vector<std::string> told() const {
        std::vector<std::string> states;
        for (const auto& event : cloud.events.history()) {
            const auto body = boost::json::parse(event).as_object();
            if (body.at("detail-type").as_string() == "EC2 AMI State Change") {
                states.emplace_back(body.at("detail").at("State").as_string());
            }
        }
        return states;
    }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "sim images: one is pending, then available, with a snapshot of each disk") {
    sim::LaunchSpec spec;
    spec.image_id = "ami-1";
    spec.disks = {{.device_name = "/dev/xvda", .gib = 40, .volume_id = {}},
                  {.device_name = "/dev/xvdb", .gib = 100, .volume_id = {}}};
    auto& two_disks = cloud.machines.launch(spec, {}, {});
    pass(5s);
    auto& made = image(two_disks);
    CHECK(made.state == "pending");
    CHECK(refused(cloud.images.check_launch(made.id)) == "InvalidAMIID.Unavailable");
    REQUIRE(made.disks.size() == 2);
    CHECK(made.disks[0].gib == 40);
    CHECK(cloud.images.find_snapshot(made.disks[1].snapshot_id)->state == "pending");
    CHECK(cloud.images.find_snapshot(made.disks[1].snapshot_id)->volume_id == two_disks.disks[1].volume_id);
    pass(2s);
    CHECK(made.state == "available");
    CHECK(cloud.images.find_snapshot(made.disks[1].snapshot_id)->state == "completed");
    CHECK(told() == Words{"available"});
    CHECK(cloud.images.check_launch(made.id).has_value());
    auto& next = machine(made.id);
    REQUIRE(next.disks.size() == 2);
    CHECK(next.disks[1].gib == 100);
    CHECK(next.disks[1].volume_id != two_disks.disks[1].volume_id);
}

TEST_CASE_FIXTURE(Fixture, "sim images: a name is used once, until its image is deregistered") {
    auto& of = machine();
    const auto first = image(of).id;
    const sim::ImageAsk same{.name = "daily", .description = {}, .tags = {}, .snapshot_tags = {}};
    CHECK(cloud.images.create(of, same).error().code == "InvalidAMIName.Duplicate");
    CHECK(cloud.images.create(of, {.name = "x", .description = {}, .tags = {}, .snapshot_tags = {}})
              .error()
              .code == "InvalidAMIName.Malformed");
    CHECK(cloud.images.deregister(first).has_value());
    CHECK(cloud.images.create(of, same).has_value());
    CHECK(refused(cloud.images.deregister(first)) == "InvalidAMIID.Unavailable");
    CHECK(refused(cloud.images.check_launch(first)) == "InvalidAMIID.NotFound");
}

TEST_CASE_FIXTURE(Fixture, "sim images: a snapshot is in use while its image is there, and a while longer") {
    auto& made = image(machine());
    const auto snapshot = made.disks.front().snapshot_id;
    pass(2s);
    CHECK(refused(cloud.images.delete_snapshot(snapshot)) == "InvalidSnapshot.InUse");
    CHECK(cloud.images.deregister(made.id).has_value());
    CHECK(refused(cloud.images.delete_snapshot(snapshot)) == "InvalidSnapshot.InUse");
    pass(1s);
    CHECK(cloud.images.delete_snapshot(snapshot).has_value());
    CHECK(refused(cloud.images.delete_snapshot(snapshot)) == "InvalidSnapshot.NotFound");
    CHECK(told() == Words{"available", "deregistered"});
}

TEST_CASE_FIXTURE(Fixture,
                  "sim images: one that is made next may fail, or stay pending until it is settled") {
    auto& of = machine();
    cloud.images.decide_next("fail");
    auto& failing = image(of, "one");
    cloud.images.decide_next("hold");
    auto& held = image(of, "two");
    auto& fine = image(of, "three");
    pass(1h);
    CHECK(failing.state == "failed");
    CHECK_FALSE(failing.state_reason.empty());
    CHECK(cloud.images.find_snapshot(failing.disks.front().snapshot_id)->state == "error");
    CHECK(held.state == "pending");
    CHECK(fine.state == "available");
    CHECK(cloud.images.settle(held, std::nullopt).has_value());
    CHECK(held.state == "available");
    CHECK_FALSE(cloud.images.settle(held, "once more").has_value());
    CHECK(told() == Words{"failed", "available", "available"});
}

TEST_CASE_FIXTURE(Fixture, "sim images: a machine that ends takes its pending image with it") {
    auto& of = machine();
    auto& first = image(of, "first");
    pass(2s);
    auto& second = image(of, "second");
    cloud.machines.terminate(of, sim::user_initiated());
    CHECK(first.state == "available");
    CHECK(second.state == "failed");
    CHECK(second.state_reason.starts_with("Client.InstanceTerminated"));
}

TEST_CASE_FIXTURE(Fixture,
                  "sim images: from an image of a spoiled disk no machine boots, nor from its images") {
    auto& of = machine();
    CHECK(of.booted);
    of.spoiled = true;
    const auto bad = image(of, "bad").id;
    of.spoiled = false;
    const auto good = image(of, "good").id;
    pass(2s);
    auto& dead = machine(bad);
    CHECK(dead.state == sim::MachineState::running);
    CHECK_FALSE(dead.booted);
    CHECK(machine(good).booted);
    CHECK(image(dead, "of the dead").spoiled);
}

TEST_CASE_FIXTURE(Fixture, "sim machines: one that reboots is away for a while, and reports but once") {
    int reports = 0;
    int cut_off = 0;
    cloud.machines.on_booted = [&](const sim::Machine&) { ++reports; };
    cloud.on_machine_down = [&](const sim::Machine&) { ++cut_off; };
    auto& up = machine();
    cloud.machines.reboot(up);
    CHECK(up.state == sim::MachineState::running);
    CHECK_FALSE(up.booted);
    CHECK(cut_off == 1);
    pass(1s);
    CHECK(up.booted);
    CHECK(reports == 1);

    auto& early = cloud.machines.launch({}, {}, {});
    pass(1500ms);
    cloud.machines.reboot(early);
    pass(700ms);
    CHECK_FALSE(early.booted);
    pass(300ms);
    CHECK(early.booted);
    CHECK(reports == 2);
}
