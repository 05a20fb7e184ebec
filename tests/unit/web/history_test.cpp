#include "fake_backend.hpp"

using namespace web_test;

namespace {

struct WithHistory : ApiFixture {
    WithHistory() {
        for (int i = 0; i < 5; ++i) {
            const std::string which = std::to_string(i);
            journal.push_back({now, i % 2 == 0 ? "even" : "odd", "launched", which, i, "i-" + which});
        }
    }

    /// The texts of all pages.
    std::string follow(std::string target, const std::string& list = "history",
                       const std::string& member = "text") {
        std::string texts;
        for (int pages = 0; !target.empty() && pages < 10; ++pages) {
            const auto body = body_of(get(target));
            for (const auto& entry : body.at(list).as_array()) {
                texts += std::string(entry.at(member).as_string());
            }
            target = body.contains("next") ? std::string(body.at("next").as_string()) : "";
        }
        return texts;
    }
};

}  // namespace

TEST_CASE_FIXTURE(WithHistory, "history: a name's, newest first, in pages that miss nothing") {
    CHECK(follow("/instances/even/history") == "420");
    CHECK(follow("/instances/even/history?limit=1") == "420");
    CHECK(follow("/instances/even/history?limit=2") == "420");
    CHECK(body_of(get("/instances/odd/history?limit=1")).at("next") ==
          "/instances/odd/history?limit=1&before=4");
    CHECK(follow("/instances/even/history?before=3") == "0");
    CHECK(get("/instances/nobody/history").status == 404);
    CHECK(get("/instances/even/histories").status == 404);
}

TEST_CASE_FIXTURE(WithHistory, "messages: what happened to all names, or with one machine") {
    CHECK(follow("/messages") == "43210");
    CHECK(follow("/messages?limit=2") == "43210");
    CHECK(follow("/messages?machine=i-3&limit=1") == "3");
    CHECK(follow("/messages?machine=i-9").empty());
    CHECK(body_of(get("/messages")).at("history").at(0).at("number") == 5);
}

TEST_CASE_FIXTURE(WithHistory, "messages: those that could not be used, with the reason") {
    for (std::uint64_t number = 3; number > 0; --number) {
        rejected_messages.push_back({.at = now,
                                     .reason = "reason " + std::to_string(number) + ". ",
                                     .head = "{",
                                     .bytes = 1,
                                     .sha256 = "00",
                                     .number = number});
    }
    CHECK(follow("/messages?rejected=true", "rejected", "reason") == "reason 3. reason 2. reason 1. ");
    CHECK(follow("/messages?rejected=true&limit=1", "rejected", "reason") ==
          "reason 3. reason 2. reason 1. ");
}

TEST_CASE_FIXTURE(WithHistory, "messages: whether one was taken in is known by its id") {
    seen_messages["an id/with a slash"] = now;
    CHECK(get("/messages/another").status == 404);
    CHECK(get("/messages/an%20id%2Fwith%20a%20slash").status == 404);
    seen_messages["an id"] = now;
    const auto body = body_of(get("/messages/an%20id"));
    CHECK(body.at("id") == "an id");
    CHECK(body.at("seen") == "2026-01-15T00:00:00Z");
}

TEST_CASE_FIXTURE(WithHistory, "history: a parameter that cannot be is refused with its name") {
    for (const std::string target :
         {"/instances/even/history?limit=0", "/instances/even/history?limit=501", "/messages?limit=x",
          "/messages?before=0", "/messages?rejected=maybe", "/messages?sort=name"}) {
        const auto response = get(target);
        CHECK(response.status == 400);
        const auto name = target.substr(target.find('?') + 1);
        CHECK(std::string(body_of(response).at("detail").as_string())
                  .contains("`" + name.substr(0, name.find('=')) + "`"));
    }
    CHECK(body_of(get("/messages?before=-1")).at("detail") ==
          "`before` cannot be `-1`: it must be a number from 1");
}

TEST_CASE_FIXTURE(WithHistory, "history: a store that cannot be read is 503, and the log has its words") {
    failure = "the disk is gone";
    for (const std::string target :
         {"/instances/even/history", "/messages", "/messages?rejected=true", "/messages/id"}) {
        CHECK(get(target).status == 503);
    }
    CHECK(logged.size() == 4);
}
