#include "fleet/images.hpp"
#include "manager/translate.hpp"
#include "world.hpp"

namespace {

using Kind = fleet::ActionKind;

constexpr auto create = "CreateImage";
constexpr auto describe = "DescribeImages";

using answers::item;

std::string image_described(const std::string& id, const std::string& state = "pending",
                            const std::string& name = "lms-1-7") {
    const auto disk =
        item("item", item("ebs", item("snapshotId", "snap-1")) + item("deviceName", "/dev/xvda"));
    const auto one = item("imageId", id) + item("imageState", state) + item("name", name) +
                     item("blockDeviceMapping", disk);
    return item("DescribeImagesResponse", item("imagesSet", id.empty() ? "" : item("item", one)));
}

void serve(World& world) {
    world.learn("lms-1", fleet::UpsertSending{fleet::Side::private_, 1, World::address(1), 30});
    world.learn("lms-1", fleet::UpsertAccepted{fleet::Side::private_, 1, World::address(1), "C1"});
    world.learn("lms-1", fleet::ChangeInSync{"C1"});
}

/// A name whose machine serves, and whose seventh image is to be made.
void begin(World& world, const std::string& id = "", bool sent = false) {
    world.settings.policy.image_backoff_first = 1ms;
    world.add_name(World::spec(1));
    world.make_ready(1);
    serve(world);
    const auto now = world.clock.now();
    const auto done = world.run(world.desk->run([=](fleet::Reception&, fleet::Ledger& ledger) {
        auto record = **ledger.find("lms-1");
        fleet::Image image;
        image.number = 7;
        image.origin = fleet::ImageOrigin::made;
        image.ami_name = "lms-1-7";
        image.machine = "i-1";
        image.generation = 1;
        image.chosen = now;
        image.id = id;
        if (sent || !id.empty()) {
            image.sent = now;
        }
        if (!id.empty()) {
            image.answered = now;
            image.state = fleet::ImageState::pending;
        }
        record.images.push_back(image);
        record.imaging.last_number = 7;
        ledger.put(record);
    }));
    REQUIRE(done);
}

fleet::Image image_of(World& world) {
    return *fleet::find_image(world.record("lms-1"), 7);
}

/// As the executor would, whatever is pending.
manager::ActionResult act(World& world, Kind kind, const std::string& id = "") {
    fleet::Action action;
    action.kind = kind;
    action.key = fleet::image_key(7, kind == Kind::announce_image ? "announce" : "follow");
    action.image = 7;
    action.id = id;
    return world.run(world.actions->perform(world.shared("lms-1"), action));
}

}  // namespace

TEST_CASE("image actions: the call says whose the image is, and the machine goes on running") {
    World world;
    begin(world);
    const auto record = world.record("lms-1");
    const auto input = manager::to_image_input(record, record.images.back(), "store-1");
    CHECK(input.instance_id == "i-1");
    CHECK(input.name == "lms-1-7");
    CHECK(input.no_reboot);
    CHECK(input.tags.at("spot-manager:store") == "store-1");
    CHECK(input.tags.at("spot-manager:uid") == record.uid);
    CHECK(input.tags.at("spot-manager:name") == "lms-1");
    CHECK(input.tags.at("spot-manager:time") == base::format_time(record.images.back().chosen));
    CHECK(input.tags.at("Name") == "lms-1");
    auto with_reboot = record.images.back();
    with_reboot.reboot = true;
    CHECK_FALSE(manager::to_image_input(record, with_reboot, "store-1").no_reboot);
}

TEST_CASE("image actions: an image is asked for once, and what EC2 answers is kept") {
    World world;
    begin(world);
    SUBCASE("it is taken") {
        world.fake.once(create, FakeAws::ok(item("CreateImageResponse", item("imageId", "ami-7"))));
        CHECK(world.perform("lms-1", Kind::create_image).succeeded);
        CHECK(image_of(world).id == "ami-7");
        CHECK(image_of(world).state == fleet::ImageState::pending);
        CHECK(world.fake.asked(create).at(0).body.contains("NoReboot=true"));
    }
    SUBCASE("it is refused: the next is tried after a wait") {
        world.fake.once(create, FakeAws::refuse("UnauthorizedOperation", 403));
        CHECK(world.perform("lms-1", Kind::create_image).reason.contains("not permitted to keep images"));
        CHECK_FALSE(fleet::find_image(world.record("lms-1"), 7));
        CHECK(world.record("lms-1").retries.at("image").error.contains("UnauthorizedOperation"));
    }
    SUBCASE("the answer is lost: it is looked up before it is sent again") {
        world.fake.once(create, FakeAws::lose());
        CHECK_FALSE(world.perform("lms-1", Kind::create_image).succeeded);
        CHECK(image_of(world).sent);
        world.pass(2ms);
        world.fake.once(describe, FakeAws::ok(image_described("ami-7")));
        CHECK(world.perform("lms-1", Kind::follow_image).succeeded);
        CHECK(image_of(world).id == "ami-7");
    }
    CHECK(world.fake.count(create) == 1);
}

TEST_CASE("image actions: of a machine that has got a notice meanwhile no image is asked for") {
    World world;
    begin(world);
    const auto record = world.shared("lms-1");
    const auto action = world.action("lms-1", Kind::create_image);
    world.learn("lms-1", fleet::Interrupted{"i-1", "terminate", world.clock.now() + 2min});
    CHECK_FALSE(world.run(world.actions->perform(record, action)).succeeded);
    CHECK(world.fake.count(create) == 0);
}

TEST_CASE("image actions: an image is followed by its id, and one whose answer was lost by its name") {
    World world;
    SUBCASE("by its id, to the end") {
        begin(world, "ami-7");
        world.fake.once(describe, FakeAws::ok(image_described("ami-7")));
        CHECK(act(world, Kind::follow_image).succeeded);
        CHECK(image_of(world).state == fleet::ImageState::pending);
        world.fake.once(describe, FakeAws::ok(image_described("ami-7", "available")));
        CHECK(act(world, Kind::follow_image).succeeded);
        CHECK(image_of(world).available);
        CHECK(image_of(world).snapshots == std::vector<std::string>{"snap-1"});
        CHECK(world.fake.asked(describe).back().body.contains("ami-7"));
    }
    SUBCASE("by its name: it was taken") {
        begin(world, "", true);
        world.fake.once(describe, FakeAws::ok(image_described("ami-8")));
        CHECK(act(world, Kind::follow_image).succeeded);
        CHECK(image_of(world).id == "ami-8");
        CHECK(world.fake.asked(describe).back().body.contains("lms-1-7"));
    }
    SUBCASE("by its name: it was not") {
        begin(world, "", true);
        world.fake.once(describe, FakeAws::ok(image_described("")));
        CHECK(act(world, Kind::follow_image).succeeded);
        CHECK(image_of(world).not_found);
    }
    SUBCASE("it has failed") {
        begin(world, "ami-7");
        world.fake.once(describe, FakeAws::ok(image_described("ami-7", "failed")));
        CHECK(act(world, Kind::follow_image).succeeded);
        CHECK(image_of(world).state == fleet::ImageState::failed);
    }
    SUBCASE("nobody answers") {
        begin(world, "ami-7");
        world.fake.once(describe, FakeAws::refuse("InternalError", 500));
        CHECK_FALSE(act(world, Kind::follow_image).succeeded);
        CHECK(image_of(world).state == fleet::ImageState::pending);
        CHECK(world.record("lms-1").retries.at("image/7/follow").error.contains("InternalError"));
    }
}

TEST_CASE("image actions: an image is announced in the queue, and counts when it has come through") {
    World world;
    begin(world, "ami-7");
    world.learn("lms-1", fleet::ImageDescribed{"ami-7", fleet::ImageState::available, {"snap-1"}});
    world.queue_fault = "the queue is away";
    CHECK(act(world, Kind::announce_image).reason == "the queue is away");
    world.queue_fault.clear();
    CHECK(act(world, Kind::announce_image).succeeded);
    CHECK_FALSE(image_of(world).announced);
    REQUIRE(world.published.size() == 1);
    const fleet::Envelope envelope{
        .id = "message-1", .body = world.published[0], .sender = "AIDA", .sent = world.clock.now()};
    const auto done = world.run(world.desk->run(
        [envelope](fleet::Reception& reception, fleet::Ledger&) { reception.receive(envelope); }));
    REQUIRE(done);
    CHECK(done->receipts.at(0).outcome == fleet::Outcome::handled);
    CHECK(image_of(world).announced);
}

TEST_CASE(
    "image actions: snapshots that no description told of are found by the name, whoever had it before") {
    World world;
    begin(world, "ami-7");
    world.learn("lms-1", fleet::ImageDescribed{"ami-7", fleet::ImageState::failed});
    world.fake.once("DescribeSnapshots", FakeAws::refuse("InternalError", 500));
    CHECK_FALSE(act(world, Kind::deregister_image, "ami-7").succeeded);
    CHECK(world.fake.count("DeregisterImage") == 0);
    const auto body = world.fake.asked("DescribeSnapshots").back().body;
    CHECK(body.contains("tag%3Aspot-manager%3Aname"));
    CHECK(body.contains("tag%3Aspot-manager%3Astore"));
    CHECK_FALSE(body.contains(world.record("lms-1").uid));
}

TEST_CASE("image actions: what is gone already counts as removed; what is in use is tried again") {
    World world;
    begin(world, "ami-7");
    world.learn("lms-1", fleet::ImageDescribed{"ami-7", fleet::ImageState::available, {"snap-1"}});
    world.fake.once("DeleteSnapshot", FakeAws::refuse("InvalidSnapshot.InUse"));
    CHECK_FALSE(act(world, Kind::delete_snapshot, "snap-1").succeeded);
    CHECK(image_of(world).snapshots.size() == 1);
    world.fake.once("DeleteSnapshot", FakeAws::refuse("InvalidSnapshot.NotFound"));
    CHECK(act(world, Kind::delete_snapshot, "snap-1").succeeded);
    CHECK(world.record("lms-1").images.empty() == false);
    CHECK(image_of(world).snapshots.empty());
    world.fake.once("DeregisterImage", FakeAws::refuse("UnauthorizedOperation", 403));
    CHECK(act(world, Kind::deregister_image, "ami-7").reason.contains("we are not permitted to keep images"));
    world.fake.once("DeregisterImage", FakeAws::refuse("InvalidAMIID.Unavailable"));
    CHECK(act(world, Kind::deregister_image, "ami-7").succeeded);
}

TEST_CASE("image actions: a launch is told that EC2 does not have its image") {
    World world;
    world.add_name(World::spec(1));
    world.fake.once("RequestSpotInstances", FakeAws::refuse("InvalidAMIID.NotFound"));
    world.perform("lms-1", Kind::request_spot);
    CHECK(world.attempt("lms-1").closed);
}

TEST_CASE("image actions: a machine that tests an image is kept away from production's security groups") {
    World world;
    auto spec = World::spec(1);
    spec.image.test = fleet::ImageTest{.after_each = false, .security_group_ids = {"sg-test"}};
    world.add_name(spec);
    auto record = world.record("lms-1");
    const auto attempt = record.launches.back().attempts.back();
    const auto groups = [&](int generation) {
        return manager::to_input(record, generation, attempt, "store-1", world.settings)
            .launch.security_group_ids;
    };
    fleet::Launch test;
    test.generation = 2;
    record.tests.push_back(test);
    CHECK(groups(1) == std::vector<std::string>{"sg-1"});
    CHECK(groups(2) == std::vector<std::string>{"sg-test"});
    const auto tags = [&](int generation) {
        return manager::to_input(record, generation, attempt, "store-1", world.settings).request_tags;
    };
    CHECK_FALSE(tags(1).contains("spot-manager:test"));
    CHECK(tags(2).at("spot-manager:test") == "image");
}

TEST_CASE(
    "image actions: before an image goes its snapshots are known, also of an earlier life of its name") {
    World world;
    begin(world, "ami-7");
    world.fake.once("DeregisterImage", FakeAws::ok("<DeregisterImageResponse/>"));
    CHECK(act(world, Kind::deregister_image, "ami-7").succeeded);
    const auto asked = world.fake.asked("DescribeSnapshots");
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].body.contains("tag%3Aspot-manager%3Aname"));
    CHECK(asked[0].body.contains("tag%3Aspot-manager%3Astore"));
    CHECK(asked[0].body.contains("tag%3Aspot-manager%3Atime"));
    CHECK_FALSE(asked[0].body.contains("tag%3Aspot-manager%3Auid"));
}
