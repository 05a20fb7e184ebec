#include "manager/translate.hpp"

#include "base/hash.hpp"
#include "fleet/command.hpp"
#include "world.hpp"

namespace {

aws::RequestSpotInstancesInput input_of(const fleet::Record& record, const manager::Settings& settings) {
    return manager::to_input(record, 1, record.launches.at(0).attempts.at(0), "store-1", settings);
}

}  // namespace

TEST_CASE("translate: everything carries the user's tags, and ours") {
    fleet::Record record;
    record.uid = "uid-1";
    record.spec.name = "lms-chen";
    record.spec.tags = {{"team", "lms"}, {"spot-manager:name", "a lie"}};
    const auto tags = manager::tags_of(record, 3, "store-1");
    const aws::Tags expected{{"Name", "lms-chen"},
                             {"team", "lms"},
                             {"spot-manager:store", "store-1"},
                             {"spot-manager:name", "lms-chen"},
                             {"spot-manager:uid", "uid-1"},
                             {"spot-manager:generation", "3"}};
    CHECK(tags == expected);
    record.spec.tags["Name"] = "Chen's server";
    CHECK(manager::tags_of(record, 3, "store-1").at("Name") == "Chen's server");
}

TEST_CASE("translate: equal attempts make equal calls, after a restart too") {
    World world;
    auto spec = World::spec(1);
    spec.tags = {{"b", "2"}, {"a", "1"}};
    spec.block_device_mappings = {{.device_name = "/dev/xvda", .ebs = fleet::EbsDevice{.volume_size = 20}}};
    world.add_name(spec);
    const auto body = [&] {
        return aws::build_request_spot_instances(input_of(world.record("lms-1"), world.settings))
            .request.body;
    };
    const auto before = body();
    world.restart();
    CHECK(body() == before);
    CHECK(before.contains("ClientToken=" + world.attempt("lms-1").token));
}

TEST_CASE("translate: user data says who the machine is and carries no credential") {
    World world;
    auto spec = World::spec(1);
    spec.user_data = "#!/bin/sh\necho of the user\n";
    world.add_name(spec);
    const auto data = input_of(world.record("lms-1"), world.settings).launch.user_data;
    CHECK(data.contains("echo of the user"));
    CHECK(data.contains("lms-1"));
    CHECK(data.contains(world.settings.queue_url));
    CHECK(data.contains(fleet::report_token(world.store->key(), "uid-lms-1")));
    CHECK_FALSE(data.contains(world.store->key()));
    CHECK_FALSE(data.contains(base::hex(world.store->key())));
    CHECK_FALSE(data.contains("SECRET"));
}

TEST_CASE("translate: a request that EC2 holds back may still be given a machine") {
    CHECK(manager::to_fleet(aws::SpotRequestState::disabled) == fleet::RequestState::unknown);
    CHECK(manager::to_fleet(aws::InstanceState::shutting_down) == fleet::Ec2State::shutting_down);
}

TEST_CASE("translate: what EC2 left empty is not known") {
    const auto machine = manager::to_fact(aws::Instance{.id = "i-1", .private_address = "10.0.0.1"});
    CHECK(machine.addresses.private_ == "10.0.0.1");
    CHECK_FALSE(machine.addresses.public_);
    const auto request = manager::to_fact(aws::SpotRequest{.id = "sir-1",
                                                           .state = aws::SpotRequestState::open,
                                                           .status_code = "capacity-not-available",
                                                           .status_message = "none"});
    CHECK(request.status == "capacity-not-available: none");
    CHECK_FALSE(request.machine);
}
