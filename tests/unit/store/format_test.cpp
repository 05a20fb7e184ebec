#include "store/format.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <iterator>
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

TEST_CASE("store: what stands beside the records is read as version 1 wrote it") {
    std::ifstream file(TEST_DATA "/store/v1/values.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto values = base::parse_json(text).value();
    const auto golden_value = [&]<class T>(std::string_view name, T /*form*/) {
        return store::decode<T>(base::json::serialize(values.at(name))).value();
    };
    const auto noon = at("2026-01-15T12:00:00Z");

    const auto command = golden_value("command", store::Command{});
    CHECK(command.command == "register");
    CHECK(command.state == store::CommandState::refused);
    CHECK(command.reason == "the DNS name belongs to lms-choi");
    CHECK(command.at == noon);
    const auto tombstone = golden_value("tombstone", store::Tombstone{});
    CHECK(tombstone.uid == "00000000000000000000000000000002");
    CHECK(tombstone.at == noon);
    const auto unclaimed = golden_value("unclaimed", store::UnclaimedMessage{});
    CHECK(unclaimed.ids == std::vector<std::string>{"i-0aaaaaaaaaaaaaaa1", "sir-aaaaaaa1"});
    CHECK(unclaimed.message == "{\"id\":\"e\"}");
    const auto entry = golden_value("journal", fleet::JournalEntry{});
    CHECK(entry.generation == 2);
    CHECK(entry.machine == "i-0aaaaaaaaaaaaaaa1");
    const auto rejected = golden_value("rejected", store::RejectedMessage{});
    CHECK(rejected.bytes == 5000);
    CHECK(rejected.head == "{");
    const auto pool = golden_value("pool", fleet::PoolHealth{});
    CHECK(pool.pool.market == fleet::Market::spot);
    CHECK(pool.avoid_until == at("2026-01-15T12:10:00Z"));
}

TEST_CASE("store: a record of an older version goes through every upcaster from its own on") {
    // As if there were a version 3, which has both numbers in words.
    constexpr std::array<store::Upcaster, 2> chain{
        [](base::json::value record) {
            record.as_object()["second"] = "from " + std::to_string(record.at("first").as_int64());
            return record;
        },
        [](base::json::value record) {
            record.as_object()["third"] = std::string(record.at("second").as_string()) + " to three";
            return record;
        }};
    const auto first = store::upcast(base::json::object{{"first", 1}}, 1, chain);
    CHECK(first.at("third").as_string() == "from 1 to three");
    const auto second = store::upcast(base::json::object{{"second", "two"}}, 2, chain);
    CHECK(second.at("third").as_string() == "two to three");
    CHECK(store::upcast(base::json::object{}, 3, chain).as_object().empty());
}

TEST_CASE("store: a value that is no record says why") {
    const auto why = [](std::string_view text) { return store::decode_record(text).error().message; };
    CHECK(why("").starts_with("it is not JSON"));
    CHECK(why("[]") == "$: must be an object, not an array");
    CHECK(why("{}") == "its version 0 is not one that this program reads (1 to 1)");
    CHECK(why(R"({"version":2,"record":{}})") == "its version 2 is not one that this program reads (1 to 1)");
    CHECK(why(R"({"version":1,"record":3})") == "$: must be an object, not a number");
}

TEST_CASE("store: a store is exported, unreadable records as they are") {
    TemporaryStore store;
    store.write([](store::WriteTransaction& transaction) {
        transaction.put(make_record("lms-b"));
        transaction.put(make_record("lms-a"));
    });
    store.tamper("records", "lms-c", "\xff\"");
    store.close();
    std::ostringstream lines;
    CHECK(store::export_records(store.path(), lines).value() == 3);
    CHECK(lines.str().starts_with(R"({"name":"lms-a","value":{"version":1,"record":{"uid":"uid-of-lms-a",)"));
    CHECK(lines.str().ends_with("}\n{\"name\":\"lms-c\",\"value\":\"?\\\"\"}\n"));
    CHECK(store::export_records(store.path() / "none", lines).error().message ==
          "there is no store in " + (store.path() / "none").string() + ": No such file or directory");
}
