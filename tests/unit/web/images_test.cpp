#include "fake_backend.hpp"
#include "fleet/message.hpp"

using namespace web_test;

namespace {

fleet::Record record_with_images() {
    auto record = make_record();
    fleet::Image registered;
    registered.number = 1;
    registered.id = "ami-1";
    registered.state = fleet::ImageState::available;
    registered.announced = registered.chosen;
    registered.verdict = fleet::Verdict::good;
    fleet::Image made;
    made.number = 2;
    made.origin = fleet::ImageOrigin::made;
    made.id = "ami-2";
    made.state = fleet::ImageState::available;
    made.verdict = fleet::Verdict::bad;
    made.verdict_why = "machine i-2 was not ready after 10m";
    record.images = {registered, made};
    record.spec.image.schedule = "off";
    return record;
}

fleet::SignedCommand last_command(const ApiFixture& fixture) {
    const auto message = fleet::parse_message(fixture.published.back());
    REQUIRE(message);
    return std::get<fleet::SignedCommand>(message->body);
}

struct Fixture : ApiFixture {
    http::Response in_lines() {
        return call({"GET", "/instances/lms-chen/images", {{"Accept", "text/plain"}}, ""});
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "images: the chain is listed, newest first, in JSON and in lines") {
    records["lms-chen"] = record_with_images();
    const auto body = body_of(get("/instances/lms-chen/images"));
    CHECK(body.at("name") == "lms-chen");
    REQUIRE(body.at("images").as_array().size() == 2);
    CHECK(body.at("images").as_array()[0].at("id") == "ami-2");
    CHECK(body.at("images").as_array()[0].at("verdict") == "bad");
    const auto lines = in_lines().body;
    CHECK(lines.find("ami-2") < lines.find("ami-1"));
    CHECK(lines.contains("bad"));
    CHECK(lines.contains("available, not announced, made: machine i-2 was not ready after 10m"));
    CHECK(get("/instances/nobody/images").status == 404);
    const auto brief = body_of(get("/instances/lms-chen")).at("images").as_object();
    CHECK(brief.at("newest_good") == "ami-1");
    CHECK(brief.at("bad").as_array()[0].at("why") == "machine i-2 was not ready after 10m");
    CHECK_FALSE(brief.contains("next"));

    auto& record = records["lms-chen"];
    record.imaging.counted_from = base::parse_time("2026-01-15T12:00:00Z");
    record.spec.image = {.schedule = "0 3 * * *", .spread = base::Duration{0}};
    record.images[1].removing = record.registered;
    record.retries["image/2/deregister"] = {.tries = 1, .error = "EC2 is away"};
    record.retries["image"] = {.tries = 1, .error = "the quota is used up"};
    const auto chain = body_of(get("/instances/lms-chen/images"));
    CHECK(chain.at("next") == "2026-01-16T03:00:00Z");
    CHECK(chain.at("trouble") ==
          "its last image came to nothing: the quota is used up; the next is made at its time");
    CHECK(chain.at("images").as_array()[0].at("trouble") == "EC2 is away");
    CHECK(in_lines().body.ends_with("\nthe schedule's next image is due at 2026-01-16T03:00:00Z\n"));
    CHECK(in_lines().body.contains("made: EC2 is away\n"));
    record.spec.image.schedule = "off";
    record.retries.clear();
    records["lms-chen"].images.clear();
    CHECK(in_lines().body == "no image of lms-chen is known\n");
    failure = "disk";
    CHECK(get("/instances/lms-chen/images").status == 503);
}

TEST_CASE_FIXTURE(ApiFixture, "images: one is made, and tested, by commands that name what they mean") {
    records["lms-chen"] = record_with_images();
    records["lms-chen"].images.back().verdict = fleet::Verdict::candidate;
    records["lms-chen"].images.back().announced = now;
    CHECK(post_to("/instances/lms-chen/image").status == 202);
    CHECK(last_command(*this).command == "make_image");
    CHECK(last_command(*this).payload == R"({"name":"lms-chen","uid":"uid-of-lms-chen"})");
    CHECK(body_of(post_to("/instances/lms-chen/image/test"))
              .at("detail")
              .as_string()
              .starts_with("the spec of lms-chen has no image.test"));
    records["lms-chen"].spec.image.test = fleet::ImageTest{.security_group_ids = {"sg-1"}};
    CHECK(post_to("/instances/lms-chen/image/test").status == 202);
    CHECK(last_command(*this).command == "test_image");
    CHECK(post_to("/instances/nobody/image").status == 404);
    CHECK(get("/instances/lms-chen/image").status == 405);
    records["lms-chen"].intent = fleet::Intent::paused;
    CHECK(post_to("/instances/lms-chen/image").status == 409);
}

TEST_CASE_FIXTURE(ApiFixture, "images: a name is retired with or without them") {
    records["lms-chen"] = record_with_images();
    CHECK(remove("/instances/lms-chen?remove_images=true").status == 202);
    CHECK(last_command(*this).payload.contains(R"("remove_images":true)"));
    records["lms-chen"].retirement = fleet::Retirement{.at = now, .command = "u1"};
    CHECK(remove("/instances/lms-chen").status == 202);
    CHECK(remove("/instances/lms-chen?remove_images=true").status == 202);
    CHECK(last_command(*this).payload.contains(R"("remove_images":true)"));
    records["lms-chen"].retirement->remove_images = true;
    CHECK(body_of(remove("/instances/lms-chen")).at("detail") ==
          "the name lms-chen: it is being retired already, and its images are removed");
}
