#include "manager/actions.hpp"
#include "manager/translate.hpp"
#include "manager/unrecorded.hpp"
#include "world.hpp"

namespace {

using Kind = fleet::ActionKind;

constexpr auto create_fleet = "CreateFleet";
constexpr auto create_template = "CreateLaunchTemplate";
constexpr auto create_version = "CreateLaunchTemplateVersion";

fleet::Spec several_pools() {
    auto spec = World::spec(1);
    spec.instance_types = {"t3.small", "t3.large"};
    return spec;
}

std::string template_made() {
    return answers::item("CreateLaunchTemplateResponse",
                         answers::item("launchTemplate", answers::item("launchTemplateId", "lt-1") +
                                                             answers::item("latestVersionNumber", "1")));
}

std::string version_made(int number) {
    return answers::item(
        "CreateLaunchTemplateVersionResponse",
        answers::item("launchTemplateVersion", answers::item("versionNumber", std::to_string(number))));
}

std::string templates(const std::string& id) {
    return answers::item(
        "DescribeLaunchTemplatesResponse",
        answers::item("launchTemplates",
                      id.empty() ? "" : answers::item("item", answers::item("launchTemplateId", id))));
}

std::string pool(const std::string& type) {
    return answers::item("launchTemplateAndOverrides",
                         answers::item("overrides", answers::item("instanceType", type) +
                                                        answers::item("subnetId", "subnet-1")));
}

std::string failed(const std::string& type, const std::string& code) {
    return answers::item("item", pool(type) + answers::item("errorCode", code) +
                                     answers::item("errorMessage", "as the test says"));
}

std::string fleet_made(const std::string& machine, const std::string& errors = "") {
    const auto one = pool("t3.large") + answers::item("instanceType", "t3.large") +
                     answers::item("lifecycle", "spot") +
                     answers::item("instanceIds", answers::item("item", machine));
    return answers::item(
        "CreateFleetResponse",
        answers::item("fleetId", "fleet-1") + answers::item("errorSet", errors) +
            answers::item("fleetInstanceSet", machine.empty() ? "" : answers::item("item", one)));
}

/// A name with two pools, whose launch template is made.
void add_name(World& world) {
    world.settings.policy.backoff_first = 1ms;
    world.add_name(several_pools());
    world.fake.once(create_template, FakeAws::ok(template_made()));
    REQUIRE(world.perform("lms-1", Kind::make_template).succeeded);
}

manager::ActionResult ask(World& world, FakeAws::Responder answer) {
    world.fake.once(create_fleet, std::move(answer));
    return world.perform("lms-1", Kind::create_fleet);
}

std::vector<fleet::PoolHealth> pools(World& world) {
    return world
        .run(world.store->read([](const store::ReadTransaction& transaction) { return transaction.pools(); }))
        .value();
}

}  // namespace

TEST_CASE(
    "fleet actions: a fleet gives a machine that carries our tags, from a template with our user data") {
    World world;
    add_name(world);
    const auto made = world.fake.asked(create_template).at(0).body;
    CHECK(made.contains("LaunchTemplateName=spot-manager-" + world.store->id() + "-uid-lms-1"));
    CHECK(made.contains("LaunchTemplateData.UserData="));
    CHECK(made.contains("HttpTokens=required"));
    CHECK(made.contains("TagSpecification.1.ResourceType=launch-template"));
    CHECK(made.contains("network-interface"));
    CHECK(ask(world, FakeAws::ok(fleet_made("i-1"))).succeeded);
    const auto asked = world.fake.asked(create_fleet).at(0).body;
    CHECK(asked.contains("ClientToken=" + world.attempt("lms-1").token));
    CHECK(asked.contains("LaunchTemplateId=lt-1"));
    CHECK(asked.contains("spot-manager%3Atoken"));
    CHECK(asked.contains("spot-manager%3Ageneration"));
    const auto record = world.record("lms-1");
    CHECK(record.launches.back().machine == "i-1");
    CHECK(record.launches.back().tagged);
    CHECK(world.attempt("lms-1").pool.instance_type == "t3.large");
}

TEST_CASE("fleet actions: that a fleet is being asked for is durable before the call leaves") {
    World world;
    add_name(world);
    world.fake.hold(create_fleet);
    world.tasks->spawn([](manager::Actions* actions, std::shared_ptr<const fleet::Record> record,
                          fleet::Action action) -> boost::asio::awaitable<void> {
        co_await actions->perform(std::move(record), std::move(action));
    }(world.actions.get(), world.shared("lms-1"), world.action("lms-1", Kind::create_fleet)));
    world.until([&] { return world.fake.count(create_fleet) == 1; });
    CHECK(world.attempt("lms-1").sent);
}

TEST_CASE("fleet actions: pools without capacity are avoided, whether another gave a machine or not") {
    World world;
    add_name(world);
    SUBCASE("another did") {
        ask(world, FakeAws::ok(fleet_made("i-1", failed("t3.small", "InsufficientInstanceCapacity"))));
        CHECK_FALSE(world.attempt("lms-1").closed);
        REQUIRE(pools(world).size() == 1);
        CHECK(pools(world)[0].pool.instance_type == "t3.small");
    }
    SUBCASE("none did") {
        CHECK_FALSE(ask(world, FakeAws::ok(fleet_made("", failed("t3.small", "InsufficientInstanceCapacity") +
                                                              failed("t3.large", "UnfulfillableCapacity"))))
                        .succeeded);
        CHECK(world.attempt("lms-1").closed);
        CHECK(world.attempt("lms-1").status.contains(
            "no spot capacity for t3.small in subnet-1: InsufficientInstanceCapacity: as the test says"));
        CHECK(world.attempt("lms-1").status.contains("t3.large in subnet-1: UnfulfillableCapacity"));
        CHECK(pools(world).size() == 2);
    }
    SUBCASE("EC2 does not say why") {
        ask(world, FakeAws::ok(fleet_made("")));
        CHECK(world.attempt("lms-1").closed);
        CHECK(pools(world).size() == 2);
    }
}

TEST_CASE("fleet actions: what is not the pools' fault is not held against them, and is said in a sentence") {
    World world;
    add_name(world);
    SUBCASE("a quota, of a pool") {
        ask(world, FakeAws::ok(fleet_made("", failed("t3.small", "MaxSpotInstanceCountExceeded"))));
        CHECK(world.attempt("lms-1").status.starts_with(
            "the account's quota of spot machines is used up: MaxSpotInstanceCountExceeded"));
    }
    SUBCASE("a quota, of the call") {
        ask(world, FakeAws::refuse("MaxSpotInstanceCountExceeded"));
        CHECK(world.attempt("lms-1").status.starts_with("the account's quota of spot machines is used up"));
    }
    SUBCASE("the price") {
        ask(world, FakeAws::ok(fleet_made("", failed("t3.small", "SpotMaxPriceTooLow"))));
        CHECK(world.attempt("lms-1").status.contains("SpotMaxPriceTooLow"));
    }
    SUBCASE("a permission") {
        ask(world, FakeAws::refuse("UnauthorizedOperation", 403));
        CHECK(world.attempt("lms-1").status.starts_with("we are not permitted to ask for a spot machine"));
    }
    CHECK(world.attempt("lms-1").closed);
    CHECK(pools(world).empty());
    CHECK(world.record("lms-1").retries.at("1/relaunch").not_before > world.clock.now());
}

TEST_CASE(
    "fleet actions: a fleet whose answer was lost is looked for by the machine's tag, then asked again") {
    World world;
    add_name(world);
    ask(world, FakeAws::lose());
    CHECK_FALSE(world.attempt("lms-1").closed);
    world.until(
        [&] { return world.clock.now() >= world.record("lms-1").retries.at("1/request/1").not_before; });
    SUBCASE("it is there") {
        world.fake.once("DescribeInstances",
                        FakeAws::ok(answers::machines({{"i-1", "pending", "10.0.0.1"}})));
        CHECK(world.perform("lms-1", Kind::look_up_attempt).succeeded);
        CHECK(world.fake.asked("DescribeInstances")[0].body.contains(world.attempt("lms-1").token));
        CHECK(world.record("lms-1").launches.back().machine == "i-1");
        CHECK(world.fake.count(create_fleet) == 1);
    }
    SUBCASE("it is not: the same bytes are sent") {
        world.fake.once("DescribeInstances", FakeAws::ok(answers::machines({})));
        CHECK(world.perform("lms-1", Kind::look_up_attempt).succeeded);
        CHECK(ask(world, FakeAws::ok(fleet_made("i-1"))).succeeded);
        CHECK(world.fake.asked(create_fleet)[0].body == world.fake.asked(create_fleet)[1].body);
    }
}

TEST_CASE("fleet actions: a token used with other parameters is looked up and its machine taken") {
    World world;
    add_name(world);
    ask(world, FakeAws::refuse("IdempotentParameterMismatch"));
    CHECK_FALSE(world.attempt("lms-1").closed);
    world.until(
        [&] { return world.clock.now() >= world.record("lms-1").retries.at("1/request/1").not_before; });
    world.fake.once("DescribeInstances", FakeAws::ok(answers::machines({{"i-1", "running", "10.0.0.1"}})));
    CHECK(world.perform("lms-1", Kind::look_up_attempt).succeeded);
    CHECK(world.record("lms-1").launches.back().machine == "i-1");
}

TEST_CASE("fleet actions: a launch template whose answer was lost is found by its name and given a version") {
    World world;
    world.add_name(several_pools());
    world.fake.once(create_template, FakeAws::refuse("InvalidLaunchTemplateName.AlreadyExistsException"));
    world.fake.once("DescribeLaunchTemplates", FakeAws::ok(templates("lt-7")));
    world.fake.once(create_version, FakeAws::ok(version_made(2)));
    CHECK(world.perform("lms-1", Kind::make_template).succeeded);
    const auto made = world.record("lms-1").launch_template;
    REQUIRE(made);
    CHECK(made->id == "lt-7");
    CHECK(made->version == 2);
    CHECK(world.fake.asked(create_version)[0].body.contains("LaunchTemplateId=lt-7"));
}

TEST_CASE("fleet actions: a launch template that is gone is made anew") {
    World world;
    add_name(world);
    SUBCASE("it is gone") {
        world.fake.once("DescribeLaunchTemplates", FakeAws::ok(templates("")));
        ask(world, FakeAws::refuse("InvalidLaunchTemplateId.NotFound"));
        CHECK_FALSE(world.record("lms-1").launch_template);
    }
    SUBCASE("its version is gone") {
        ask(world, FakeAws::refuse("InvalidLaunchTemplateId.VersionNotFound"));
        CHECK_FALSE(world.record("lms-1").launch_template);
    }
    SUBCASE("it is not: something else was not found") {
        world.fake.once("DescribeLaunchTemplates", FakeAws::ok(templates("lt-1")));
        ask(world, FakeAws::refuse("InvalidGroup.NotFound"));
        CHECK(world.record("lms-1").launch_template);
    }
    CHECK(world.attempt("lms-1").closed);
}

TEST_CASE("fleet actions: that no launch template may be made is said, and tried again later") {
    World world;
    world.add_name(several_pools());
    world.fake.once(create_template, FakeAws::refuse("UnauthorizedOperation", 403));
    CHECK_FALSE(world.perform("lms-1", Kind::make_template).succeeded);
    CHECK(world.record("lms-1")
              .retries.at("template")
              .error.starts_with("we are not permitted to keep a launch template: UnauthorizedOperation"));
    CHECK(fleet::status_of(world.record("lms-1")).reason.contains("UnauthorizedOperation"));
}

TEST_CASE("fleet actions: a fleet's machine that no record knows is adopted by its tags, and is no orphan") {
    World world;
    add_name(world);
    world.learn("lms-1", fleet::AttemptSending{1, 1});
    const auto record = world.shared("lms-1");
    aws::Instance machine;
    machine.id = "i-1";
    machine.instance_type = "t3.large";
    machine.subnet_id = "subnet-1";
    machine.spot = true;
    machine.spot_request_id = "sir-1";
    machine.tags = manager::tags_of(*record, 1, world.store->id());
    machine.tags[manager::tag_token] = world.attempt("lms-1").token;
    const auto found = manager::sort_unrecorded({.requests = {}, .machines = {machine}}, {{"lms-1", record}},
                                                {}, {}, world.clock.now(), world.settings.policy);
    CHECK(found.orphans.empty());
    REQUIRE(found.adopted.size() == 2);
    REQUIRE(world.run(world.desk->tell("lms-1", found.adopted[0].second)));
    CHECK(world.record("lms-1").launches.back().machine == "i-1");
    CHECK(world.attempt("lms-1").pool == fleet::Pool{"t3.large", "subnet-1"});
}

TEST_CASE("fleet actions: a retired name's template is deleted, and one that is gone is deleted") {
    World world;
    add_name(world);
    world.learn("lms-1", fleet::RetirementAsked{"uid-r", false});
    world.fake.once("DeleteLaunchTemplate", FakeAws::refuse("InvalidLaunchTemplateName.NotFoundException"));
    CHECK(world.perform("lms-1", Kind::delete_template).succeeded);
    const auto left = world.run(world.store->read(
        [](const store::ReadTransaction& transaction) { return transaction.names("", 10).size(); }));
    CHECK(*left == 0);
}
