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

TEST_CASE("store: a member shows the others of its group what put() saw last, and no more when it has left") {
    TemporaryStore store;
    const auto members = [&](const std::string& group) {
        return store.read([group](const ReadTransaction& transaction) { return transaction.members(group); });
    };
    auto record = make_record("kafka-1");
    record.spec.group = "kafka";
    record.launches[0].attempts[0].pool = {"t3.small", "subnet-1"};
    record = put(store, record);
    auto other = make_record("kafka-2");
    other.spec.group = "kafka";
    other.spec.max_unavailable = 2;
    put(store, other);
    auto stranger = make_record("kafka-3");
    stranger.spec.group = "kafka2";
    put(store, stranger);
    store.reopen();
    const auto both = members("kafka");
    REQUIRE(both.size() == 2);
    CHECK(both[0] == fleet::as_neighbour(record));
    CHECK(both[0].pools == std::vector{fleet::Pool{"t3.small", "subnet-1"}});
    CHECK(both[1].name == "kafka-2");
    CHECK(both[1].max_unavailable == 2);
    CHECK(members("kafk").empty());

    record.launches[0].attempts[0].pool.subnet_id = "subnet-2";
    record = put(store, record);
    CHECK(members("kafka").at(0).pools.at(0).subnet_id == "subnet-2");
    record.spec.group = "kafka2";
    record = put(store, record);
    CHECK(members("kafka").size() == 1);
    CHECK(members("kafka2").size() == 2);
    record.spec.group.reset();
    put(store, record);
    CHECK(members("kafka2").size() == 1);
    store.write(
        [](WriteTransaction& transaction) { transaction.erase("kafka-2", at("2026-02-01T00:00:00Z")); });
    CHECK(members("kafka").empty());
}

TEST_CASE("store: names with a replacement under way that could have waited are counted") {
    TemporaryStore store;
    const auto count = [&] {
        return store.read(
            [](const ReadTransaction& transaction) { return transaction.voluntary_replacements(); });
    };
    auto record = make_record("lms-chen");
    record.launches[0].reason = fleet::Reason::asked;
    record = put(store, record);
    put(store, make_record("lms-two"));
    CHECK(count() == 1);
    store.reopen();
    CHECK(count() == 1);
    record.launches[0].ready = at("2026-01-15T12:01:00Z");
    record = put(store, record);
    CHECK(count() == 0);
    record.launches[0].ready.reset();
    put(store, record);
    CHECK(count() == 1);
    store.write(
        [](WriteTransaction& transaction) { transaction.erase("lms-chen", at("2026-02-01T00:00:00Z")); });
    CHECK(count() == 0);
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
