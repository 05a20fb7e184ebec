#include "manager/sweeper.hpp"

#include "world.hpp"

namespace {

constexpr auto requests = "DescribeSpotInstanceRequests";
constexpr auto machines = "DescribeInstances";

bool sweep(World& world) {
    return world.run(world.sweeper->sweep());
}

}  // namespace

TEST_CASE("sweeper: finds a fulfilment whose event was lost") {
    World world;
    world.add_name(World::spec(1));
    world.request(1);
    REQUIRE(world.run(world.executor->load()));
    world.fake.always(requests, FakeAws::ok(answers::spot_request(requests, "sir-1", "active", "i-1")));
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches[0].machine == "i-1");
}

TEST_CASE("sweeper: a machine that a complete look does not show is absent") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    REQUIRE(world.run(world.executor->load()));
    world.fake.always(requests, FakeAws::ok(answers::spot_request(requests, "sir-1", "active", "i-1")));
    world.fake.always(machines, FakeAws::ok(answers::machines({})));
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches[0].absences == 1);
    CHECK_FALSE(world.record("lms-1").launches[0].lost);
    const auto seen = answers::machines({{.id = "i-1", .private_address = World::address(1)}});
    world.fake.always(machines, FakeAws::ok(seen));
    CHECK(sweep(world));
    CHECK(world.record("lms-1").launches[0].absences == 0);
}

TEST_CASE("sweeper: a look that was not complete tells nothing") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    // The executor publishes meanwhile, and asks EC2 as well: not within this test.
    world.settings.dns_gather = 1min;
    REQUIRE(world.run(world.executor->load()));
    const auto before = world.record("lms-1").revision;
    world.fake.always(requests, FakeAws::refuse("InternalError", 500));
    auto first_page = answers::machines({});
    first_page.insert(first_page.find("</DescribeInstancesResponse>"), "<nextToken>more</nextToken>");
    world.fake.once(machines, FakeAws::ok(first_page));
    world.fake.once(machines, FakeAws::refuse("InternalError", 500));
    CHECK_FALSE(sweep(world));
    CHECK(world.record("lms-1").revision == before);
    CHECK(world.fake.count(machines) == 2);
}

TEST_CASE("sweeper: with nothing to look at it asks nothing") {
    World world;
    CHECK(sweep(world));
    CHECK(world.fake.operations().empty());
}
