#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "store/store.hpp"
#include "temporary_store.hpp"

using store::ReadTransaction;
using store::WriteTransaction;
using Names = std::vector<std::string>;

namespace {

fleet::Record put(TemporaryStore& store, fleet::Record record) {
    return store.write([record](WriteTransaction& transaction) { return transaction.put(record); });
}

std::optional<fleet::Record> find(TemporaryStore& store, const std::string& name) {
    return store.read([name](const ReadTransaction& transaction) { return transaction.find(name).value(); });
}

std::string why_not(TemporaryStore& store, fleet::Record record) {
    const auto result =
        wait_for(store->write([record](WriteTransaction& transaction) { return transaction.put(record); }));
    return result ? "" : result.error().message;
}

}  // namespace

TEST_CASE("store: a record is there after a restart, with everything it held") {
    TemporaryStore store;
    const auto saved = put(store, make_record("lms-chen"));
    CHECK(saved.revision == 1);
    const auto id = store->id();
    const auto key = store->key();
    store.reopen();
    CHECK(find(store, "lms-chen") == saved);
    CHECK_FALSE(find(store, "lms-choi"));
    CHECK_FALSE(find(store, ""));
    CHECK_FALSE(find(store, std::string(1000, 'a')));
    CHECK(store->id() == id);
    CHECK(id.size() == 32);
    CHECK(store->key() == key);
    CHECK(key.size() == 32);
    CHECK(store->quarantined().empty());
}

TEST_CASE("store: any bytes in a record's strings are kept") {
    TemporaryStore store;
    auto record = make_record("lms-chen");
    record.launches[0].why = std::string("\xff\xfe zero \0 end", 13);
    put(store, record);
    CHECK(find(store, "lms-chen")->launches[0].why == record.launches[0].why);
}

TEST_CASE("store: only the latest revision of a record is changed") {
    TemporaryStore store;
    const auto first = put(store, make_record("lms-chen"));
    const auto second = put(store, first);
    CHECK(second.revision == 2);
    CHECK(why_not(store, first) ==
          "the record of lms-chen is at revision 2, and revision 1 was to be changed");
    CHECK(why_not(store, make_record("lms-chen")) ==
          "the record of lms-chen is at revision 2, and revision 0 was to be changed");
}

TEST_CASE("store: the indexes follow what a record owns") {
    TemporaryStore store;
    auto record = make_record("lms-chen");
    record.launches[0].machine = "i-1";
    record = put(store, record);
    store.read([](const ReadTransaction& transaction) {
        CHECK(transaction.name_of_request("sir-lms-chen") == "lms-chen");
        CHECK(transaction.name_of_machine("i-1") == "lms-chen");
        CHECK(transaction.name_of_dns("private/lms-chen.lms.example.com") == "lms-chen");
        CHECK_FALSE(transaction.name_of_dns("public/lms-chen.lms.example.com"));
        CHECK_FALSE(transaction.name_of_machine(""));
        CHECK_FALSE(transaction.name_of_machine("sir-lms-chen"));
        return true;
    });

    record.launches[0].machine = "i-2";
    record.launches[0].attempts.clear();
    record.dns_private.zone_id = "Z1";
    put(store, record);
    store.reopen();
    store.read([](const ReadTransaction& transaction) {
        CHECK_FALSE(transaction.name_of_request("sir-lms-chen"));
        CHECK_FALSE(transaction.name_of_machine("i-1"));
        CHECK(transaction.name_of_machine("i-2") == "lms-chen");
        CHECK(transaction.name_of_dns("private/lms-chen.lms.example.com") == "lms-chen");
        CHECK(transaction.name_of_dns("Z1/lms-chen.lms.example.com") == "lms-chen");
        return true;
    });
}

TEST_CASE("store: what belongs to one record cannot be put into another") {
    TemporaryStore store;
    put(store, make_record("lms-chen"));
    auto thief = make_record("lms-choi");
    thief.spec.dns.private_->name = "lms-chen.lms.example.com";
    CHECK(why_not(store, thief) == "private/lms-chen.lms.example.com belongs to lms-chen, not to lms-choi");
    CHECK_FALSE(find(store, "lms-choi"));
    store.read([](const ReadTransaction& transaction) {
        CHECK_FALSE(transaction.name_of_request("sir-lms-choi"));
        return true;
    });
}

TEST_CASE("store: an erased record leaves a tombstone and frees what it owned") {
    TemporaryStore store;
    put(store, make_record("lms-chen"));
    const auto erased = at("2026-02-01T00:00:00Z");
    store.write([=](WriteTransaction& transaction) {
        transaction.erase("lms-chen", erased);
        transaction.erase("lms-unknown", erased);
    });
    CHECK_FALSE(find(store, "lms-chen"));
    store.read([&](const ReadTransaction& transaction) {
        CHECK_FALSE(transaction.name_of_request("sir-lms-chen"));
        const auto tombstone = transaction.tombstone("uid-of-lms-chen");
        REQUIRE(tombstone);
        CHECK(tombstone->name == "lms-chen");
        CHECK(tombstone->at == erased);
        CHECK_FALSE(transaction.tombstone("uid-of-lms-unknown"));
        return true;
    });
    CHECK(put(store, make_record("lms-chen")).revision == 1);
}

TEST_CASE("store: names come in order and in pages") {
    TemporaryStore store;
    for (const auto* name : {"c", "a", "b", "bb"}) {
        put(store, make_record(name));
    }
    store.read([](const ReadTransaction& transaction) {
        CHECK(transaction.names("", 2) == Names{"a", "b"});
        CHECK(transaction.names("b", 10) == Names{"bb", "c"});
        CHECK(transaction.names("ba", 1) == Names{"bb"});
        CHECK(transaction.names("c", 10).empty());
        CHECK(transaction.names("", 0).empty());
        CHECK(transaction.name_count() == 4);
        return true;
    });
}

TEST_CASE("store: pool health is kept by pool, counters by name") {
    TemporaryStore store;
    const fleet::PoolHealth health{.pool = {.instance_type = "t3.small", .subnet_id = "subnet-1"},
                                   .failures = 3,
                                   .avoid_until = at("2026-01-15T12:00:00Z")};
    store.write([&](WriteTransaction& transaction) {
        transaction.put_pool({.pool = health.pool, .avoid_until = {}});
        transaction.put_pool(health);
        transaction.count("losses");
        transaction.count("losses", 4);
    });
    store.reopen();
    store.read([&](const ReadTransaction& transaction) {
        CHECK(transaction.pools() == std::vector{health});
        CHECK(transaction.counter("losses") == 5);
        CHECK(transaction.counter("gains") == 0);
        return true;
    });
    store.write([&](WriteTransaction& transaction) { transaction.erase_pool(health.pool); });
    CHECK(store.read([](const ReadTransaction& transaction) { return transaction.pools(); }).empty());
}
