#include "manager/image_sweep.hpp"

#include "manager/image_metrics.hpp"
#include "manager/unrecorded.hpp"
#include "world.hpp"

namespace {

fleet::Image made(const std::string& id, fleet::ImageState state = fleet::ImageState::pending) {
    fleet::Image image;
    image.number = 1;
    image.origin = fleet::ImageOrigin::made;
    image.id = id;
    image.ami_name = "lms-1-" + id;
    image.state = state;
    image.answered = base::Time{};
    return image;
}

fleet::Record record_with(std::vector<fleet::Image> images) {
    fleet::Record record;
    record.uid = "uid-1";
    record.revision = 1;
    record.spec = World::spec(1);
    record.images = std::move(images);
    return record;
}

manager::Records records_with(fleet::Record record) {
    manager::Records records;
    records["lms-1"] = std::make_shared<const fleet::Record>(std::move(record));
    return records;
}

aws::Image seen(const std::string& id, aws::ImageState state, const std::string& uid = "uid-1") {
    aws::Image image;
    image.id = id;
    image.name = "lms-1-" + id;
    image.state = state;
    image.created = base::Time{};
    image.tags = {{"spot-manager:name", "lms-1"}, {"spot-manager:uid", uid}};
    return image;
}

aws::Snapshot snapshot(const std::string& id, const std::string& description = "") {
    aws::Snapshot snapshot;
    snapshot.id = id;
    snapshot.description = description;
    snapshot.started = base::Time{};
    snapshot.tags = {{"spot-manager:name", "lms-1"}, {"spot-manager:uid", "uid-1"}};
    return snapshot;
}

const base::Time asked = base::parse_time("2026-01-15T12:00:00Z").value();

double images(const World& world, const std::string& outcome) {
    return world.counted("spot_manager_images_total", {{"outcome", outcome}});
}

}  // namespace

TEST_CASE("image sweep: tells what has become of images, and nothing that is known") {
    const auto records =
        records_with(record_with({made("ami-1"), made("ami-2", fleet::ImageState::available)}));
    const auto news = [&](const std::vector<aws::Image>& seen) {
        return manager::news_of(seen, records, asked);
    };
    CHECK(news({seen("ami-1", aws::ImageState::pending), seen("ami-2", aws::ImageState::available)}).empty());
    const auto available =
        news({seen("ami-1", aws::ImageState::available), seen("ami-2", aws::ImageState::available)});
    REQUIRE(available.size() == 1);
    CHECK(std::get<fleet::ImageDescribed>(available[0].second.body).state == fleet::ImageState::available);
    const auto absent = news({seen("ami-1", aws::ImageState::pending)});
    REQUIRE(absent.size() == 1);
    CHECK(std::get<fleet::ImageAbsent>(absent[0].second.body).id == "ami-2");
    // One that was answered after the look began may not have been there.
    auto young = made("ami-3");
    young.answered = asked + 1s;
    CHECK(manager::news_of({}, records_with(record_with({young})), asked).empty());
}

TEST_CASE("image sweep: only what may have changed is looked at by its id") {
    auto doubted = made("ami-2", fleet::ImageState::available);
    doubted.doubted = asked;
    auto missed = made("ami-3", fleet::ImageState::available);
    missed.absences = 1;
    auto going = made("ami-4");
    going.removing = asked;
    const auto records = records_with(record_with(
        {made("ami-1"), doubted, missed, going, made(""), made("ami-5", fleet::ImageState::available)}));
    const auto ids = manager::unsettled_images(records);
    CHECK(ids == std::set<std::string>{"ami-1", "ami-2", "ami-3"});
    const auto news =
        manager::news_of({seen("ami-1", aws::ImageState::available)}, {"ami-1", "ami-2"}, records, asked);
    REQUIRE(news.size() == 2);
    CHECK(std::get<fleet::ImageDescribed>(news[0].second.body).state == fleet::ImageState::available);
    CHECK(std::get<fleet::ImageAbsent>(news[1].second.body).id == "ami-2");
}

TEST_CASE(
    "image sweep: images and snapshots that belong to no chain are orphans, and only retired names' are "
    "ended") {
    auto known = made("ami-1");
    known.snapshots = {"snap-1"};
    auto unanswered = made("");
    unanswered.ami_name = "lms-1-ami-2";
    const auto records = records_with(record_with({known, unanswered}));
    manager::Tagged tagged;
    tagged.made.images = {seen("ami-1", aws::ImageState::available), seen("ami-2", aws::ImageState::pending),
                          seen("ami-3", aws::ImageState::available),
                          seen("ami-4", aws::ImageState::available, "uid-0")};
    tagged.made.snapshots = {snapshot("snap-1"), snapshot("snap-2", "Created by CreateImage(i-1) for ami-2"),
                             snapshot("snap-3")};
    fleet::Policy policy;
    policy.end_orphans = true;
    policy.orphan_grace = 1ms;
    const manager::Graves graves{{"uid-0", {.at = base::Time{}}}};
    const manager::FirstSeen first_seen{{"ami-4", base::Time{}}, {"ami-3", base::Time{}}};
    const auto found = manager::sort_unrecorded(tagged, records, graves, first_seen, asked, policy);
    CHECK(found.orphans == std::set<manager::Orphan>{{"image", "ami-3", "lms-1"},
                                                     {"image", "ami-4", "lms-1"},
                                                     {"snapshot", "snap-3", "lms-1"}});
    CHECK(found.to_end == std::set<manager::Orphan>{{"image", "ami-4", "lms-1"}});
}

TEST_CASE("image sweep: what a retired name has left is no orphan") {
    World world;
    auto kept = made("ami-1", fleet::ImageState::available);
    kept.snapshots = {"snap-1"};
    const auto written = world.run(world.store->write([kept](store::WriteTransaction& transaction) {
        transaction.put_kept_images({.name = "lms-1", .at = base::Time{}, .images = {kept}});
        return true;
    }));
    REQUIRE(written);
    manager::TaggedImages found{
        {seen("ami-1", aws::ImageState::available), seen("ami-2", aws::ImageState::available)},
        {snapshot("snap-1"), snapshot("snap-2"),
         snapshot("snap-3", "Created by CreateImage(i-1) for ami-1")}};
    REQUIRE(world.run(manager::leave_out_kept(world.store.operator->(), &found)));
    REQUIRE(found.images.size() == 1);
    CHECK(found.images[0].id == "ami-2");
    REQUIRE(found.snapshots.size() == 1);
    CHECK(found.snapshots[0].id == "snap-2");
}

TEST_CASE("image sweep: nor are its snapshots of which nobody was told before it was retired") {
    World world;
    const auto written = world.run(world.store->write([](store::WriteTransaction& transaction) {
        transaction.put_kept_images({.name = "lms-1", .at = base::Time{}, .images = {made("ami-1")}});
        return true;
    }));
    REQUIRE(written);
    auto available = seen("ami-1", aws::ImageState::available);
    available.snapshot_ids = {"snap-1"};
    manager::TaggedImages found{
        {available}, {snapshot("snap-1"), snapshot("snap-2", "Created by CreateImage(i-1) for ami-1")}};
    REQUIRE(world.run(manager::leave_out_kept(world.store.operator->(), &found)));
    CHECK(found.images.empty());
    CHECK(found.snapshots.empty());
}

TEST_CASE("image sweep: where images may not be listed, machines are looked after all the same") {
    World world;
    world.add_name(World::spec(1));
    world.make_ready(1);
    world.settings.actions_at_once = 0;
    REQUIRE(world.run(world.executor->load()));
    world.fake.always("DescribeImages", FakeAws::refuse("UnauthorizedOperation", 403));
    world.fake.always("DescribeSpotInstanceRequests",
                      FakeAws::ok(answers::spot_request("DescribeSpotInstanceRequests", "")));
    world.fake.always("DescribeInstances",
                      FakeAws::ok(answers::machines({{.id = "i-1", .state = "terminated"}})));
    world.run(world.sweeper->sweep());
    CHECK(world.record("lms-1").launches[0].lost);
}

TEST_CASE(
    "image sweep: calls go by pages, not by names, and the account's images are listed now and then only") {
    World world;
    constexpr int names = 450;
    for (int number = 1; number <= names; ++number) {
        world.add_name(World::spec(number));
        auto image = made("ami-made-" + std::to_string(number));
        const auto name = World::spec(number).name;
        const auto done = world.run(world.desk->run([image, name](fleet::Reception&, fleet::Ledger& ledger) {
            auto record = **ledger.find(name);
            record.images.push_back(image);
            ledger.put(record);
        }));
        REQUIRE(done);
    }
    world.settings.actions_at_once = 0;
    REQUIRE(world.run(world.executor->load()));
    const auto stray =
        "<item><imageId>ami-stray</imageId><imageState>available</imageState><tagSet>"
        "<item><key>spot-manager:uid</key><value>uid-0</value></item></tagSet></item>";
    const auto page = [](const std::string& items) {
        return FakeAws::ok("<DescribeImagesResponse><imagesSet>" + items +
                           "</imagesSet></DescribeImagesResponse>");
    };
    world.fake.always("DescribeImages", page(stray));
    world.fake.always("DescribeSnapshots",
                      FakeAws::ok("<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>"));
    world.fake.always("DescribeSpotInstanceRequests",
                      FakeAws::ok(answers::spot_request("DescribeSpotInstanceRequests", "")));
    world.fake.always("DescribeInstances", FakeAws::ok(answers::machines({})));
    const auto orphans = [&] { return world.gauge("spot_manager_orphans", {{"kind", "image"}}); };
    world.run(world.sweeper->sweep());
    CHECK(world.fake.count("DescribeImages") == 1 + 3);
    CHECK(world.fake.count("DescribeSnapshots") == 1);
    CHECK(orphans() == 1);
    world.run(world.sweeper->sweep());
    CHECK(world.fake.count("DescribeImages") == 1 + 3 + 3);
    CHECK(world.fake.count("DescribeSnapshots") == 1);
    CHECK(orphans() == 1);
    CHECK(world.counted("spot_manager_sweep_findings_total", {{"kind", "orphan_image"}}) == 1);
    world.settings.image_sweep_every = base::Duration{0};
    world.restart();
    REQUIRE(world.run(world.executor->load()));
    world.run(world.sweeper->sweep());
    world.run(world.sweeper->sweep());
    CHECK(world.fake.count("DescribeSnapshots") == 3);
}

TEST_CASE(
    "image metrics: what becomes of images is counted once, and names without a young one are told of") {
    World world;
    auto& metrics = world.metrics->images();
    auto before = record_with({made("ami-1")});
    before.registered = asked - 100h;
    metrics.changed(nullptr, before);
    metrics.pass(asked, 72h);
    CHECK(world.gauge("spot_manager_names_without_fresh_image", {}) == 1);
    auto after = before;
    after.images[0].state = fleet::ImageState::available;
    after.images[0].available = asked;
    after.images[0].chosen = asked;
    metrics.changed(&before, after);
    metrics.changed(&after, after);
    CHECK(images(world, "made") == 1);
    metrics.pass(asked, 72h);
    CHECK(world.gauge("spot_manager_names_without_fresh_image", {}) == 1);
    auto good = after;
    good.images[0].verdict = fleet::Verdict::good;
    good.images[0].tests = 1;
    metrics.changed(&after, good);
    CHECK(images(world, "good") == 1);
    CHECK(images(world, "tested") == 1);
    metrics.pass(asked + 71h, 72h);
    CHECK(world.gauge("spot_manager_names_without_fresh_image", {}) == 0);
    metrics.pass(asked + 73h, 72h);
    CHECK(world.gauge("spot_manager_names_without_fresh_image", {}) == 1);
    auto bad = after;
    bad.images[0].verdict = fleet::Verdict::bad;
    metrics.changed(&after, bad);
    CHECK(images(world, "bad") == 1);
    CHECK(images(world, "rolled_back") == 0);
    fleet::Launch launch;
    launch.abandoned = "not ready";
    launch.attempts.emplace_back().image_id = "ami-1";
    bad.launches.push_back(launch);
    metrics.changed(&after, bad);
    CHECK(images(world, "rolled_back") == 1);
    auto failed = before;
    failed.images[0].removing = asked;
    metrics.changed(&before, failed);
    auto sent = before;
    sent.images[0].sent = asked;
    sent.images[0].answered.reset();
    metrics.changed(&sent, record_with({}));
    CHECK(images(world, "failed") == 2);
    auto removed = bad;
    removed.images[0].deregistered = asked;
    removed.spec.image.schedule = "off";
    metrics.changed(&bad, removed);
    CHECK(images(world, "removed") == 1);
    metrics.pass(asked + 73h, 72h);
    CHECK(world.gauge("spot_manager_names_without_fresh_image", {}) == 0);
}
