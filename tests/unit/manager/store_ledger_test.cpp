#include "manager/store_ledger.hpp"

#include "world.hpp"

namespace {

struct Ledger {
    TemporaryStore store;

    template <class Work>
    auto write(Work work) {
        return store.write([work](store::WriteTransaction& transaction) {
            manager::StoreLedger ledger(transaction);
            return work(ledger);
        });
    }
};

}  // namespace

TEST_CASE("store ledger: a saved record has the revision that the store gave it") {
    Ledger ledger;
    const auto put = [](manager::StoreLedger& opened) {
        auto record = opened.find("lms-1").value().value_or(make_record("lms-1"));
        opened.put(record);
        return record.revision;
    };
    CHECK(ledger.write(put) == 1);
    ledger.store.reopen();
    CHECK(ledger.write(put) == 2);
}

TEST_CASE("store ledger: gives back what was put, by name and by every id") {
    Ledger ledger;
    const auto now = at("2026-01-15T12:00:00Z");
    ledger.write([now](manager::StoreLedger& opened) {
        auto record = make_record("lms-1");
        opened.put(record);
        opened.put_command("uid-1", {.name = "lms-1", .accepted = true, .at = now});
        opened.put_command("uid-2", {.name = "lms-2", .reason = "no such image", .at = now});
        opened.put_pool({.pool = {.instance_type = "t3.small"}, .failures = 2});
        return opened.keep_unclaimed({.ids = {"i-1", "sir-1"}, .message = "text", .at = now}).size();
    });
    ledger.write([now](manager::StoreLedger& opened) {
        CHECK(opened.find("lms-1").value()->uid == "uid-of-lms-1");
        CHECK_FALSE(opened.find("lms-2").value());
        CHECK(opened.name_of_request("sir-lms-1") == "lms-1");
        CHECK_FALSE(opened.name_of_machine("i-1"));
        CHECK(opened.name_of_dns("private/lms-1.lms.example.com") == "lms-1");
        CHECK(opened.command("uid-1")->accepted);
        CHECK(opened.command("uid-2")->reason == "no such image");
        CHECK_FALSE(opened.command("uid-2")->accepted);
        CHECK_FALSE(opened.command("uid-3"));
        CHECK(opened.pools().at(0).failures == 2);
        CHECK(opened.mark_seen("event/1", now));
        CHECK_FALSE(opened.mark_seen("event/1", now));
        CHECK(opened.expire_unclaimed(now).empty());
        const auto unclaimed = opened.take_unclaimed("sir-1");
        REQUIRE(unclaimed.size() == 1);
        CHECK(unclaimed[0].message == "text");
        CHECK(opened.take_unclaimed("i-1").empty());
        return true;
    });
}
