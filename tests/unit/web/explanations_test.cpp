#include "fake_backend.hpp"

using namespace web_test;

namespace {

/// A name that was served by machine i-1.
fleet::Record served(const std::string& name, base::Time since) {
    auto record = make_record(name);
    auto& launch = record.launches.back();
    launch.machine = "i-1";
    launch.ready = since;
    launch.published = since;
    record.dns_private.published = fleet::DnsWrite{1, "10.0.0.7", 30, since, since, "/change/C1", since};
    return record;
}

}  // namespace

TEST_CASE_FIXTURE(ApiFixture, "explain: in JSON, and in lines for who asks for them") {
    records["lms-chen"] = served("lms-chen", now);
    const auto response = get("/instances/lms-chen/explain");
    CHECK(response.status == 200);
    CHECK(header(response, "Vary") == "Accept");
    const auto body = body_of(response);
    CHECK(body.at("name") == "lms-chen");
    CHECK(body.at("state") == "serving");
    CHECK(body.at("account").at(0).as_string().starts_with("lms-chen is serving: "));
    const auto& move = body.at("moves").at(0);
    CHECK(move.at("phase") == "done");
    CHECK(move.at("to").at("machine") == "i-1");
    CHECK(move.at("moments").as_array().back().at("what") == "published");

    const auto lines = call({"GET", "/instances/lms-chen/explain", {{"Accept", "text/plain"}}, ""});
    CHECK(header(lines, "Content-Type") == "text/plain; charset=utf-8");
    CHECK(lines.body.starts_with("lms-chen is serving: "));
    CHECK(lines.body.ends_with("\n"));
}

TEST_CASE_FIXTURE(ApiFixture, "explain: an unknown name is 404, a failing store 503") {
    CHECK(get("/instances/nobody/explain").status == 404);
    failure = "the disk is gone";
    CHECK(get("/instances/nobody/explain").status == 503);
}
