#include "fake_backend.hpp"
#include "fleet/message.hpp"

using namespace web_test;

TEST_CASE_FIXTURE(ApiFixture, "retire: the command names the managed instance that is meant") {
    records["lms-chen"] = make_record();
    const auto response = remove("/instances/lms-chen?keep_machine=true");
    REQUIRE(response.status == 202);
    const auto body = body_of(response);
    CHECK(body.at("name") == "lms-chen");
    CHECK(body.at("state") == "queued");
    const auto uid = std::string(body.at("uid").as_string());
    CHECK(header(response, "Location") == "/commands/" + uid);

    REQUIRE(published.size() == 1);
    const auto message = fleet::parse_message(published[0]);
    REQUIRE(message);
    CHECK(message->kind == fleet::MessageKind::retire);
    const auto& command = std::get<fleet::SignedCommand>(message->body);
    CHECK(fleet::signature_holds("key of this test", command));
    CHECK(command.payload ==
          R"({"name":"lms-chen","uid":"uid-of-lms-chen","keep_machine":true,"remove_images":false})");

    const auto followed = body_of(get("/commands/" + uid));
    CHECK(followed.at("state") == "queued");
    CHECK(followed.at("command") == "retire");
    CHECK(get("/registrations/" + uid).status == 404);
}

TEST_CASE_FIXTURE(ApiFixture, "retire: what the manager decided can be read") {
    commands["u1"] = {"lms-chen", store::CommandState::accepted, "", now, "retire"};
    commands["u2"] = {"lms-chen", store::CommandState::refused, "it is being retired already", now, "retire"};
    commands["u3"] = {"lms-chen", store::CommandState::accepted, "", now};
    const auto accepted = body_of(get("/commands/u1"));
    CHECK(accepted.at("state") == "accepted");
    CHECK_FALSE(accepted.contains("instance"));
    CHECK(body_of(get("/commands/u2")).at("reason") == "it is being retired already");
    CHECK(get("/registrations/u1").status == 404);
    CHECK(body_of(get("/commands/u3")).at("command") == "register");
    CHECK(get("/commands/nobody").status == 404);
}

TEST_CASE_FIXTURE(ApiFixture, "retire: a name that is not known is 404, and a wrong parameter 400") {
    CHECK(remove("/instances/nobody").status == 404);
    records["lms-chen"] = make_record();
    CHECK(remove("/instances/lms-chen?keep_machine=maybe").status == 400);
    CHECK(remove("/instances/lms-chen?keep=true").status == 400);
    CHECK(published.empty());
}

TEST_CASE_FIXTURE(ApiFixture, "retire: the same again is the first one; the other is 409 once it goes on") {
    records["lms-chen"] = make_record();
    const auto first = remove("/instances/lms-chen");
    CHECK(header(remove("/instances/lms-chen?keep_machine=false"), "Location") == header(first, "Location"));
    CHECK(published.size() == 1);

    records["lms-chen"].retirement = fleet::Retirement{.at = now, .command = "u1"};
    const auto again = remove("/instances/lms-chen");
    CHECK(again.status == 202);
    CHECK(header(again, "Location") == "/commands/u1");
    CHECK(remove("/instances/lms-chen?keep_machine=true").status == 409);
    CHECK(post(spec_text).status == 409);
    CHECK(published.size() == 1);
}

TEST_CASE_FIXTURE(ApiFixture, "retire: needs a token that may write") {
    records["lms-chen"] = make_record();
    options.tokens = web::Tokens::parse("read a-token-that-may-only-read-01\n").value();
    CHECK(call({"DELETE",
                "/instances/lms-chen",
                {{"Authorization", "Bearer a-token-that-may-only-read-01"}},
                ""})
              .status == 403);
    CHECK(published.empty());
}
