#include <boost/json/serialize.hpp>

#include "fake_backend.hpp"
#include "fleet/message.hpp"

using namespace web_test;

TEST_CASE_FIXTURE(ApiFixture,
                  "register: a good one is signed, queued and answered 202 with where to follow it") {
    const auto response = post(spec_text, "Application/JSON; charset=utf-8");
    REQUIRE(response.status == 202);
    const auto body = body_of(response);
    CHECK(body.at("name") == "lms-chen");
    CHECK(body.at("state") == "queued");
    const auto uid = std::string(body.at("uid").as_string());
    CHECK(header(response, "Location") == "/registrations/" + uid);

    REQUIRE(published.size() == 1);
    const auto message = fleet::parse_message(published[0]);
    REQUIRE(message);
    CHECK(message->kind == fleet::MessageKind::register_);
    CHECK(message->id == uid);
    const auto& command = std::get<fleet::SignedCommand>(message->body);
    CHECK(fleet::signature_holds("key of this test", command));
    CHECK(fleet::parse_spec(boost::json::parse(command.payload)) == make_spec());

    CHECK(body_of(get("/registrations/" + uid)).at("state") == "queued");
}

TEST_CASE_FIXTURE(ApiFixture, "register: what the manager decided can be read") {
    commands["u1"] = {"lms-chen", store::CommandState::accepted, "", now};
    commands["u2"] = {"lms-chen", store::CommandState::refused, "another spec", now};
    const auto accepted = body_of(get("/registrations/u1"));
    CHECK(accepted.at("state") == "accepted");
    CHECK(accepted.at("instance") == "/instances/lms-chen");
    const auto refused = body_of(get("/registrations/u2"));
    CHECK(refused.at("state") == "refused");
    CHECK(refused.at("reason") == "another spec");
    CHECK(get("/registrations/0123456789abcdef0123456789abcdef").status == 404);
}

TEST_CASE_FIXTURE(ApiFixture,
                  "register: the same again is the first one, while it is queued and when it lives") {
    const auto first = post(spec_text);
    auto again = boost::json::parse(spec_text);
    again.at("dns").at("private").as_object()["ttl"] = 30;  // the default, said out loud
    const auto second = post(boost::json::serialize(again));
    CHECK(second.status == 202);
    CHECK(header(second, "Location") == header(first, "Location"));
    CHECK(published.size() == 1);

    records["lms-chen"] = make_record();
    const auto third = post(spec_text);
    CHECK(third.status == 202);
    CHECK(header(third, "Location") == "/registrations/uid-of-lms-chen");
    CHECK(body_of(third).at("state") == "accepted");
    CHECK(published.size() == 1);
}

TEST_CASE_FIXTURE(ApiFixture,
                  "register: the same again is queued anew when the first was refused or is old") {
    const auto uid = std::string(body_of(post(spec_text)).at("uid").as_string());
    commands[uid] = {"lms-chen", store::CommandState::refused, "DNS name taken", now};
    CHECK(body_of(post(spec_text)).at("uid").as_string() != uid);
    CHECK(published.size() == 2);
    now += std::chrono::hours{1};
    post(spec_text);
    CHECK(published.size() == 3);
}

TEST_CASE_FIXTURE(ApiFixture, "register: another spec for a live name is 409") {
    records["lms-chen"] = make_record();
    auto other = boost::json::parse(spec_text);
    other.as_object()["image_id"] = "ami-0def";
    const auto response = post(boost::json::serialize(other));
    CHECK(response.status == 409);
    CHECK(published.empty());
}

TEST_CASE_FIXTURE(ApiFixture, "register: a DNS name that another has is 409") {
    dns_owners["private/lms-chen.example.com"] = "lms-wang";
    const auto response = post(spec_text);
    CHECK(response.status == 409);
    CHECK(body_of(response).at("detail") == "the DNS name lms-chen.example.com belongs to lms-wang");
    CHECK(published.empty());
}

TEST_CASE_FIXTURE(ApiFixture, "register: all faults of a spec are told at once, with their paths") {
    const auto response = post(R"({"name": "Not A Name", "image_id": 7, "colour": "red"})");
    CHECK(response.status == 422);
    CHECK(header(response, "Content-Type") == "application/problem+json");
    const auto body = body_of(response);
    CHECK(body.at("status") == 422);
    CHECK(body.at("title") == "Unprocessable Entity");
    CHECK(body.at("errors").as_array().size() >= 2);
    for (const auto& error : body.at("errors").as_array()) {
        CHECK(error.at("path").as_string().starts_with("$"));
        CHECK_FALSE(error.at("message").as_string().empty());
    }
}

TEST_CASE_FIXTURE(ApiFixture, "register: what is no JSON, or not said to be, is refused") {
    CHECK(post("{").status == 400);
    CHECK(post("").status == 400);
    CHECK(post("\xff\xfe").status == 400);
    CHECK(post("[]").status == 422);
    CHECK(post("null").status == 422);
    CHECK(post(spec_text, "text/plain").status == 415);
    CHECK(call({"POST", "/instances", {}, spec_text}).status == 415);
    CHECK(published.empty());
}

TEST_CASE_FIXTURE(ApiFixture, "register: a queue that fails is 503, and nothing is remembered as queued") {
    queue_fault = "AccessDenied";
    const auto response = post(spec_text);
    CHECK(response.status == 503);
    CHECK(header(response, "Retry-After") == "5");
    CHECK(response.body.find("AccessDenied") == std::string::npos);
    CHECK(logged.at(0).find("AccessDenied") != std::string::npos);
    queue_fault.clear();
    CHECK(post(spec_text).status == 202);
    CHECK(published.size() == 1);
}
