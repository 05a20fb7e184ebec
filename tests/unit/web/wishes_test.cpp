#include "fake_backend.hpp"
#include "fleet/message.hpp"

using namespace web_test;

namespace {

fleet::SignedCommand only_command(const ApiFixture& fixture) {
    REQUIRE(fixture.published.size() == 1);
    const auto message = fleet::parse_message(fixture.published.front());
    REQUIRE(message);
    return std::get<fleet::SignedCommand>(message->body);
}

std::string with_name(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE_FIXTURE(ApiFixture, "wishes: replace, pause and resume are commands that name what they mean") {
    records["lms-chen"] = make_record();
    for (const std::string what : {"replace", "pause", "resume"}) {
        published.clear();
        const auto response = post_to("/instances/lms-chen/" + what);
        REQUIRE(response.status == 202);
        const auto uid = std::string(body_of(response).at("uid").as_string());
        CHECK(header(response, "Location") == "/commands/" + uid);
        const auto command = only_command(*this);
        CHECK(command.command == what);
        CHECK(command.payload == R"({"name":"lms-chen","uid":"uid-of-lms-chen"})");
        CHECK(fleet::signature_holds("key of this test", command));
        CHECK(body_of(get("/commands/" + uid)).at("state") == "queued");
        // The same again, while the first waits, is the first.
        CHECK(header(post_to("/instances/lms-chen/" + what), "Location") == "/commands/" + uid);
    }
}

TEST_CASE_FIXTURE(ApiFixture, "wishes: names that are not known, retired, paused or unreadable") {
    unreadable["lms-bad"] = "its record cannot be read";
    records["lms-chen"] = make_record();
    for (const std::string what : {"replace", "pause", "resume"}) {
        CHECK(post_to("/instances/nobody/" + what).status == 404);
        CHECK(post_to("/instances/lms-bad/" + what).status == 409);
        CHECK(post_to("/instances/lms-chen/" + what + "?now=true").status == 400);
        CHECK(get("/instances/lms-chen/" + what).status == 405);
    }
    records["lms-chen"].intent = fleet::Intent::paused;
    CHECK(body_of(post_to("/instances/lms-chen/replace")).at("detail") ==
          "the name lms-chen is paused: resume it, and it gets another machine");
    records["lms-chen"].intent = fleet::Intent::retired;
    records["lms-chen"].retirement = fleet::Retirement{.at = now, .command = "u1"};
    for (const std::string what : {"replace", "pause", "resume"}) {
        CHECK(body_of(post_to("/instances/lms-chen/" + what)).at("detail") ==
              "the name lms-chen is being retired");
    }
    CHECK(put("/instances/lms-chen", spec_text).status == 409);
    CHECK(published.empty());
}

TEST_CASE_FIXTURE(ApiFixture, "wishes: another spec is checked as a registration is") {
    records["lms-chen"] = make_record();
    REQUIRE(put("/instances/lms-chen?replace=true", with_name(spec_text, "t3.small", "t3.large")).status ==
            202);
    const auto command = only_command(*this);
    CHECK(command.command == "update");
    const auto payload = boost::json::parse(command.payload);
    CHECK(payload.at("uid") == "uid-of-lms-chen");
    CHECK(payload.at("replace") == true);
    CHECK(payload.at("spec").at("instance_types").at(0) == "t3.large");

    CHECK(put("/instances/lms-chen", "{").status == 400);
    CHECK(put("/instances/lms-chen", with_name(spec_text, "ami-0abc", "image")).status == 422);
    CHECK(put("/instances/nobody", spec_text).status == 404);
    CHECK(call({"PUT", "/instances/lms-chen", {}, spec_text}).status == 415);
    const auto moved =
        put("/instances/lms-chen", with_name(spec_text, "lms-chen.example.com", "other.example.com"));
    CHECK(moved.status == 409);
    CHECK(body_of(moved).at("detail") ==
          "dns.private cannot be changed: it is lms-chen.example.com in zone as found; retire the name and "
          "register it anew");
    CHECK(put("/instances/lms-chen", with_name(spec_text, R"("lms-chen")", R"("lms-two")")).status == 409);
    CHECK(published.size() == 1);
}
