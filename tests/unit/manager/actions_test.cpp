#include "manager/actions.hpp"

#include "world.hpp"

namespace {

using Kind = fleet::ActionKind;

constexpr auto request = "RequestSpotInstances";
constexpr auto describe_requests = "DescribeSpotInstanceRequests";

const fleet::Launch& launch_of(const fleet::Record& record) {
    return record.launches.back();
}

/// A name whose spot request was sent, and whose answer was this.
manager::ActionResult request_spot(World& world, FakeAws::Responder answer) {
    world.add_name(World::spec(1));
    world.fake.once(request, std::move(answer));
    return world.perform("lms-1", Kind::request_spot);
}

}  // namespace

TEST_CASE("actions: that a spot request is being sent is durable before it leaves") {
    World world;
    world.add_name(World::spec(1));
    world.tasks->spawn([](manager::Actions* actions, std::shared_ptr<const fleet::Record> record,
                          fleet::Action action) -> boost::asio::awaitable<void> {
        co_await actions->perform(std::move(record), std::move(action));
    }(world.actions.get(), world.shared("lms-1"), world.action("lms-1", Kind::request_spot)));
    world.until([&] { return world.fake.count(request) == 1; });
    CHECK(world.attempt("lms-1").sent);
}

TEST_CASE("actions: a refused spot request closes the attempt, with the reason") {
    World world;
    const auto result = request_spot(world, FakeAws::refuse("MaxSpotInstanceCountExceeded"));
    CHECK_FALSE(result.succeeded);
    CHECK(world.attempt("lms-1").closed);
    CHECK(world.attempt("lms-1").status.starts_with(
        "the account's quota of spot machines is used up: MaxSpotInstanceCountExceeded: "));
}

TEST_CASE("actions: no capacity is held against the pool") {
    World world;
    request_spot(world, FakeAws::refuse("InsufficientInstanceCapacity", 500));
    CHECK(world.attempt("lms-1").closed);
    const auto pools = world.run(
        world.store->read([](const store::ReadTransaction& transaction) { return transaction.pools(); }));
    REQUIRE(pools->size() == 1);
    CHECK(pools->at(0).failures == 1);
}

TEST_CASE("actions: a spot request whose answer was lost is looked up, and sent again byte by byte") {
    World world;
    world.settings.policy.backoff_first = 1ms;
    request_spot(world, FakeAws::lose());
    CHECK_FALSE(world.attempt("lms-1").closed);
    world.until(
        [&] { return world.clock.now() >= world.record("lms-1").retries.at("1/request/1").not_before; });
    world.fake.once(describe_requests, FakeAws::ok(answers::spot_request(describe_requests, "")));
    CHECK(world.perform("lms-1", Kind::look_up_attempt).succeeded);
    CHECK(world.fake.asked(describe_requests)[0].body.contains(world.attempt("lms-1").token));
    world.fake.once(request, FakeAws::ok(answers::spot_request(request, "sir-1")));
    CHECK(world.perform("lms-1", Kind::request_spot).succeeded);
    CHECK(world.attempt("lms-1").request == "sir-1");
    CHECK(world.fake.asked(request)[0].body == world.fake.asked(request)[1].body);
}

TEST_CASE("actions: a token used with other parameters is looked up and its request adopted") {
    World world;
    world.settings.policy.backoff_first = 1ms;
    request_spot(world, FakeAws::refuse("IdempotentParameterMismatch"));
    CHECK_FALSE(world.attempt("lms-1").closed);
    world.until(
        [&] { return world.clock.now() >= world.record("lms-1").retries.at("1/request/1").not_before; });
    world.fake.once(describe_requests,
                    FakeAws::ok(answers::spot_request(describe_requests, "sir-1", "active", "i-1")));
    CHECK(world.perform("lms-1", Kind::look_up_attempt).succeeded);
    CHECK(world.attempt("lms-1").request == "sir-1");
    CHECK(launch_of(world.record("lms-1")).machine == "i-1");
    CHECK(world.fake.count(request) == 1);
}

TEST_CASE("actions: a machine that cannot be tagged is tried again, and no other is asked for") {
    World world;
    world.add_name(World::spec(1));
    world.request(1);
    world.learn("lms-1", fleet::Fulfilled{"sir-1", "i-1"});
    world.fake.once("CreateTags", FakeAws::refuse("UnauthorizedOperation"));
    CHECK_FALSE(world.perform("lms-1", Kind::tag_machine).succeeded);
    const auto record = world.record("lms-1");
    CHECK(record.retries.at("1/tag/i-1").tries == 1);
    CHECK(record.launches.size() == 1);
    CHECK(launch_of(record).attempts.size() == 1);
}

TEST_CASE("actions: a machine is tagged before it is ended, since the permission may be bound to the tag") {
    for (const bool tagged : {false, true}) {
        World world;
        world.add_name(World::spec(1));
        world.request(1);
        world.learn("lms-1", fleet::CancelSending{"sir-1"});
        world.learn("lms-1", fleet::Fulfilled{"sir-1", "i-1"});
        if (tagged) {
            world.learn("lms-1", fleet::MachineTagged{"i-1"});
        }
        world.fake.once("TerminateInstances", FakeAws::refuse("UnauthorizedOperation"));
        CHECK_FALSE(world.perform("lms-1", Kind::terminate_machine).succeeded);
        CHECK(world.fake.count("CreateTags") == (tagged ? 0 : 1));
        CHECK(world.fake.count("TerminateInstances") == 1);
    }
}

TEST_CASE("actions: a machine that EC2 does not want to end is tried again later") {
    World world;
    world.add_name(World::spec(1));
    world.request(1);
    world.learn("lms-1", fleet::CancelSending{"sir-1"});
    world.learn("lms-1", fleet::Fulfilled{"sir-1", "i-1"});
    world.fake.once("TerminateInstances", FakeAws::refuse("InvalidInstanceID.NotFound"));
    const auto result = world.perform("lms-1", Kind::terminate_machine);
    CHECK_FALSE(result.succeeded);
    const auto retry = world.record("lms-1").retries.at("1/terminate/i-1");
    CHECK(retry.tries == 1);
    CHECK(retry.error.starts_with("InvalidInstanceID.NotFound: "));
    CHECK(retry.not_before > world.clock.now() - 1h);
}

TEST_CASE("actions: names that share a change share the look at it") {
    World world;
    std::vector<bool> succeeded;
    for (const int number : {1, 2, 3}) {
        const auto name = World::spec(number).name;
        world.add_name(World::spec(number));
        world.make_ready(number);
        world.learn(name, fleet::UpsertSending{fleet::Side::private_, 1, World::address(number), 30});
        world.learn(name, fleet::UpsertAccepted{fleet::Side::private_, 1, World::address(number), "C1"});
    }
    world.fake.hold("GetChange");
    for (const int number : {1, 2, 3}) {
        const auto name = World::spec(number).name;
        world.tasks->spawn([](manager::Actions* actions, std::shared_ptr<const fleet::Record> record,
                              fleet::Action action,
                              std::vector<bool>* outcomes) -> boost::asio::awaitable<void> {
            const auto result = co_await actions->perform(std::move(record), std::move(action));
            outcomes->push_back(result.succeeded);
        }(world.actions.get(), world.shared(name), world.action(name, Kind::follow_change), &succeeded));
    }
    world.settle();
    world.fake.once("GetChange", FakeAws::ok(answers::change("C1", "INSYNC")));
    world.until([&] { return succeeded.size() == 3; });
    CHECK(world.fake.count("GetChange") == 1);
    for (const int number : {1, 2, 3}) {
        CHECK(world.record(World::spec(number).name).dns_private.published->in_sync);
    }
}

TEST_CASE("actions: a spot request that is not wanted any more does not leave") {
    World world;
    world.add_name(World::spec(1));
    const auto record = world.shared("lms-1");
    const auto action = world.action("lms-1", Kind::request_spot);
    const auto name_is_retired = fleet::Fact{world.clock.now(), fleet::RetirementAsked{"uid-2", false}};
    REQUIRE(world.run(world.desk->tell("lms-1", name_is_retired)));
    CHECK_FALSE(world.run(world.actions->perform(record, action)).succeeded);
    CHECK(world.fake.count(request) == 0);
}

TEST_CASE("actions: a machine that is kept, and its spot request, no longer carry our tag") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    world.learn("lms-1", fleet::RetirementAsked{"uid-2", true});
    world.fake.once("CreateTags", FakeAws::ok("<CreateTagsResponse/>"));
    world.fake.once("CreateTags", FakeAws::refuse("InvalidSpotInstanceRequestID.NotFound"));
    const auto before = world.fake.count("CreateTags");
    CHECK(world.perform("lms-1", Kind::release_machine).succeeded);
    const auto calls = world.fake.asked("CreateTags");
    REQUIRE(calls.size() == before + 2);
    CHECK(calls[before].body.contains("i-1"));
    CHECK(calls[before].body.contains("released"));
    CHECK(calls[before + 1].body.contains("sir-1"));
}
