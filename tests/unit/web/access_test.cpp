#include "fake_backend.hpp"

using namespace web_test;

namespace {

struct WithTokens : ApiFixture {
    WithTokens() {
        options.tokens = web::Tokens::parse("read reader-0123456789\nwrite writer-0123456789\n").value();
    }
    http::Response get_as(std::string target, std::string authorization) {
        return call({"GET", std::move(target), {{"Authorization", std::move(authorization)}}, ""});
    }
};

}  // namespace

TEST_CASE_FIXTURE(WithTokens, "access: without a token 401 that says how to authenticate") {
    for (const std::string target : {"/", "/instances", "/instances/x", "/registrations/x", "/metrics"}) {
        const auto response = get(target);
        CHECK_MESSAGE(response.status == 401, target);
        CHECK(header(response, "WWW-Authenticate") == R"(Bearer realm="spot-manager")");
        CHECK(header(response, "Content-Type") == "application/problem+json");
    }
    CHECK(post(spec_text).status == 401);
    CHECK(published.empty());
}

TEST_CASE_FIXTURE(WithTokens, "access: an unknown token is told as such") {
    const auto response = get_as("/instances", "Bearer someone-else-0123456789");
    CHECK(response.status == 401);
    CHECK(header(response, "WWW-Authenticate").find("invalid_token") != std::string::npos);
    CHECK(get_as("/instances", "Basic cmVhZGVyOg==").status == 401);
}

TEST_CASE_FIXTURE(WithTokens, "access: each role may do its part") {
    CHECK(get_as("/instances", "Bearer reader-0123456789").status == 200);
    CHECK(get_as("/instances", "bearer  writer-0123456789").status == 200);
    CHECK(get_as("/metrics", "Bearer reader-0123456789").status == 200);
    const auto post_as = [&](const std::string& token) {
        return call({"POST",
                     "/instances",
                     {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}},
                     spec_text});
    };
    const auto refused = post_as("reader-0123456789");
    CHECK(refused.status == 403);
    CHECK(header(refused, "WWW-Authenticate").find("insufficient_scope") != std::string::npos);
    CHECK(post_as("writer-0123456789").status == 202);
}

TEST_CASE_FIXTURE(WithTokens, "access: looking sends no command, whoever looks") {
    for (const std::string target :
         {"/", "/instances", "/instances/lms-chen", "/registrations/1", "/healthz", "/readyz", "/metrics"}) {
        get_as(target, "Bearer writer-0123456789");
        get_as(target + "?method=POST&name=lms-chen", "Bearer writer-0123456789");
    }
    CHECK(published.empty());
}

TEST_CASE_FIXTURE(WithTokens, "access: probes are open but keep their reasons; /metrics can be opened") {
    readiness[0].problem = "the queue https://sqs.example/123/queue does not exist";
    options.metrics_open = true;
    CHECK(get("/healthz").status == 200);
    CHECK(get("/metrics").status == 200);
    CHECK(get("/readyz").status == 503);
    CHECK(get("/readyz").body.find("123") == std::string::npos);
    CHECK(get_as("/readyz", "Bearer reader-0123456789").body.find("does not exist") != std::string::npos);
}

TEST_CASE_FIXTURE(ApiFixture, "routes: an unknown path is 404, a wrong method 405 with what is allowed") {
    for (const std::string target : {"/nothing", "/instances/", "/instances/a/b", "/instances/a%2Fb",
                                     "/instances/%zz", "//", "/instances/a/", "*"}) {
        CHECK_MESSAGE(get(target).status == 404, target);
    }
    const auto response = call({"DELETE", "/instances", {}, ""});
    CHECK(response.status == 405);
    CHECK(header(response, "Allow") == "GET, HEAD, POST");
    CHECK(body_of(response).at("title") == "Method Not Allowed");
    CHECK(header(call({"POST", "/instances/x", {}, ""}), "Allow") == "GET, HEAD, PUT, DELETE");
}

TEST_CASE_FIXTURE(ApiFixture, "routes: a faulty query is told") {
    CHECK(get("/instances?limit=%zz").status == 400);
    CHECK(get("/instances?limit=1&limit=2").status == 400);
}

TEST_CASE_FIXTURE(ApiFixture, "access: without tokens a name that is not of loopback is not answered to") {
    const auto status = [&](const std::string& host) {
        return call({"GET", "/instances", {{"Host", host}}, ""}).status;
    };
    for (const auto* host : {"127.0.0.1:8470", "127.8.9.1", "localhost", "LOCALHOST:80", "api.localhost:1",
                             "[::1]:8470", "[::1]"}) {
        CHECK_MESSAGE(status(host) == 200, host);
    }
    for (const auto* host :
         {"evil.example", "evil.example:8470", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1",
          "[::2]", ".localhost", "", "notlocalhost"}) {
        CHECK_MESSAGE(status(host) == 421, host);
    }
}

TEST_CASE_FIXTURE(WithTokens, "access: with tokens every name is answered to") {
    CHECK(call({"GET", "/healthz", {{"Host", "spot-manager.example.com"}}, ""}).status == 200);
}
