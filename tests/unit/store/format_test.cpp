#include "store/format.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "store/export.hpp"
#include "store/store.hpp"
#include "temporary_store.hpp"

namespace {

/// The records of a golden dump, as export_records() wrote them.
std::map<std::string, std::string> golden(const std::string& version) {
    std::ifstream lines(TEST_DATA "/store/" + version + "/records.jsonl");
    std::map<std::string, std::string> records;
    for (std::string line; std::getline(lines, line);) {
        const auto value = base::parse_json(line).value();
        records[std::string(value.at("name").as_string())] = base::json::serialize(value.at("value"));
    }
    return records;
}

}  // namespace

TEST_CASE("store: records of version 1 are read") {
    const auto records = golden("v1");
    REQUIRE(records.size() == 2);
    const auto small = store::decode_record(records.at("lms-a")).value();
    CHECK(small.uid == "00000000000000000000000000000001");
    CHECK(small.launches.empty());

    const auto record = store::decode_record(records.at("lms-chen")).value();
    CHECK(record.name() == "lms-chen");
    CHECK(record.revision == 17);
    CHECK(record.intent == fleet::Intent::running);
    CHECK(record.spec.dns.private_->name == "lms-chen.lms.example.com");
    CHECK(record.spec.readiness.http->path == "/health");
    CHECK(record.dns_private.published->change == "C0123456789ABCDEF");
    REQUIRE(record.launches.size() == 2);
    const auto& launch = record.launches[0];
    CHECK(launch.machine == "i-0aaaaaaaaaaaaaaa1");
    CHECK(launch.ec2_state == fleet::Ec2State::terminated);
    CHECK(launch.lost == at("2026-01-16T03:04:05.678Z"));
    REQUIRE(launch.attempts.size() == 1);
    CHECK(launch.attempts[0].request == "sir-aaaaaaa1");
    CHECK(launch.attempts[0].token.size() == 64);
    CHECK(record.retries.at("dns/private").not_before == at("2026-01-16T03:05:00Z"));
    CHECK(store::decode_record(store::encode_record(record)).value() == record);
}

TEST_CASE("store: a value that is no record says why") {
    const auto why = [](std::string_view text) { return store::decode_record(text).error().message; };
    CHECK(why("").starts_with("it is not JSON"));
    CHECK(why("[]") == "$: must be an object, not an array");
    CHECK(why("{}") == "its version 0 is not one that this program reads (1 to 1)");
    CHECK(why(R"({"version":2,"record":{}})") == "its version 2 is not one that this program reads (1 to 1)");
    CHECK(why(R"({"version":1,"record":3})") == "$: must be an object, not a number");
}

TEST_CASE("store: a store is exported while it is open, unreadable records as they are") {
    TemporaryStore store;
    store.write([](store::WriteTransaction& transaction) {
        transaction.put(make_record("lms-b"));
        transaction.put(make_record("lms-a"));
    });
    std::ostringstream lines;
    CHECK(store::export_records(store.path(), lines).value() == 2);
    CHECK(lines.str().starts_with(R"({"name":"lms-a","value":{"version":1,"record":{"uid":"uid-of-lms-a",)"));
    CHECK(lines.str().ends_with("}\n"));
    CHECK(store.read([](const store::ReadTransaction& transaction) { return transaction.name_count(); }) ==
          2);
    CHECK_FALSE(store::export_records(store.path() / "none", lines));
}
