#include "desk.hpp"
#include "gallery.hpp"

using namespace story;

namespace {

Spec tested_spec(bool after_each) {
    auto spec = imaged_spec();
    spec.image.test = ImageTest{after_each, {"sg-test"}};
    return spec;
}

/// A test's machine runs.
void run_test(Gallery& s) {
    const auto to_do = s.action(ActionKind::request_spot);
    s.learn(AttemptSending{to_do.generation, to_do.attempt});
    s.learn(AttemptAnswered{to_do.generation, to_do.attempt, "sir-t"});
    s.learn(Fulfilled{"sir-t", "i-t"});
    s.describe("i-t", Ec2State::running, addresses(9));
}

}  // namespace

TEST_CASE("test of an image: a machine boots from it beside the serving one, and the image is good") {
    Gallery s(tested_spec(true));
    s.make_image("ami-2");
    REQUIRE(s.record.tests.size() == 1);
    const auto& test = s.record.tests.front();
    CHECK(test.generation == 2);
    CHECK(test.attempts.front().image_id == "ami-2");
    CHECK(security_groups_of(s.record, 2) == std::vector<std::string>{"sg-test"});
    CHECK(security_groups_of(s.record, 1) == std::vector<std::string>{"sg-1"});
    run_test(s);
    CHECK(s.state() == State::serving);
    CHECK_FALSE(s.wants(ActionKind::publish_dns));
    s.learn(Reported{.machine = "i-t"});
    CHECK(s.image("ami-2").verdict == Verdict::good);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-t");
    CHECK(serving_launch(s.record)->machine == "i-1");
    s.describe("i-t", Ec2State::terminated);
    CHECK(s.kinds().empty());
    s.notice();
    CHECK(s.launch().generation == 3);
    CHECK(s.attempt().image_id == "ami-2");
}

TEST_CASE("test of an image: one that does not become ready is bad, and the name is not touched") {
    Gallery s(tested_spec(false));
    s.make_image("ami-2");
    CHECK(s.record.tests.empty());
    s.learn(ImageTestAsked{});
    run_test(s);
    s.wait(10min);
    CHECK(s.image("ami-2").verdict == Verdict::bad);
    CHECK(s.action(ActionKind::terminate_machine).id == "i-t");
    CHECK(s.record.launches.size() == 1);
    s.describe("i-t", Ec2State::terminated);
    s.replace();
    CHECK(s.attempt().image_id == "ami-1");
}

TEST_CASE("test of an image: without a verdict it is made again, a few times") {
    Gallery s(tested_spec(true));
    s.make_image("ami-2");
    for (int tests = 1; tests <= 3; ++tests) {
        REQUIRE(s.record.tests.size() == static_cast<std::size_t>(tests));
        s.learn(AttemptSending{s.record.tests.back().generation, 1});
        s.learn(AttemptAnswered{s.record.tests.back().generation, 1, "sir-t" + std::to_string(tests)});
        SUBCASE("lost") {
            const auto machine = "i-t" + std::to_string(tests);
            s.learn(Fulfilled{"sir-t" + std::to_string(tests), machine});
            s.describe(machine, Ec2State::running, addresses(9));
            s.describe(machine, Ec2State::terminated);
        }
        SUBCASE("no capacity") {
            s.wait(s.policy.test_without_machine);
            const auto request = s.action(ActionKind::cancel_request).id;
            s.learn(CancelSending{request});
            s.learn(CancelAnswered{request});
            s.learn(RequestDescribed{request, RequestState::cancelled, "canceled-before-fulfillment", {}});
        }
    }
    CHECK(s.record.tests.size() == 3);
    CHECK(s.image("ami-2").verdict == Verdict::candidate);
    CHECK_FALSE(s.wants(ActionKind::request_spot));
}

TEST_CASE("test of an image: pausing and retiring end its machine as well") {
    Gallery s(tested_spec(true));
    s.make_image("ami-2");
    run_test(s);
    const auto ended = [&] {
        std::vector<std::string> machines;
        for (const auto& action : s.actions()) {
            if (action.kind == ActionKind::terminate_machine) {
                machines.push_back(action.id);
            }
        }
        return machines;
    };
    SUBCASE("paused") {
        s.learn(PauseAsked{});
        CHECK(ended() == std::vector<std::string>{"i-1", "i-t"});
    }
    SUBCASE("retired") {
        s.learn(RetirementAsked{"uid-r"});
        s.learn(RecordDeleted{Side::private_, "10.0.0.1"});
        s.learn(RecordDeleted{Side::public_, "203.0.113.1"});
        CHECK(ended() == std::vector<std::string>{"i-1", "i-t"});
        s.describe("i-1", Ec2State::terminated);
        CHECK(s.state() == State::retiring);
        s.describe("i-t", Ec2State::terminated);
        CHECK(s.state() == State::retired);
    }
}

TEST_CASE("test of an image: one whose spec has no test any more never gets production's security groups") {
    Gallery s(tested_spec(true));
    s.make_image("ami-2");
    auto untested = s.record.spec;
    untested.image.test.reset();
    SUBCASE("it was not sent") {
        s.learn(SpecChanged{untested});
    }
    SUBCASE("it was sent") {
        const auto to_do = s.action(ActionKind::request_spot);
        s.learn(AttemptSending{to_do.generation, to_do.attempt});
        s.learn(AttemptAnswered{to_do.generation, to_do.attempt, "sir-t"});
        s.learn(SpecChanged{untested});
        CHECK(s.action(ActionKind::cancel_request).id == "sir-t");
    }
    CHECK(s.record.tests.back().abandoned ==
          "the test of an image is over: the spec has no image.test any more");
    CHECK(s.record.tests.back().attempts.size() == 1);
    CHECK(security_groups_of(s.record, 2).empty());
    CHECK_FALSE(s.wants(ActionKind::request_spot));
}

TEST_CASE("test of an image: a machine that comes too late is ended, and then it is over") {
    Gallery s(tested_spec(true));
    s.make_image("ami-2");
    auto& test = s.record.tests.front();
    test.attempts.front().sent = test.attempts.front().answered = s.now;
    test.attempts.front().surplus = "i-late";
    CHECK(s.action(ActionKind::terminate_machine).id == "i-late");
    s.describe("i-late", Ec2State::terminated);
    CHECK_FALSE(s.wants(ActionKind::terminate_machine));
}

TEST_CASE("test of an image: one that an older store does not know is taken in as one, and ended") {
    Gallery s(tested_spec(false));
    s.learn(Adopted{.generation = 7, .request = "sir-t", .token = "t", .late = true, .test = true});
    s.learn(Fulfilled{"sir-t", "i-t"});
    s.describe("i-t", Ec2State::running, addresses(9));
    CHECK(s.record.launches.size() == 1);
    CHECK(serving_launch(s.record)->machine == "i-1");
    CHECK(s.state() == State::serving);
    CHECK_FALSE(s.wants(ActionKind::publish_dns));
    CHECK(s.action(ActionKind::terminate_machine).id == "i-t");
}

namespace {

/// A name whose image is in the chain, at a desk.
struct Estate : desk::Desk {
    Estate() {
        send(desk::command(*this, "uid-1", desk::spec("lms-chen")));
        auto record = this->record();
        for (const int number : {2, 3}) {
            Image image;
            image.number = number;
            image.origin = ImageOrigin::made;
            image.id = "ami-" + std::to_string(number);
            image.state = ImageState::available;
            image.sent = image.answered = image.available = image.announced = now;
            image.snapshots = {"snap-" + std::to_string(number)};
            image.verdict = number == 2 ? Verdict::good : Verdict::candidate;
            record.images.push_back(image);
        }
        record.imaging.last_number = 3;
        ledger.put(record);
    }

    void retire(const std::string& more = "") {
        send(desk::command(*this, "uid-r", R"({"name":"lms-chen","uid":"uid-1")" + more + "}", {}, "retire"));
    }

    bool is_there() const { return ledger.records().contains("lms-chen"); }
};

std::string latest(const std::string& name) {
    auto text = desk::spec(name);
    return text.replace(text.find("ami-1"), 5, "latest");
}

}  // namespace

TEST_CASE("retiring: the images are kept, and the next of the name can go on with them") {
    Estate e;
    e.retire();
    REQUIRE_FALSE(e.is_there());
    REQUIRE(e.ledger.kept_images("lms-chen"));
    CHECK(
        e.send(desk::command(e, "uid-2", latest("lms-other"))).reason ==
        "image_id is \"latest\", but no retired name lms-other of this store has left an image: give the id "
        "of one");
    e.send(desk::command(e, "uid-3", latest("lms-chen")));
    REQUIRE(e.is_there());
    CHECK(e.record().images.size() == 2);
    CHECK(e.record().launches.front().attempts.front().image_id == "ami-3");
    CHECK_FALSE(e.ledger.kept_images("lms-chen"));
    CHECK(e.ledger.name_of_image("ami-3") == "lms-chen");
    // A second life without images of its own leaves those of the first.
    e.send(desk::command(e, "uid-r2", R"({"name":"lms-chen","uid":"uid-3"})", {}, "retire"));
    REQUIRE(e.ledger.kept_images("lms-chen"));
    CHECK(e.ledger.kept_images("lms-chen")->images.size() == 2);
}

TEST_CASE("retiring: the images are removed first where its user says so, each with its snapshots") {
    Estate e;
    e.retire(R"(,"remove_images":true)");
    REQUIRE(e.is_there());
    const auto ids = [&](ActionKind kind) {
        std::vector<std::string> ids;
        for (const auto& action : pending(e.record(), e.now, e.policy)) {
            if (action.kind == kind) {
                ids.push_back(action.id);
            }
        }
        return ids;
    };
    CHECK(ids(ActionKind::deregister_image) == std::vector<std::string>{"ami-2", "ami-3"});
    CHECK(status_of(e.record()).reason == "retired by its user; image ami-2 is being removed");
    e.tell("lms-chen", ImageDeregistered{"ami-2"});
    e.tell("lms-chen", ImageDeregistered{"ami-3"});
    e.tell("lms-chen", SnapshotDeleted{"snap-3"});
    REQUIRE(e.is_there());
    CHECK(ids(ActionKind::delete_snapshot) == std::vector<std::string>{"snap-2"});
    e.tell("lms-chen", SnapshotDeleted{"snap-2"});
    CHECK_FALSE(e.is_there());
    CHECK_FALSE(e.ledger.kept_images("lms-chen"));
}

TEST_CASE("retiring: what EC2 may have taken is looked up before the name goes") {
    Estate e;
    auto record = e.record();
    Image image;
    image.number = 4;
    image.origin = ImageOrigin::made;
    image.ami_name = "lms-chen/4";
    image.sent = e.now;
    image.sends = 1;
    record.images.push_back(image);
    record.imaging.last_number = 4;
    e.ledger.put(record);
    e.retire();
    REQUIRE(e.is_there());
    CHECK(pending(e.record(), e.now, e.policy).front().kind == ActionKind::follow_image);
    SUBCASE("taken: it is kept") {
        e.tell("lms-chen", ImageAnswered{4, "ami-4"});
        CHECK_FALSE(e.is_there());
        CHECK(e.ledger.kept_images("lms-chen")->images.size() == 3);
    }
    SUBCASE("not taken") {
        e.now += 1min;
        e.tell("lms-chen", ImageNotFound{4});
        CHECK_FALSE(e.is_there());
        CHECK(e.ledger.kept_images("lms-chen")->images.size() == 2);
    }
}

TEST_CASE("retiring: its user may say later that the images are to go, and not take it back") {
    Estate e;
    auto record = e.record();
    record.images.back().answered.reset();
    e.ledger.put(record);
    e.retire();
    REQUIRE(e.is_there());
    const std::string with = R"({"name":"lms-chen","uid":"uid-1","remove_images":true})";
    CHECK(e.send(desk::command(e, "uid-r2", with, {}, "retire")).reason.empty());
    CHECK(e.record().images[1].removing);
    const std::string without = R"({"name":"lms-chen","uid":"uid-1"})";
    CHECK(e.send(desk::command(e, "uid-r3", without, {}, "retire")).reason ==
          "it is being retired already, and its images are removed");
}
