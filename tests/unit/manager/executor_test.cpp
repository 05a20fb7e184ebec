#include "manager/executor.hpp"

#include "world.hpp"

namespace {

constexpr auto request = "RequestSpotInstances";

}  // namespace

TEST_CASE("executor: an action under way is not begun again when its record changes") {
    World world;
    world.start_executor();
    world.add_name(World::spec(1));
    world.until([&] { return world.fake.count(request) == 1; });
    world.learn("lms-1", fleet::ActionFailed{"something/else", "so that the record changes"});
    world.settle();
    CHECK(world.fake.count(request) == 1);
    world.fake.once(request, FakeAws::ok(answers::spot_request(request, "sir-1")));
    world.until([&] { return world.attempt("lms-1").request == "sir-1"; });
    CHECK(world.fake.count(request) == 1);
}

TEST_CASE("executor: what was changed after a restart is acted on") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    world.restart();
    world.start_executor();
    CHECK(world.executor->records().at("lms-1")->revision == world.record("lms-1").revision);
    world.learn("lms-1", fleet::ActionFailed{"something/else", "so that the record changes"});
    CHECK(world.executor->records().at("lms-1")->revision == world.record("lms-1").revision);
}
