#include "fake_backend.hpp"

using namespace web_test;

TEST_CASE_FIXTURE(ApiFixture, "instances: the list tells of each name") {
    auto record = make_record();
    auto& launch = record.launches.back();
    launch.machine = "i-1";
    launch.addresses.private_ = "10.0.0.7";
    launch.notice = {"terminate", now, now + std::chrono::minutes{2}};
    record.dns_private.published = fleet::DnsWrite{1, "10.0.0.7", 30, now, now, "/change/C1", now};
    records["lms-chen"] = record;

    const auto response = get("/instances");
    CHECK(response.status == 200);
    const auto body = body_of(response);
    const auto& item = body.at("instances").at(0);
    CHECK(item.at("name") == "lms-chen");
    CHECK_FALSE(item.at("state").as_string().empty());
    CHECK_FALSE(item.at("reason").as_string().empty());
    CHECK(item.at("machine") == "i-1");
    CHECK(item.at("addresses").at("private") == "10.0.0.7");
    CHECK(item.at("dns").at("private").at("name") == "lms-chen.example.com");
    CHECK(item.at("dns").at("private").at("address") == "10.0.0.7");
    CHECK(item.at("notice").at("terminate_by") == "2026-01-15T00:02:00Z");
    CHECK_FALSE(body_of(response).contains("next"));
}

TEST_CASE_FIXTURE(ApiFixture, "instances: pages lead to each other and miss nobody") {
    for (const std::string name : {"a", "b", "c", "d", "e"}) {
        records[name] = make_record(name);
    }
    std::string names;
    std::string target = "/instances?limit=2";
    for (int pages = 0; !target.empty() && pages < 10; ++pages) {
        const auto body = body_of(get(target));
        for (const auto& item : body.at("instances").as_array()) {
            names += std::string(item.at("name").as_string());
        }
        target = body.contains("next") ? std::string(body.at("next").as_string()) : "";
    }
    CHECK(names == "abcde");
}

TEST_CASE_FIXTURE(ApiFixture, "instances: a state filters, through pages too") {
    for (const std::string name : {"a", "b", "c", "d", "e"}) {
        records[name] = make_record(name);
    }
    records["b"].launches.clear();
    records["e"].launches.clear();
    const auto first = body_of(get("/instances?state=down&limit=1"));
    CHECK(first.at("instances").as_array().size() == 1);
    CHECK(first.at("instances").at(0).at("name") == "b");
    const auto second = body_of(get(std::string(first.at("next").as_string())));
    CHECK(second.at("instances").at(0).at("name") == "e");
}

TEST_CASE_FIXTURE(ApiFixture, "instances: a parameter that cannot be is refused with its name") {
    for (const std::string query : {"limit=0", "limit=501", "limit=x", "state=fine", "sort=name"}) {
        const auto response = get("/instances?" + query);
        CHECK_MESSAGE(response.status == 400, query);
        CHECK(body_of(response).at("detail").as_string().find(query.substr(0, query.find('='))) !=
              std::string::npos);
    }
}

TEST_CASE_FIXTURE(ApiFixture, "instances: one in full, without user data and tokens") {
    auto record = make_record();
    record.launches.back().attempts.at(0).token = "the-client-token";
    records["lms-chen"] = record;
    journal.push_back({now, "lms-chen", "launch_started", "the first launch", 1, std::nullopt});

    const auto response = get("/instances/lms-chen");
    CHECK(response.status == 200);
    const auto body = body_of(response);
    CHECK(body.at("uid") == "uid-of-lms-chen");
    CHECK(body.at("spec").at("image_id") == "ami-0abc");
    CHECK(body.at("spec").at("user_data").at("bytes") == record.spec.user_data->size());
    CHECK(body.at("launches").at(0).at("attempts").at(0).at("pool").at("instance_type") == "t3.small");
    CHECK(body.at("history").at(0).at("text") == "the first launch");
    CHECK(body.at("counters").at("launches") == 1);
    CHECK(response.body.find("a-secret") == std::string::npos);
    CHECK(response.body.find("the-client-token") == std::string::npos);
}

TEST_CASE_FIXTURE(ApiFixture,
                  "instances: an unknown name is 404, a store that fails 503 and a line in the log") {
    CHECK(get("/instances/nobody").status == 404);
    failure = "the disk is full";
    for (const std::string target : {"/instances", "/instances/nobody", "/registrations/x"}) {
        const auto response = get(target);
        CHECK_MESSAGE(response.status == 503, target);
        CHECK(response.body.find("disk") == std::string::npos);
    }
    REQUIRE(logged.size() == 3);
    CHECK(logged[0].find("the disk is full") != std::string::npos);
}

TEST_CASE_FIXTURE(ApiFixture,
                  "instances: a name whose record cannot be read is told as such, and not registered anew") {
    unreadable["lms-chen"] = "the record of lms-chen cannot be read: it is not JSON";
    const auto body = body_of(get("/instances/lms-chen"));
    CHECK(body.at("state") == "unreadable");
    CHECK(std::string(body.at("reason").as_string()) == unreadable["lms-chen"]);
    const auto refused = post(spec_text);
    CHECK(refused.status == 409);
    CHECK(std::string(body_of(refused).at("detail").as_string()).contains("cannot be read"));
    CHECK(published.empty());
}
