#include "manager/watcher.hpp"

#include "world.hpp"

namespace {

/// A name with a probe, whose machine is ready.
void add_probed(World& world, int number) {
    auto spec = World::spec(number);
    spec.readiness.http = fleet::HttpProbe{};
    world.add_name(spec);
    world.request(number);
    const auto machine = "i-" + std::to_string(number);
    world.learn(spec.name, fleet::Fulfilled{"sir-" + std::to_string(number), machine});
    world.learn(spec.name, fleet::Reported{.machine = machine});
    world.learn(spec.name, fleet::MachineDescribed{
                               machine, fleet::Ec2State::running, {.private_ = World::address(number)}});
    world.learn(spec.name, fleet::ProbePassed{machine});
    REQUIRE(world.record(spec.name).launches[0].ready);
}

boost::asio::awaitable<bool> look_once(manager::Watcher* watcher) {
    co_await watcher->look();
    co_return true;
}

void look(World& world) {
    world.settings.actions_at_once = 0;
    REQUIRE(world.run(world.executor->load()));
    world.run(look_once(world.watcher.get()));
}

}  // namespace

TEST_CASE("watcher: tells only what has changed") {
    World world;
    add_probed(world, 1);
    const auto unwell = [&] { return world.record("lms-1").launches[0].unwell; };
    const auto before = world.record("lms-1").revision;
    look(world);
    CHECK(world.probes == 1);
    CHECK(world.record("lms-1").revision == before);
    world.probe_passes = false;
    look(world);
    const auto since = unwell();
    CHECK(since);
    look(world);
    CHECK(unwell() == since);
    CHECK(world.record("lms-1").revision == before + 1);
    world.probe_passes = true;
    look(world);
    CHECK_FALSE(unwell());
}

TEST_CASE("watcher: machines that are not ready, have no probe, or are given up are left alone") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    auto booting = World::spec(2);
    booting.readiness.http = fleet::HttpProbe{};
    world.add_name(booting);
    world.request(2);
    add_probed(world, 3);
    world.learn("lms-3", fleet::RetirementAsked{"uid-9", false});
    look(world);
    CHECK(world.probes == 0);
}

TEST_CASE("watcher: many machines are all looked at") {
    World world;
    constexpr int names = 70;
    for (int number = 1; number <= names; ++number) {
        add_probed(world, number);
    }
    look(world);
    CHECK(world.probes == names);
}

TEST_CASE("watcher: beats while it waits") {
    World world;
    world.tasks->spawn(world.watcher->run());
    world.settle();
    CHECK(world.heartbeats->late(world.clock.now()).empty());
    CHECK(world.heartbeats->late(world.clock.now() + 1h) == std::vector<std::string>{"watcher"});
}
