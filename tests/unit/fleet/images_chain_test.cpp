#include "gallery.hpp"

using namespace story;

TEST_CASE("chain: a planned replacement boots from the newest candidate, which is good once it is ready") {
    Gallery s;
    CHECK(s.image("ami-1").verdict == Verdict::good);
    s.make_image("ami-2");
    CHECK(s.image("ami-2").verdict == Verdict::candidate);
    s.replace();
    CHECK(s.attempt().image_id == "ami-2");
    s.move(2);
    CHECK(s.image("ami-2").verdict == Verdict::good);
    CHECK(s.last_noted("image_good") == "image ami-2 is good: machine i-2 became ready from it");
}

TEST_CASE("chain: under a notice or after a loss a machine boots from the newest good image") {
    Gallery s;
    s.make_image("ami-2");
    SUBCASE("a notice") {
        s.notice();
    }
    SUBCASE("a loss") {
        s.describe("i-1", Ec2State::terminated);
    }
    CHECK(s.attempt().image_id == "ami-1");
    CHECK(s.last_noted("image_passed_over") ==
          "launch 2 boots from image ami-1, which is good, not from the newer ami-2: no machine has booted "
          "from that one yet");
}

TEST_CASE("chain: under a notice it is the newest candidate where nothing good exists") {
    Gallery s;
    s.make_image("ami-2");
    s.judge_all(Verdict::candidate);
    s.notice();
    CHECK(s.attempt().image_id == "ami-2");
}

TEST_CASE(
    "chain: a notice that comes while a planned replacement looks for a machine turns it to a good image") {
    Gallery s;
    s.make_image("ami-2");
    s.replace();
    REQUIRE(s.attempt().image_id == "ami-2");
    const auto to_do = s.action(ActionKind::request_spot);
    s.learn(AttemptSending{to_do.generation, to_do.attempt});
    s.learn(AttemptRefused{to_do.generation, to_do.attempt, true, "no capacity"});
    s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
    s.wait_for_deadline();
    REQUIRE(s.attempt().number == 2);
    CHECK(s.attempt().image_id == "ami-1");
}

TEST_CASE("chain: a bad image costs one launch, and is not booted from again") {
    Gallery s;
    s.make_image("ami-2");
    s.replace();
    s.fail_to_boot(2);
    CHECK(s.image("ami-2").verdict == Verdict::bad);
    CHECK(s.last_noted("image_bad") == "image ami-2 is bad: machine i-2 ran for 10m without becoming ready");
    CHECK(s.state() == State::replacing);
    s.wait_for_deadline();
    CHECK(s.attempt().image_id == "ami-1");
    CHECK(s.last_noted("image_passed_over")
              .contains("not from the newer ami-2, which is bad: machine i-2 ran"));
    s.move(3);
    s.replace();
    CHECK(s.attempt().image_id == "ami-1");
}

TEST_CASE("chain: a machine that was taken, lost or stopped before it was ready says nothing of its image") {
    Gallery s;
    s.make_image("ami-2");
    s.replace();
    s.request("sir-2");
    s.learn(Fulfilled{"sir-2", "i-2"});
    s.describe("i-2", Ec2State::running, addresses(2));
    s.wait(9min);
    SUBCASE("a notice") {
        s.learn(Interrupted{"i-2", "terminate", s.now + 2min});
    }
    SUBCASE("lost") {
        s.describe("i-2", Ec2State::terminated);
    }
    SUBCASE("stopped") {
        s.describe("i-2", Ec2State::stopped);
    }
    s.wait(1h);
    CHECK(s.image("ami-2").verdict == Verdict::candidate);
}

TEST_CASE("chain: what its user registered is not bad while nothing better is known, and the last resort") {
    Spec spec = imaged_spec();
    Story s(spec);
    s.request("sir-1");
    s.learn(Fulfilled{"sir-1", "i-1"});
    s.describe("i-1", Ec2State::running, addresses(1));
    s.wait(10min);
    CHECK(s.record.images.front().verdict == Verdict::candidate);
    s.describe("i-1", Ec2State::terminated);
    s.wait_for_deadline();
    CHECK(s.attempt().image_id == "ami-1");

    Gallery g;
    g.make_image("ami-2");
    g.judge_all(Verdict::bad);
    g.replace();
    CHECK(g.attempt().image_id == "ami-1");
}

TEST_CASE("chain: another image in the spec is its newest; a bad one falls back to what was good") {
    Gallery s;
    s.make_image("ami-2");
    auto spec = s.record.spec;
    spec.image_id = "ami-new";
    s.learn(SpecChanged{spec, true});
    CHECK(s.chain() == std::vector<std::string>{"ami-1", "ami-2", "ami-new"});
    CHECK(s.attempt().image_id == "ami-new");
    s.fail_to_boot(2);
    CHECK(s.image("ami-new").verdict == Verdict::bad);
    s.wait_for_deadline();
    CHECK(s.attempt().image_id == "ami-1");
}

TEST_CASE("chain: an image that EC2 does not know is not asked for again until EC2 says that it is there") {
    Gallery s;
    s.make_image("ami-2");
    s.replace();
    const auto to_do = s.action(ActionKind::request_spot);
    s.learn(AttemptSending{to_do.generation, to_do.attempt});
    s.learn(AttemptRefused{.generation = to_do.generation,
                           .attempt = to_do.attempt,
                           .reason = "InvalidAMIID.NotFound",
                           .no_image = true});
    CHECK(s.action(ActionKind::follow_image).id == "ami-2");
    s.wait(5s);
    CHECK(s.attempt().number == 2);
    CHECK(s.attempt().image_id == "ami-1");
    SUBCASE("it is there") {
        s.learn(ImageDescribed{"ami-2", ImageState::available, {"snap-of-ami-2"}});
        CHECK(is_usable(s.image("ami-2")));
        CHECK_FALSE(s.wants(ActionKind::follow_image));
    }
    SUBCASE("it is gone: its snapshots go as well, when that is sure") {
        for (int looks = 1; looks < s.policy.gone_after_sweeps; ++looks) {
            s.learn(ImageAbsent{"ami-2"});
            CHECK_FALSE(s.image("ami-2").deregistered);
            s.wait(2min);
        }
        s.wait(5min);
        s.learn(ImageAbsent{"ami-2"});
        CHECK(s.noted("image_gone"));
        CHECK_FALSE(s.wants(ActionKind::deregister_image));
        s.learn(SnapshotDeleted{s.action(ActionKind::delete_snapshot).id});
        CHECK(s.chain() == std::vector<std::string>{"ami-1"});
    }
}

TEST_CASE("chain: an image that another tool announces is found in EC2 first, and never removed by us") {
    Gallery s;
    s.learn(ImageAnnounced{"ami-theirs"});
    CHECK_FALSE(is_usable(s.image("ami-theirs")));
    CHECK(s.action(ActionKind::follow_image).id == "ami-theirs");
    s.learn(ImageDescribed{"ami-theirs", ImageState::available, {"snap-theirs"}});
    s.replace();
    CHECK(s.attempt().image_id == "ami-theirs");
    CHECK(s.image("ami-theirs").snapshots.empty());
}

TEST_CASE(
    "keeping: the newest few stay, older ones go with their snapshots, and not while one is being made") {
    auto spec = imaged_spec();
    spec.image.retain = 2;
    Gallery s(spec);
    s.make_image("ami-2");
    s.make_image("ami-3");
    s.to_next_image();
    s.begin_image("ami-4");
    s.learn(ImageDescribed{"ami-4", ImageState::pending});
    CHECK_FALSE(s.wants(ActionKind::deregister_image));
    s.finish_image("ami-4");
    CHECK(s.kinds() == std::vector{ActionKind::deregister_image});
    CHECK(s.action(ActionKind::deregister_image).id == "ami-2");
    CHECK(s.last_noted("image_removing") == "image ami-2 is removed: 2 newer ones are available");
    s.learn(ActionFailed{"image/2/deregister", "EC2 says InternalError"});
    CHECK(s.kinds().empty());
    s.wait_for_deadline();
    s.learn(ImageDeregistered{"ami-2"});
    CHECK(s.action(ActionKind::delete_snapshot).id == "snap-of-ami-2");
    s.learn(ActionFailed{"image/2/snapshot/snap-of-ami-2", "EC2 says InvalidSnapshot.InUse"});
    CHECK(s.kinds().empty());
    s.wait_for_deadline();
    s.learn(SnapshotDeleted{"snap-of-ami-2"});
    CHECK(s.chain() == std::vector<std::string>{"ami-1", "ami-3", "ami-4"});
    CHECK(s.noted("image_removed"));
    CHECK(s.record.retries.empty());
}

TEST_CASE("keeping: the newest good image, those in use and what the spec names are never removed") {
    auto spec = imaged_spec();
    spec.image.retain = 1;
    Gallery s(spec);
    s.make_image("ami-2");
    s.replace();
    s.move(2);
    for (int number = 3; number < 8; ++number) {
        s.make_image("ami-" + std::to_string(number));
        while (s.wants(ActionKind::deregister_image)) {
            const auto id = s.action(ActionKind::deregister_image).id;
            CHECK(id != "ami-2");
            s.learn(ImageDeregistered{id});
            s.learn(SnapshotDeleted{"snap-of-" + id});
        }
    }
    CHECK(s.chain() == std::vector<std::string>{"ami-1", "ami-2", "ami-7"});
    SUBCASE("a newer good one takes its place when no machine is of the older any more") {
        s.replace();
        REQUIRE(s.attempt().image_id == "ami-7");
        s.serve(3);
        CHECK_FALSE(s.wants(ActionKind::deregister_image));
        s.wait(5min);
        s.describe("i-2", Ec2State::terminated);
        CHECK(s.action(ActionKind::deregister_image).id == "ami-2");
    }
    SUBCASE("its user goes back to one that was made") {
        auto changed = s.record.spec;
        changed.image_id = "ami-2";
        s.learn(SpecChanged{changed});
        s.make_image("ami-8");
        CHECK(s.action(ActionKind::deregister_image).id == "ami-7");
        CHECK(s.image("ami-2").origin == ImageOrigin::registered);
        CHECK(s.image("ami-2").verdict == Verdict::good);
    }
}

TEST_CASE("keeping: the newest good image stays though no machine is of it") {
    auto spec = imaged_spec();
    spec.image.retain = 1;
    Gallery s(spec);
    s.make_image("ami-2");
    s.replace();
    s.move(2);
    for (auto& launch : s.record.launches) {
        launch.attempts.front().image_id = "ami-another";
    }
    s.make_image("ami-3");
    s.make_image("ami-4");
    CHECK(s.action(ActionKind::deregister_image).id == "ami-3");
    CHECK_FALSE(s.image("ami-2").removing);
}

TEST_CASE(
    "keeping: the newest good image stays though an event says that it is gone, until EC2 has said so") {
    auto spec = imaged_spec();
    spec.image.retain = 1;
    Gallery s(spec);
    s.make_image("ami-2");
    s.replace();
    s.move(2);
    s.learn(SpecChanged{spec, false});
    s.replace();
    s.record.launches.back().attempts.back().image_id = "ami-1";
    s.move(3);
    s.make_image("ami-3");
    REQUIRE(s.image("ami-2").verdict == Verdict::good);
    REQUIRE_FALSE(s.image("ami-2").removing);
    s.wait(5s);
    s.learn(ImageTold{"ami-2", "deregistered"});
    REQUIRE(s.image("ami-2").doubted);
    CHECK_FALSE(s.image("ami-2").removing);
}

TEST_CASE("keeping: fewer are kept from the next image on that is available, not before") {
    Gallery s;
    s.make_image("ami-2");
    s.make_image("ami-3");
    s.to_next_image();
    s.begin_image("ami-4");
    auto fewer = s.record.spec;
    fewer.image.retain = 1;
    s.learn(SpecChanged{fewer});
    CHECK_FALSE(s.wants(ActionKind::deregister_image));
    s.finish_image("ami-4");
    CHECK(s.wants(ActionKind::deregister_image));
}

TEST_CASE("keeping: specs that name image after image do not make the chain grow for ever") {
    Gallery s;
    for (int number = 0; number < 50; ++number) {
        auto spec = s.record.spec;
        spec.image_id = "ami-n" + std::to_string(number);
        s.learn(SpecChanged{spec});
    }
    CHECK(s.record.images.size() <= 10);
    CHECK(find_image(s.record, std::string("ami-1")));
    CHECK(find_image(s.record, std::string("ami-n49")));
}

TEST_CASE("told: what machines boot from, and why not from something newer") {
    Gallery s;
    const std::vector<std::string> due{"The schedule's next image is due at 2026-01-16T03:00:00Z."};
    CHECK(tell_images(s.record) == due);
    s.make_image("ami-2");
    s.replace();
    s.fail_to_boot(2);
    Image made;
    made.number = ++s.record.imaging.last_number;
    made.origin = ImageOrigin::made;
    made.id = "ami-3";
    made.machine = "i-1";
    made.state = ImageState::pending;
    s.record.images.push_back(made);
    const auto told = tell_images(s.record);
    REQUIRE(told.size() == 4);
    CHECK(told[0].starts_with(
        "The newest image that a machine became ready from is ami-1 of 2026-01-15T12:00:00Z"));
    CHECK(told[1] == "Image ami-2 is newer and bad: machine i-2 ran for 10m without becoming ready.");
    CHECK(told[2] == "Image ami-3 is newer and is being made of machine i-1.");
    CHECK(told[3] == "The schedule's next image is due at 2026-01-17T03:00:00Z.");
}

TEST_CASE("told: when the next image is due, and what keeps failing") {
    auto spec = imaged_spec();
    spec.image.retain = 1;
    Gallery s(spec);
    CHECK(next_scheduled_image(s.record) == base::parse_time("2026-01-16T03:00:00Z"));
    CHECK(image_trouble(s.record).empty());
    s.make_image("ami-2");
    s.make_image("ami-3");
    const auto removal = s.action(ActionKind::deregister_image);
    s.learn(ActionFailed{removal.key, "we are not permitted to keep images"});
    CHECK(image_trouble(s.record, s.image("ami-2")) == "we are not permitted to keep images");
    CHECK(image_trouble(s.record, s.image("ami-3")).empty());
    CHECK(s.reason().ends_with("; image ami-2 is not removed yet: we are not permitted to keep images"));
    s.wait_for_deadline();
    s.learn(ImageDeregistered{"ami-2"});
    CHECK_FALSE(s.reason().contains("not removed"));
    s.to_next_image();
    s.learn(ImageSending{s.action(ActionKind::create_image).image});
    s.learn(ImageRefused{s.record.images.back().number, "the account's quota is used up"});
    CHECK(image_trouble(s.record).starts_with(
        "its last image came to nothing: the account's quota is used up (next"));
    s.record.spec.image.schedule = "off";
    CHECK_FALSE(next_scheduled_image(s.record));
}
