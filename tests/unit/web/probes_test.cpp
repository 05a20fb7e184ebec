#include <fstream>
#include <iterator>

#include "fake_backend.hpp"

using namespace web_test;

TEST_CASE_FIXTURE(ApiFixture, "probes: health and readiness follow their checks") {
    CHECK(get("/healthz").status == 200);
    CHECK(get("/readyz").body == "{\"status\":\"ok\",\"checks\":{\"queue\":\"ok\",\"store\":\"ok\"}}\n");
    health[0].problem = "intake has not moved for 2m";
    CHECK(get("/healthz").status == 503);
    CHECK(get("/healthz").body.find("has not moved") != std::string::npos);
    CHECK(get("/readyz").status == 200);
}

TEST_CASE_FIXTURE(ApiFixture, "probes: the scrape is Prometheus's text") {
    const auto response = get("/metrics");
    CHECK(header(response, "Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(response.body == "spot_manager_up 1\n");
}

TEST_CASE_FIXTURE(ApiFixture, "index: says where everything is") {
    const auto index = body_of(get("/"));
    for (const auto& [name, link] : index.at("links").as_object()) {
        CHECK_MESSAGE(get(std::string(link.as_string())).status == 200, std::string(name));
    }
}

TEST_CASE_FIXTURE(ApiFixture, "description: the file of proto/ is served") {
    std::ifstream file(TEST_DATA "/../../proto/openapi.yaml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto response = get("/openapi.yaml");
    CHECK(response.status == 200);
    CHECK(header(response, "Content-Type") == "application/yaml");
    CHECK(response.body == text);
}
