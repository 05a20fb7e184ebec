#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "store/store.hpp"
#include "temporary_store.hpp"

using namespace std::chrono_literals;
using store::ReadTransaction;
using store::WriteTransaction;
using Texts = std::vector<std::string>;

namespace {

const auto noon = at("2026-01-15T12:00:00Z");

Texts texts(const std::vector<store::NumberedEntry>& entries) {
    Texts texts;
    for (const auto& [number, entry] : entries) {
        texts.push_back(entry.text);
    }
    return texts;
}

Texts texts(const std::vector<store::UnclaimedMessage>& messages) {
    Texts texts;
    for (const auto& message : messages) {
        texts.push_back(message.message);
    }
    return texts;
}

fleet::JournalEntry entry(std::string name, std::string text, base::Time time = noon) {
    return {.at = time,
            .name = std::move(name),
            .event = "test",
            .text = std::move(text),
            .generation = {},
            .machine = {}};
}

}  // namespace

TEST_CASE("store: an id is new once in fifteen days") {
    TemporaryStore store;
    const auto mark = [&](const std::string& id, base::Time time) {
        return store.write([=](WriteTransaction& transaction) { return transaction.mark_seen(id, time); });
    };
    const std::string long_id(5000, 'x');
    for (const auto& id : {std::string("event"), long_id, std::string(), std::string("a\0b", 3)}) {
        CHECK(mark(id, noon));
        CHECK_FALSE(mark(id, noon));
    }
    store.reopen();
    CHECK(store.read([](const ReadTransaction& transaction) { return transaction.seen_at("event"); }) ==
          noon);
    CHECK_FALSE(store.read([](const ReadTransaction& transaction) { return transaction.seen_at("other"); }));
    CHECK_FALSE(mark("event", noon + 15 * 24h));
    CHECK(mark("event", noon + 15 * 24h + 1ms));
    CHECK_FALSE(mark("event", noon + 15 * 24h + 2ms));
}

TEST_CASE("store: old ids and registrations leave as new ones come") {
    TemporaryStore store({.memory = 1h});
    store.write([](WriteTransaction& transaction) {
        for (int i = 0; i < 40; ++i) {
            transaction.mark_seen(std::to_string(i), noon);
        }
        transaction.put_command("first", {.name = "a", .at = noon});
        transaction.put_command("again", {.name = "a", .at = noon});
        transaction.put_command("again", {.name = "a", .reason = "why", .at = noon + 2h});
    });
    store.write([](WriteTransaction& transaction) {
        for (int i = 0; i < 3; ++i) {
            transaction.mark_seen("late" + std::to_string(i), noon + 2h);
        }
        for (int i = 0; i < 40; ++i) {
            CHECK_FALSE(transaction.seen(std::to_string(i), noon));
        }
        transaction.put_command("second", {.name = "b", .at = noon + 2h});
        CHECK_FALSE(transaction.command("first"));
        CHECK(transaction.command("again")->reason == "why");
        CHECK(transaction.command("second")->state == store::CommandState::accepted);
    });
}

TEST_CASE("store: unclaimed messages come back for each of their ids, once, oldest first") {
    TemporaryStore store;
    store.write([](WriteTransaction& transaction) {
        transaction.put_unclaimed({.ids = {"i-1", "sir-1"}, .message = "one", .at = noon});
        transaction.put_unclaimed({.ids = {"i-2"}, .message = "two", .at = noon});
        transaction.put_unclaimed({.ids = {"i-1"}, .message = "three", .at = noon + 1s});
        transaction.put_unclaimed({.ids = {"i-11"}, .message = "\xff", .at = noon + 1s});
    });
    store.reopen();
    store.write([](WriteTransaction& transaction) {
        CHECK(texts(transaction.take_unclaimed("i-1")) == Texts{"one", "three"});
        CHECK(transaction.take_unclaimed("i-1").empty());
        CHECK(transaction.take_unclaimed("sir-1").empty());
        CHECK(transaction.unclaimed_count() == 2);
        CHECK(texts(transaction.expire_unclaimed(noon + 1s, 10)) == Texts{"two"});
        CHECK(texts(transaction.take_unclaimed("i-11")) == Texts{"\xff"});
        CHECK(transaction.unclaimed_count() == 0);
    });
}

TEST_CASE("store: unclaimed messages are bounded in number and size") {
    TemporaryStore store({.unclaimed_max = 2, .unclaimed_message_bytes = 1000});
    store.write([](WriteTransaction& transaction) {
        const auto put = [&](std::string text) {
            return texts(transaction.put_unclaimed({.ids = {"i-1"}, .message = std::move(text), .at = noon}));
        };
        CHECK(put("one").empty());
        CHECK(put("two").empty());
        CHECK(put("three") == Texts{"one"});
        CHECK(put(std::string(1000, 'x')) == Texts{std::string(1000, 'x')});
        CHECK(texts(transaction.expire_unclaimed(noon + 1h, 1)) == Texts{"two"});
        CHECK(texts(transaction.take_unclaimed("i-1")) == Texts{"three"});
    });
}

TEST_CASE("store: the journal is read newest first, by name or as a whole, in pages") {
    TemporaryStore store;
    store.write([](WriteTransaction& transaction) {
        transaction.append(entry("a", "one"));
        transaction.append(entry("ab", "two"));
        transaction.append(entry("a", "three"));
        transaction.append(entry("", "four"));
    });
    store.reopen();
    store.read([](const ReadTransaction& transaction) {
        CHECK(texts(transaction.journal(10)) == Texts{"four", "three", "two", "one"});
        CHECK(texts(transaction.journal_of("a", 10)) == Texts{"three", "one"});
        CHECK(texts(transaction.journal_of("", 10)).empty());
        const auto page = transaction.journal_of("a", 1);
        REQUIRE(page.size() == 1);
        CHECK(texts(transaction.journal_of("a", 10, page[0].first)) == Texts{"one"});
        CHECK(texts(transaction.journal(1, page[0].first)) == Texts{"two"});
        return true;
    });
}

TEST_CASE("store: a restless name loses its own history, not that of the others") {
    TemporaryStore store({.journal_entries_per_name = 3});
    store.write([](WriteTransaction& transaction) {
        transaction.append(entry("quiet", "quiet"));
        for (int i = 0; i < 50; ++i) {
            transaction.append(entry("restless", std::to_string(i)));
        }
        CHECK(texts(transaction.journal(100)) == Texts{"49", "48", "47", "quiet"});
        CHECK(texts(transaction.journal_of("restless", 100)) == Texts{"49", "48", "47"});
    });
}

TEST_CASE("store: the journal is bounded in bytes and age") {
    TemporaryStore store({.journal_bytes = 5000, .journal_age = 1h});
    store.write([](WriteTransaction& transaction) {
        for (int i = 0; i < 100; ++i) {
            transaction.append(entry("a", std::string(400, 'x')));
        }
        CHECK(transaction.journal(1000).size() >= 8);
        CHECK(transaction.journal(1000).size() <= 12);
        CHECK(transaction.counter("journal_bytes") <= 5000);
        transaction.append(entry("b", "later", noon + 1h + 1s));
        transaction.append(entry("b", "later still", noon + 1h + 1s));
        CHECK(texts(transaction.journal(1000)) == Texts{"later still", "later"});
        CHECK(transaction.journal_of("a", 1000).empty());
    });
}

TEST_CASE("store: rejected messages are kept by head, size and hash, few of them and not too fast") {
    TemporaryStore store({.rejected_max = 5, .rejected_per_minute = 3});
    const std::string message = "\xc3\xa4 \xff" + std::string(5000, 'x');
    store.write([&](WriteTransaction& transaction) {
        transaction.put_rejected(message, "is not JSON", noon);
        for (int i = 1; i < 10; ++i) {
            transaction.put_rejected(std::to_string(i), "is not JSON", noon + i * 1s);
        }
        CHECK(transaction.counter("rejected_not_kept") == 7);
        const auto kept = transaction.rejected(10);
        REQUIRE(kept.size() == 3);
        CHECK(kept[0].head == "2");
        CHECK(kept[2].reason == "is not JSON");
        CHECK(kept[2].head.starts_with("\xc3\xa4 ?xxx"));
        CHECK(kept[2].head.size() == 4096);
        CHECK(kept[2].bytes == message.size());
        CHECK(kept[2].sha256 == base::sha256_hex(message));
        for (int i = 0; i < 20; ++i) {
            transaction.put_rejected("later", "is not JSON", noon + i * 1min + 1h);
        }
        CHECK(transaction.rejected(100).size() == 5);
        // A clock that was set back does not stop it.
        transaction.put_rejected("earlier", "is not JSON", noon);
        CHECK(transaction.rejected(1)[0].head == "earlier");
        CHECK(transaction.rejected(1, transaction.rejected(1)[0].number)[0].head == "later");
        // The old ones leave as new ones come.
        for (int i = 0; i < 4; ++i) {
            transaction.put_rejected("much later", "is not JSON", noon + 100 * 24h + i * 1h);
        }
        CHECK(transaction.rejected(100).size() == 4);
        CHECK(transaction.rejected(100).back().head == "much later");
    });
}
