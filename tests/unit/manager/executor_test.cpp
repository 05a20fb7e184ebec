#include "manager/executor.hpp"

#include "world.hpp"

namespace {

constexpr auto request = "RequestSpotInstances";

/// Takes every request, each with an id of its own.
FakeAws::Responder spot_requests() {
    return [number = 0](const http::Request&) mutable -> FakeAws::Answer {
        return http::Response{200, {}, answers::spot_request(request, "sir-new-" + std::to_string(++number))};
    };
}

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

TEST_CASE("executor: the most urgent goes first when not all can go at once") {
    World world;
    world.settings.actions_at_once = 1;
    for (const int number : {1, 2}) {
        world.add_name(World::spec(number));
        world.request(number);
        world.learn(World::spec(number).name,
                    fleet::Fulfilled{"sir-" + std::to_string(number), "i-" + std::to_string(number)});
        world.learn(World::spec(number).name, fleet::MachineTagged{"i-" + std::to_string(number)});
    }
    world.add_name(World::spec(3));
    world.learn("lms-2", fleet::Interrupted{"i-2", "terminate", world.clock.now() + 2min});
    world.start_executor();
    world.until([&] { return world.fake.operations().size() == 1; });
    CHECK(world.fake.operations().size() == 1);
    CHECK(world.fake.asked("DescribeInstances").at(0).body.contains("i-2"));
    world.fake.once("DescribeInstances", FakeAws::refuse("InternalError", 500));
    world.until([&] { return world.fake.operations().size() == 2; });
}

TEST_CASE("executor: a notice does not wait behind slow actions of others") {
    World world;
    world.settings.actions_at_once = 4;
    for (int number = 1; number <= 5; ++number) {
        world.add_name(World::spec(number));
        world.request(number);
        world.learn(World::spec(number).name,
                    fleet::Fulfilled{"sir-" + std::to_string(number), "i-" + std::to_string(number)});
        world.learn(World::spec(number).name, fleet::MachineTagged{"i-" + std::to_string(number)});
    }
    world.start_executor();
    world.settle();
    CHECK(world.fake.operations().size() == 1);
    world.learn("lms-5", fleet::Interrupted{"i-5", "terminate", world.clock.now() + 2min});
    world.until([&] { return world.fake.operations().size() == 2; });
    CHECK(world.fake.asked("DescribeInstances").at(1).body.contains("i-5"));
}

TEST_CASE("executor: where calls must wait for AWS's limits, the most urgent goes first") {
    World world;
    // Each in a zone of its own, so that each takes a call. Route 53 takes five at once and five a second.
    constexpr std::size_t others = 25;
    const auto add = [&](std::size_t number) {
        auto spec = World::spec(static_cast<int>(number));
        spec.dns.private_->zone_id = "Z" + std::to_string(number);
        world.add_name(spec);
    };
    for (std::size_t number = 1; number <= others; ++number) {
        add(number);
        world.make_ready(static_cast<int>(number));
    }
    add(99);
    world.request(99);
    world.learn("lms-99", fleet::Fulfilled{"sir-99", "i-99"});
    world.learn("lms-99", fleet::MachineTagged{"i-99"});
    world.learn("lms-99", fleet::Interrupted{"i-99", "terminate", world.clock.now() + 2min});
    world.learn("lms-99", fleet::Reported{.machine = "i-99"});
    world.fake.always("DescribeInstances", FakeAws::refuse("InternalError", 500));
    world.start_executor();
    const auto listed = [&] { return world.fake.asked("ListResourceRecordSets"); };
    world.until([&] { return listed().size() >= 5; });
    world.learn("lms-99",
                fleet::MachineDescribed{"i-99", fleet::Ec2State::running, {.private_ = World::address(99)}});
    world.until([&] { return listed().back().target.contains("/Z99/"); });
    CHECK(listed().size() < others);
}

TEST_CASE("executor: many slow actions of one kind leave places for other kinds") {
    World world;
    world.settings.actions_at_once = 8;
    for (int number = 1; number <= 9; ++number) {
        world.add_name(World::spec(number));
    }
    world.start_executor();
    world.settle();
    CHECK(world.fake.count(request) == 2);
    world.fake.once(request, FakeAws::ok(answers::spot_request(request, "sir-1")));
    world.until([&] { return world.fake.count(request) == 3; });
    world.learn("lms-1", fleet::Fulfilled{"sir-1", "i-1"});
    world.until([&] { return world.fake.count("DescribeInstances") == 1; });
    CHECK(world.fake.count(request) == 3);
}

TEST_CASE("executor: after a restart the same spot request is looked up and sent with the same token") {
    World world;
    world.settings.policy.look_every = 1ms;
    world.start_executor();
    world.add_name(World::spec(1));
    world.until([&] { return world.fake.count(request) == 1; });
    world.restart();
    world.fake.always("DescribeSpotInstanceRequests",
                      FakeAws::ok(answers::spot_request("DescribeSpotInstanceRequests", "")));
    world.start_executor();
    world.until([&] { return world.fake.count(request) == 2; });
    CHECK(world.fake.count("DescribeSpotInstanceRequests") == 1);
    CHECK(world.fake.asked(request)[0].body == world.fake.asked(request)[1].body);
}

TEST_CASE("executor: does not spin while nothing can be committed") {
    World world;
    world.add_name(World::spec(1));
    world.start_executor();
    world.until([&] { return world.fake.count(request) == 1; });
    world.store->close();
    world.fake.once(request, FakeAws::ok(answers::spot_request(request, "sir-1")));
    const auto failures = [&] {
        return world.counted("spot_manager_actions_total", {{"kind", "request_spot"}, {"outcome", "failed"}});
    };
    world.until([&] { return failures() >= 1; });
    world.settle();
    CHECK(failures() < 5);
    CHECK(world.fake.count(request) == 1);
}

TEST_CASE("executor: beats while it waits") {
    World world;
    world.start_executor();
    world.settle();
    CHECK(world.heartbeats->late(world.clock.now()).empty());
    CHECK(world.heartbeats->late(world.clock.now() + 1h) == std::vector<std::string>{"executor"});
}

TEST_CASE("executor: a name that is gone is forgotten, and can come again") {
    World world;
    world.add_name(World::spec(1));
    world.request(1);
    world.start_executor();
    world.learn("lms-1", fleet::RetirementAsked{"uid-2", false});
    world.fake.once("CancelSpotInstanceRequests", FakeAws::ok("<CancelSpotInstanceRequestsResponse/>"));
    world.fake.once("DescribeSpotInstanceRequests",
                    FakeAws::ok(answers::spot_request("DescribeSpotInstanceRequests", "sir-1", "cancelled")));
    world.until([&] { return world.executor->records().empty(); });
    world.settle();
    const auto found = world.run(world.store->read(
        [](const store::ReadTransaction& transaction) { return transaction.find("lms-1"); }));
    CHECK_FALSE(**found);

    const auto again = fleet::sign_command(world.store->key(), "register", "uid-3", world.clock.now(),
                                           boost::json::serialize(base::to_json(World::spec(1))));
    const fleet::Envelope envelope{.id = "again", .body = again, .sender = "AIDA", .sent = world.clock.now()};
    REQUIRE(world.run(world.desk->run(
        [envelope](fleet::Reception& reception, fleet::Ledger&) { reception.receive(envelope); })));
    CHECK(world.executor->records().at("lms-1")->uid == "uid-3");
    world.until([&] { return world.fake.count(request) == 1; });
}

TEST_CASE("executor: in a storm requests leave by urgency, at EC2's rate, and nothing counts as a failure") {
    World world;
    // EC2 takes 48 at once and 5 a second.
    constexpr int names = 60;
    world.settings.call_timeout = 1s;
    for (int number = 1; number <= names; ++number) {
        world.add_name(World::spec(number));
        world.make_ready(number);
        const auto name = World::spec(number).name;
        world.learn(name, fleet::UpsertSending{fleet::Side::private_, 1, World::address(number), 30});
        world.learn(name, fleet::UpsertAccepted{fleet::Side::private_, 1, World::address(number), ""});
    }
    for (int number = 1; number <= names; ++number) {
        world.learn(World::spec(number).name,
                    fleet::MachineDescribed{"i-" + std::to_string(number), fleet::Ec2State::terminated, {}});
    }
    world.settings.actions_at_once = 200;
    world.fake.always(request, spot_requests());
    const auto begun = std::chrono::steady_clock::now();
    world.start_executor();
    world.until([&] { return world.fake.count(request) >= 48; });
    const auto progress = fleet::progress_of(world.executor->forecast());
    CHECK(progress.waiting > 0);
    CHECK(progress.late == names);
    // A place in the line is no failure, however long it takes against a call's time.
    world.until([&] { return world.fake.count(request) == names; });
    CHECK(std::chrono::steady_clock::now() - begun > 2s);
    for (int number = 1; number <= names; ++number) {
        CHECK(world.attempt(World::spec(number).name).sends == 1);
    }
    CHECK(world.counted("spot_manager_actions_total", {{"kind", "request_spot"}, {"outcome", "failed"}}) ==
          0);
}

TEST_CASE("executor: a notice overtakes all that wait for their turn") {
    World world;
    constexpr int names = 60;
    for (int number = 1; number <= names; ++number) {
        world.add_name(World::spec(number));
    }
    world.add_name(World::spec(99));
    world.make_ready(99);
    world.settings.actions_at_once = 400;
    world.fake.always(request, spot_requests());
    world.start_executor();
    world.until([&] { return world.fake.count(request) >= 48; });
    world.learn("lms-99", fleet::MachineDescribed{"i-99", fleet::Ec2State::terminated, {}});
    world.until([&] { return world.attempt("lms-99").sent.has_value(); });
    CHECK(world.fake.count(request) < names);
}

TEST_CASE("executor: launch templates take turns like what else is asked of EC2 for a launch") {
    World world;
    constexpr int names = 60;
    for (int number = 1; number <= names; ++number) {
        auto spec = World::spec(number);
        spec.instance_types = {"t3.small", "t3.large"};
        world.add_name(spec);
    }
    world.settings.actions_at_once = 400;
    world.fake.always("CreateLaunchTemplate",
                      FakeAws::ok("<CreateLaunchTemplateResponse><launchTemplate><launchTemplateId>lt-1"
                                  "</launchTemplateId><latestVersionNumber>1</latestVersionNumber>"
                                  "</launchTemplate></CreateLaunchTemplateResponse>"));
    world.start_executor();
    world.until([&] { return world.fake.count("CreateLaunchTemplate") == 48; });
    // The others have not begun: whoever becomes the most urgent meanwhile is next.
    CHECK(world.gauge("spot_manager_actions_waiting", {}) >= 5);
}
