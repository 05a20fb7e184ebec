#include "../http/loopback.hpp"
#include "fake_backend.hpp"

using namespace web_test;

namespace {

struct Served : FakeBackend, Loopback {
    web::Api api{backend(), {}};
    std::unique_ptr<http::Server> server = web::make_server(io.get_executor(), {}, &api);
    http::Origin to = origin(*server);
    http::Client client{io.get_executor(), {}};

    http::Response send(http::Request request) {
        auto response = run(client.send(to, std::move(request), {}));
        REQUIRE_MESSAGE(response, response.error().message);
        return *std::move(response);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Served, "web server: HEAD works where GET does, without a body") {
    const auto response = send({"HEAD", "/instances", {}, ""});
    CHECK(response.status == 200);
    CHECK(response.body.empty());
    CHECK(send({"HEAD", "/nothing", {}, ""}).status == 404);
    CHECK(send({"GET", "/instances", {}, ""}).body == "{\"instances\":[]}\n");
}

TEST_CASE_FIXTURE(Served, "web server: its own refusals are problem documents too") {
    const auto response = send({"POST", "/instances", {}, std::string(300'000, 'x')});
    CHECK(response.status == 413);
    CHECK(header(response, "Content-Type") == "application/problem+json");
    CHECK(ApiFixture::body_of(response).at("status") == 413);
}

TEST_CASE_FIXTURE(Served, "web server: a registration goes in by HTTP") {
    const auto response = send({"POST", "/instances", {{"Content-Type", "application/json"}}, spec_text});
    CHECK(response.status == 202);
    CHECK(published.size() == 1);
    CHECK(send({"GET", header(response, "Location"), {}, ""}).status == 200);
}
