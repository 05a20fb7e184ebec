#include "manager/store_watch.hpp"
#include "world.hpp"

TEST_CASE("health: every loop beats, and one that has stopped shows") {
    World world;
    world.start_executor();
    world.tasks->spawn(world.intake->run());
    world.tasks->spawn(world.sweeper->run());
    world.tasks->spawn(manager::watch_store(world.store.operator->(), &world.clock, world.heartbeats.get()));
    world.add_name(World::spec(1));
    world.make_ready(1);
    // None of its calls is answered: each loop now hangs somewhere.
    world.until([&] { return world.fake.count("DescribeInstances") >= 1; });
    world.settle();
    CHECK(world.heartbeats->late(world.clock.now()).empty());
    const std::vector<std::string> all{"dns_publisher Z1", "executor", "intake", "storage", "sweeper"};
    CHECK(world.heartbeats->late(world.clock.now() + 1h) == all);
}

TEST_CASE("health: a publisher that has nothing to do is not missed") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    const auto machines = answers::machines({{.id = "i-1", .private_address = World::address(1)}});
    world.fake.always("DescribeInstances", FakeAws::ok(machines));
    CHECK(world.perform("lms-1", fleet::ActionKind::publish_dns).succeeded);
    world.settle();
    CHECK(world.heartbeats->late(world.clock.now() + 1h).empty());
}
