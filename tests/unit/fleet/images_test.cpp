#include "fleet/images.hpp"

#include "desk.hpp"

using namespace desk;

namespace {

/// A name whose first image was begun, for messages about it.
struct Album : Desk {
    Album() {
        send(command(*this, "uid-1", spec("lms-chen")));
        auto record = this->record();
        Image image;
        image.number = 7;
        image.origin = ImageOrigin::made;
        image.id = "ami-7";
        image.machine = "i-1";
        image.state = ImageState::pending;
        image.answered = now;
        record.images.push_back(image);
        record.imaging.last_number = 7;
        ledger.put(record);
    }

    Receipt order(std::string_view operation, const std::string& more = "",
                  const std::string& uid = "uid-1") {
        return send(command(*this, "uid-c" + std::to_string(messages),
                            R"({"name":"lms-chen","uid":")" + uid + "\"" + more + "}", {}, operation));
    }

    Receipt state_change(const std::string& id, const std::string& state) {
        return send(R"({"id":"e-)" + std::to_string(messages) +
                    R"(","detail-type":"EC2 AMI State Change","source":"aws.ec2","account":"123456789012",)" +
                    R"("time":")" + base::format_time(now) +
                    R"(","region":"us-east-2","detail":{"ImageId":")" + id + R"(","State":")" + state +
                    R"("}})");
    }

    const Image& image(int number = 7) { return *find_image(record(), number); }
};

}  // namespace

TEST_CASE("images: an event about an image of ours means that EC2 is asked; another's is nobody's") {
    Album a;
    CHECK(a.state_change("ami-7", "available").name == "lms-chen");
    CHECK(a.image().state == ImageState::pending);
    a.tell("lms-chen", ImageDescribed{"ami-7", ImageState::available, {"snap-7"}});
    CHECK(a.image().available == a.now);
    CHECK_FALSE(a.image().doubted);
    a.now += 1h;
    CHECK(a.state_change("ami-7", "deregistered").outcome == Outcome::handled);
    CHECK(a.image().doubted == a.now);
    CHECK(a.state_change("ami-8", "available").outcome == Outcome::unclaimed);
}

TEST_CASE("images: a command announces an image that we made, or another tool's") {
    Album a;
    CHECK(a.order("image_created", R"(,"image_id":"ami-7")").outcome == Outcome::handled);
    CHECK(a.image().announced == a.now);
    CHECK(a.order("image_created", R"(,"image_id":"ami-other")").outcome == Outcome::handled);
    CHECK(a.image(8).origin == ImageOrigin::announced);
    CHECK(a.order("image_created", R"(,"image_id":"ami-other")").reason ==
          "the image is in the chain already");
    CHECK(a.order("image_created", R"(,"image_id":"other")").reason ==
          "its image_id must be an id such as \"ami-0123456789abcdef0\"");
    CHECK(a.order("image_created", R"(,"image_id":"ami-9")", "uid-2").outcome == Outcome::rejected);
}

TEST_CASE("images: a test is refused in a sentence where the spec has no security groups for it") {
    Album a;
    CHECK(a.order("test_image").reason ==
          "the spec of lms-chen has no image.test: a test boots a clone, which needs security groups of its "
          "own there");
    CHECK(a.order("make_image").reason == "an image is being made already");
    CHECK_FALSE(a.record().imaging.asked);
    a.tell("lms-chen", ImageDescribed{"ami-7", ImageState::available, {}});
    CHECK(a.order("make_image").outcome == Outcome::handled);
    CHECK(a.record().imaging.asked == a.now);
    a.order("pause");
    CHECK(a.order("make_image").reason ==
          "the name lms-chen is paused: there is no machine to make an image of");
}
