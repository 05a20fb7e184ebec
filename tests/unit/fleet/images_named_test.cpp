#include "fleet/reception.hpp"
#include "gallery.hpp"

using namespace story;

TEST_CASE(
    "chain: a planned replacement under stop_first boots from the candidate, and after a loss from a good "
    "one") {
    auto spec = imaged_spec();
    spec.replace = Order::stop_first;
    Gallery s(spec);
    s.make_image("ami-2");
    SUBCASE("planned") {
        s.learn(ReplacementAsked{});
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.attempt().image_id == "ami-2");
        s.fail_to_boot(2);
        s.wait_for_deadline();
        CHECK(s.launch().generation == 3);
        CHECK(s.attempt().image_id == "ami-1");
    }
    SUBCASE("a notice") {
        s.learn(Interrupted{"i-1", "terminate", s.now + 2min});
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.attempt().image_id == "ami-1");
    }
    SUBCASE("lost while it was to be ended") {
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.attempt().image_id == "ami-1");
    }
}

TEST_CASE(
    "chain: the image that a changed spec names is what the next machine boots from, also one of before") {
    Gallery s;
    s.make_image("ami-2");
    const auto put = [&](const std::string& id) {
        auto spec = s.record.spec;
        spec.image_id = id;
        s.learn(SpecChanged{spec});
    };
    SUBCASE("by way of latest") {
        put("latest");
        CHECK(s.chain() == std::vector<std::string>{"ami-1", "ami-2"});
        put("ami-1");
    }
    SUBCASE("by way of another") {
        put("ami-other");
        put("ami-1");
    }
    CHECK(s.chain().back() == "ami-1");
    CHECK(s.image("ami-1").verdict == Verdict::good);
    const auto chain = s.chain();
    auto same = s.record.spec;
    same.readiness.patience = 7min;
    s.learn(SpecChanged{same});
    CHECK(s.chain() == chain);
    s.replace();
    CHECK(s.attempt().image_id == "ami-1");
}

TEST_CASE("chain: an image that is being removed cannot be named; what it was named before goes with it") {
    auto spec = imaged_spec();
    spec.image.retain = 1;
    Gallery s(spec);
    s.make_image("ami-2");
    auto changed = s.record.spec;
    changed.image_id = "ami-2";
    s.learn(SpecChanged{changed});
    changed.image_id = "latest";
    s.learn(SpecChanged{changed});
    s.make_image("ami-3");
    REQUIRE(s.action(ActionKind::deregister_image).id == "ami-2");
    s.learn(ImageDeregistered{"ami-2"});
    REQUIRE(s.wants(ActionKind::delete_snapshot));
    changed.image_id = "ami-2";
    CHECK(update_problem(s.record, changed) ==
          "image_id ami-2 is being removed: 1 newer ones are available; name another");
    s.learn(SnapshotDeleted{"snap-of-ami-2"});
    CHECK_FALSE(find_image(s.record, std::string("ami-2")));
}

TEST_CASE("chain: its user hears that no machine can boot from any image") {
    Gallery s;
    s.make_image("ami-2");
    for (auto& image : s.record.images) {
        CHECK(explain_images(s.record).find("name one with PUT /instances/") == std::string::npos);
        image.state = ImageState::disabled;
    }
    CHECK(explain_images(s.record).find("name one with PUT /instances/") != std::string::npos);
}

TEST_CASE("keeping: the newest good image stays while it is only doubted") {
    auto spec = imaged_spec();
    spec.image.retain = 1;
    Gallery s(spec);
    s.make_image("ami-2");
    s.replace();
    s.move(2);
    s.record.launches.back().attempts.front().image_id = "ami-another";
    s.make_image("ami-3");
    s.learn(ImageTold{"ami-2", "disabled"});
    REQUIRE_FALSE(is_usable(s.image("ami-2")));
    CHECK_FALSE(s.image("ami-2").removing);
}
