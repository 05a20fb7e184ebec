#include "gallery.hpp"

using namespace story;

TEST_CASE("making: an image is made at its time of the machine that serves, followed and announced") {
    Gallery s;
    CHECK(s.chain() == std::vector<std::string>{"ami-1"});
    s.to("2026-01-16T02:59:59Z");
    CHECK(s.kinds().empty());
    s.wait_for_deadline();
    CHECK(s.now == *base::parse_time("2026-01-16T03:00:00Z"));
    const auto create = s.action(ActionKind::create_image);
    CHECK(create.id == "i-1");
    CHECK(create.image == 2);
    const auto& name = find_image(s.record, 2)->ami_name;
    CHECK(name.starts_with("lms-chen/20260116T030000Z/"));
    s.learn(ImageSending{2});
    CHECK(s.action(ActionKind::follow_image).id == name);
    s.learn(ImageAnswered{2, "ami-2"});
    // The sweeps look at all names' pending images together.
    CHECK(s.kinds().empty());
    s.learn(ImageDescribed{"ami-2", ImageState::pending});
    CHECK(s.kinds().empty());
    CHECK(s.reason().ends_with("; image ami-2 is being made of machine i-1"));
    s.wait(1min);
    CHECK(s.kinds().empty());
    s.learn(ImageTold{"ami-2", "available"});
    CHECK(s.action(ActionKind::follow_image).id == "ami-2");
    CHECK_FALSE(is_usable(s.image("ami-2")));
    s.learn(ImageDescribed{"ami-2", ImageState::available, {"snap-2"}});
    CHECK(s.kinds() == std::vector{ActionKind::announce_image});
    s.learn(NotYet{s.action(ActionKind::announce_image).key});
    CHECK(s.kinds().empty());
    s.wait_for_deadline();
    s.learn(ImageAnnounced{"ami-2"});
    CHECK(s.kinds().empty());
    CHECK(is_usable(s.image("ami-2")));
    CHECK(s.noted("image_made"));
    CHECK(s.state() == State::serving);
    s.to("2026-01-17T02:59:59Z");
    CHECK(s.kinds().empty());
    s.wait(1s);
    CHECK(s.wants(ActionKind::create_image));
}

TEST_CASE("making: each name has its own moment within the spread, always the same") {
    auto spec = imaged_spec();
    spec.image.spread = 1h;
    Gallery s(spec);
    s.to("2026-01-16T02:59:00Z");
    s.wait_for_deadline();
    CHECK(s.wants(ActionKind::create_image));
    const auto first = s.now;
    CHECK(first > *base::parse_time("2026-01-16T03:00:00Z"));
    CHECK(first < *base::parse_time("2026-01-16T04:00:00Z"));
    s.begin_image("ami-2");
    s.finish_image("ami-2");
    s.wait(24h - 1s);
    CHECK(s.kinds().empty());
    s.wait(1s);
    CHECK(s.wants(ActionKind::create_image));
}

TEST_CASE("making: a spread that is longer than from one time to the next skips none") {
    auto spec = imaged_spec();
    spec.image.schedule = "*/10 * * * *";
    spec.image.spread = 1h;
    Gallery s(spec);
    for (int number = 2; number < 8; ++number) {
        const auto before = s.now;
        s.wait_for_deadline();
        CHECK(s.now - before <= 20min);
        s.begin_image("ami-" + std::to_string(number));
        s.finish_image("ami-" + std::to_string(number));
    }
}

TEST_CASE("making: a manager that was off for days makes one image late, and not all names' at once") {
    Gallery s;
    s.now += 120h;
    s.policy.watching_since = s.now;
    SUBCASE("without a spread") {
        s.learn(TimePassed{});
        CHECK(s.wants(ActionKind::create_image));
        s.begin_image("ami-2");
        s.finish_image("ami-2");
        CHECK(s.kinds().empty());
        s.to("2026-01-21T02:59:00Z");
        CHECK(s.kinds().empty());
    }
    SUBCASE("with a spread") {
        s.record.spec.image.spread = 1h;
        s.learn(TimePassed{});
        CHECK_FALSE(s.wants(ActionKind::create_image));
        s.wait_for_deadline();
        CHECK(s.wants(ActionKind::create_image));
        CHECK(s.now - s.policy.watching_since < 1h);
    }
}

TEST_CASE("making: never of a machine with a notice, one to be replaced, one in trouble, or one not ready") {
    Gallery s;
    s.to("2026-01-16T02:59:00Z");
    SUBCASE("a notice") {
        s.notice();
    }
    SUBCASE("to be replaced") {
        s.replace();
    }
    SUBCASE("its probe fails") {
        s.learn(ProbeFailed{"i-1", "no answer"});
    }
    SUBCASE("its status checks fail") {
        s.learn(StatusChecked{"i-1", true});
    }
    SUBCASE("paused") {
        s.learn(PauseAsked{});
    }
    SUBCASE("the schedule is off") {
        s.record.spec.image.schedule = "off";
    }
    SUBCASE("its loss is told") {
        s.learn(StateChanged{"i-1", Ec2State::stopped});
    }
    s.wait(2h);
    CHECK_FALSE(s.wants(ActionKind::create_image));
}

TEST_CASE("making: what was chosen and never sent is due for the machine that comes next") {
    Gallery s;
    s.to_next_image();
    s.notice();
    CHECK_FALSE(s.wants(ActionKind::create_image));
    CHECK(s.chain() == std::vector<std::string>{"ami-1"});
    s.move(2);
    CHECK(s.action(ActionKind::create_image).id == "i-2");
}

TEST_CASE("making: a call whose answer was lost is looked up by its name, and sent again only then") {
    Gallery s;
    s.to_next_image();
    s.learn(ImageSending{2});
    s.learn(ActionFailed{"image/2/make", "no answer"});
    CHECK(s.kinds().empty());
    s.wait_for_deadline();
    CHECK(s.action(ActionKind::follow_image).id == find_image(s.record, 2)->ami_name);
    SUBCASE("it was taken") {
        s.learn(ImageAnswered{2, "ami-2"});
        CHECK(s.chain() == std::vector<std::string>{"ami-1", "ami-2"});
    }
    SUBCASE("it was not") {
        s.learn(ImageNotFound{2});
        for (int looks = 0; s.now < start + 15h + 5min && !s.wants(ActionKind::create_image); ++looks) {
            REQUIRE(looks < 10);
            if (s.wants(ActionKind::follow_image)) {
                s.learn(ImageNotFound{2});
            } else {
                s.wait_for_deadline();
            }
        }
        CHECK(s.now - *find_image(s.record, 2)->sent >= s.policy.visible_after);
        s.begin_image("ami-2");
        CHECK(find_image(s.record, 2)->sends == 2);
    }
    SUBCASE("it was not, and a notice has come") {
        s.notice();
        s.wait(s.policy.visible_after);
        s.learn(ImageNotFound{2});
        CHECK(s.chain() == std::vector<std::string>{"ami-1"});
    }
}

TEST_CASE(
    "making: what EC2 refuses is tried again after waits that grow, a few times, and then at its time") {
    Gallery s;
    s.to_next_image();
    Duration waited{};
    for (int number = 2; number < 5; ++number) {
        s.learn(ImageSending{number});
        s.learn(ImageRefused{number, "EC2 says SnapshotLimitExceeded"});
        CHECK(s.chain() == std::vector<std::string>{"ami-1"});
        CHECK(s.reason().contains("; its last image came to nothing: EC2 says SnapshotLimitExceeded"));
        CHECK_FALSE(s.wants(ActionKind::create_image));
        const auto before = s.now;
        s.wait_for_deadline();
        CHECK(s.wants(ActionKind::create_image));
        CHECK(s.now - before > waited);
        waited = s.now - before;
    }
    CHECK(s.now == *base::parse_time("2026-01-17T03:00:00Z"));
    s.begin_image("ami-5");
    s.finish_image("ami-5");
    CHECK_FALSE(s.reason().contains("came to nothing"));
}

TEST_CASE("making: one that fails or is pending for hours is removed, and another is made") {
    Gallery s;
    s.to_next_image();
    s.begin_image("ami-2");
    SUBCASE("failed") {
        s.learn(ImageDescribed{"ami-2", ImageState::failed, {"snap-2"}, "internal error"});
        CHECK(s.last_noted("image_failed").contains("EC2 says that it failed"));
    }
    SUBCASE("pending") {
        s.wait(s.policy.image_pending_max - 1s);
        s.learn(ImageDescribed{"ami-2", ImageState::pending, {"snap-2"}});
        CHECK_FALSE(s.image("ami-2").removing);
        s.wait(1s);
        CHECK(s.last_noted("image_failed").contains("it was pending for 6h"));
    }
    CHECK(s.action(ActionKind::deregister_image).id == "ami-2");
    s.learn(ImageDeregistered{"ami-2"});
    CHECK(s.action(ActionKind::delete_snapshot).id == "snap-2");
    s.learn(SnapshotDeleted{"snap-2"});
    CHECK(s.chain() == std::vector<std::string>{"ami-1"});
    s.wait_for_deadline();
    CHECK(s.wants(ActionKind::create_image));
}

TEST_CASE(
    "making: of one that others deregister before it is available the snapshots are looked for and go") {
    Gallery s;
    s.to_next_image();
    s.begin_image("ami-2");
    for (int looks = 0; looks < s.policy.gone_after_sweeps; ++looks) {
        s.wait(5min);
        s.learn(ImageAbsent{"ami-2"});
    }
    CHECK(s.last_noted("image_failed").contains("EC2 no longer knows it"));
    // EC2 tells of them only when it is asked by what they are tagged with.
    CHECK(s.action(ActionKind::deregister_image).id == "ami-2");
    s.learn(ImageAbsent{"ami-2"});
    CHECK(s.wants(ActionKind::deregister_image));
    s.learn(ImageDescribed{"ami-2", ImageState::failed, {"snap-2"}});
    s.learn(ImageDeregistered{"ami-2"});
    CHECK(s.action(ActionKind::delete_snapshot).id == "snap-2");
    s.learn(SnapshotDeleted{"snap-2"});
    CHECK(s.chain() == std::vector<std::string>{"ami-1"});
}

TEST_CASE("making: one that fails while its machine is rebooted for it stays in the chain for so long") {
    auto spec = imaged_spec();
    spec.image.reboot = true;
    Gallery s(spec);
    s.to_next_image();
    s.begin_image("ami-2");
    s.learn(ImageDescribed{"ami-2", ImageState::failed, {"snap-2"}, "internal error"});
    CHECK_FALSE(s.wants(ActionKind::deregister_image));
    CHECK(rebooting_until(s.record, s.launch(), s.policy) > s.now);
    s.wait(s.policy.reboot_for);
    CHECK(s.wants(ActionKind::deregister_image));
}

TEST_CASE("making: its user may ask for one at any time; the schedule goes on") {
    Gallery s;
    s.learn(ImageAsked{});
    s.begin_image("ami-2");
    CHECK(s.image("ami-2").cause == ImageCause::asked);
    s.finish_image("ami-2");
    CHECK(s.kinds().empty());
    s.to("2026-01-16T03:00:00Z");
    CHECK(s.wants(ActionKind::create_image));
}

TEST_CASE("making: another schedule counts from when it was given") {
    Gallery s;
    auto spec = s.record.spec;
    spec.image.schedule = "off";
    s.learn(SpecChanged{spec});
    s.wait(240h);
    CHECK(s.kinds().empty());
    CHECK_FALSE(deadline(s.record, s.now, s.policy));
    spec.image.schedule = "0 3 * * *";
    s.learn(SpecChanged{spec});
    CHECK_FALSE(s.wants(ActionKind::create_image));
    s.wait_for_deadline();
    CHECK(s.now == *base::parse_time("2026-01-26T03:00:00Z"));
}

TEST_CASE("making: while a machine is rebooted for its image no sign of trouble counts, for a while") {
    auto spec = imaged_spec();
    spec.image.reboot = true;
    spec.readiness.patience = 2min;
    Gallery s(spec);
    s.to_next_image();
    s.begin_image("ami-2");
    s.learn(ProbeFailed{"i-1", "no answer"});
    s.learn(StatusChecked{"i-1", true});
    s.wait(9min);
    CHECK_FALSE(s.launch().demand);
    SUBCASE("it answers again") {
        s.learn(ProbePassed{"i-1"});
        s.learn(StatusChecked{"i-1", false});
        s.wait(1h);
        CHECK(s.record.launches.size() == 1);
    }
    SUBCASE("it answers again, and from then on signs count: also within the time that a reboot may take") {
        s.learn(ProbePassed{"i-1"});
        s.learn(ProbeFailed{"i-1", "no answer"});
        s.learn(StatusChecked{"i-1", false});
        s.learn(ProbePassed{"i-1"});
        s.learn(ProbeFailed{"i-1", "no answer"});
        s.wait(119s);
        CHECK_FALSE(s.launch().demand);
        s.wait(1s);
        CHECK(s.launch().reason == Reason::unwell);
    }
    SUBCASE("it never does") {
        s.wait(2min);
        CHECK_FALSE(s.launch().demand);
        s.wait(1min);
        CHECK(s.launch().reason == Reason::unwell);
    }
}

TEST_CASE("making: an event makes EC2 be asked at once, also one of the second of the last look") {
    Gallery s;
    s.to("2026-01-16T03:00:00Z");
    s.learn(ImageSending{2});
    s.learn(ImageAnswered{2, "ami-2"});
    s.wait(500ms);
    s.learn(ImageDescribed{"ami-2", ImageState::pending});
    CHECK(s.kinds().empty());
    SUBCASE("EventBridge tells whole seconds") {
        s.learn_at(*base::parse_time("2026-01-16T03:00:00Z"), ImageTold{"ami-2", "available"});
        CHECK(s.wants(ActionKind::follow_image));
    }
    SUBCASE("one that is older says nothing new") {
        s.learn_at(*base::parse_time("2026-01-16T02:59:59Z"), ImageTold{"ami-2", "pending"});
        CHECK(s.kinds().empty());
    }
}

TEST_CASE("making: a schedule that is put off ends the tries after a failure, too") {
    Gallery s;
    s.to_next_image();
    s.begin_image("ami-2");
    s.learn(ImageDescribed{"ami-2", ImageState::failed});
    REQUIRE(s.record.imaging.again);
    auto off = s.record.spec;
    off.image.schedule = "off";
    s.learn(SpecChanged{off});
    s.wait(2h);
    CHECK_FALSE(s.wants(ActionKind::create_image));
}

TEST_CASE("making: after a clock that was years ahead the next image is made at its time") {
    Gallery s;
    s.record.imaging.counted_from = s.now + 1000 * 24h;
    s.learn(TimePassed{});
    s.to_next_image();
}
