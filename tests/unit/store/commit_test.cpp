#include <doctest/doctest.h>
#include <lmdb.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <csignal>
#include <latch>
#include <string>
#include <vector>

#include "full_disk.hpp"
#include "store/lmdb.hpp"
#include "store/store.hpp"
#include "temporary_store.hpp"

namespace asio = boost::asio;
using store::ReadTransaction;
using store::WriteTransaction;

namespace {

asio::awaitable<void> count_once(store::Store* store, std::string counter, std::vector<std::string>* errors) {
    const auto result = co_await store->write([counter](WriteTransaction& transaction) {
        transaction.count(counter);
        if (counter == "bad") {
            throw std::runtime_error("on purpose");
        }
    });
    errors->push_back(result ? "" : result.error().message);
}

asio::awaitable<void> hold(store::Store* store, std::latch* held) {
    const auto result = co_await store->write([held](WriteTransaction&) { held->wait(); });
    CHECK(result);
}

/// Lets `counters` be counted by closures that all wait together, since another holds the storage thread.
std::vector<std::string> count_together(TemporaryStore& store, const std::vector<std::string>& counters) {
    asio::io_context io;
    std::latch held(1);
    std::vector<std::string> errors;
    co_spawn(io, hold(&*store.operator->(), &held), asio::detached);
    for (const auto& counter : counters) {
        co_spawn(io, count_once(store.operator->(), counter, &errors), asio::detached);
    }
    io.poll();
    held.count_down();
    io.run();
    return errors;
}

std::uint64_t counter(TemporaryStore& store, const std::string& counter) {
    return store.read([counter](const ReadTransaction& transaction) { return transaction.counter(counter); });
}

}  // namespace

TEST_CASE("store: closures that wait together share a commit") {
    TemporaryStore store;
    const auto errors = count_together(store, std::vector<std::string>(20, "good"));
    CHECK(errors == std::vector<std::string>(20));
    CHECK(counter(store, "good") == 20);
    const auto statistics = store->statistics();
    // The storage thread may have begun with the first alone or with some more.
    CHECK(statistics.commits <= 2);
    CHECK(statistics.closures_committed == 21);
    CHECK(statistics.closures_rerun == 0);
}

TEST_CASE("store: a closure that throws fails alone") {
    TemporaryStore store;
    const auto errors = count_together(store, {"good", "bad", "good", "good", "bad"});
    CHECK(errors == std::vector<std::string>{"", "on purpose", "", "", "on purpose"});
    CHECK(counter(store, "good") == 3);
    CHECK(counter(store, "bad") == 0);
    const auto statistics = store->statistics();
    CHECK(statistics.closures_failed == 2);
    CHECK(statistics.closures_rerun > 0);
    CHECK(statistics.writable);
}

TEST_CASE("store: a map that is full grows under the closures") {
    TemporaryStore store({.map_bytes = 64 * 1024});
    for (int i = 0; i < 100; ++i) {
        store.write([i](WriteTransaction& transaction) {
            auto record = make_record("lms-" + std::to_string(i));
            record.spec.user_data = std::string(10'000, 'x');
            transaction.put(record);
        });
    }
    CHECK(store->statistics().map_growths > 2);
    store.reopen();
    CHECK(store.read([](const ReadTransaction& transaction) { return transaction.name_count(); }) == 100);
}

TEST_CASE("store: a store that may not grow says so and goes on reading") {
    TemporaryStore store({.map_bytes = 512 * 1024, .map_bytes_max = 512 * 1024});
    const auto result = wait_for(store->write([](WriteTransaction& transaction) {
        auto record = make_record("lms-chen");
        record.spec.user_data = std::string(1'000'000, 'x');
        transaction.put(record);
    }));
    REQUIRE_FALSE(result);
    CHECK(result.error().message.starts_with("could not grow beyond 524288 bytes"));
    CHECK_FALSE(store->statistics().writable);
    CHECK(counter(store, "any") == 0);
    store.write([](WriteTransaction& transaction) { transaction.count("any"); });
    CHECK(store->statistics().writable);
}

TEST_CASE("store: what waits beyond the limit, or comes after the end, is refused") {
    TemporaryStore store({.waiting_max = 2});
    const auto errors = count_together(store, std::vector<std::string>(10, "good"));
    CHECK(std::ranges::count(errors, "the store has too much to do") >= 7);
    store->close();
    const auto result = wait_for(store->read([](const ReadTransaction&) { return 1; }));
    REQUIRE_FALSE(result);
    CHECK(result.error().message == "the store is closed");
}

TEST_CASE("store: what was waiting at the end is done") {
    TemporaryStore store;
    asio::io_context io;
    std::vector<std::string> errors;
    for (int i = 0; i < 10; ++i) {
        co_spawn(io, count_once(store.operator->(), "good", &errors), asio::detached);
    }
    io.poll();
    store->close();
    io.run();
    CHECK(errors == std::vector<std::string>(10));
    store.reopen();
    CHECK(counter(store, "good") == 10);
}

TEST_CASE("store: a full disk is an error, and no more than that") {
    TemporaryStore store;
    store.write([](WriteTransaction& transaction) { transaction.put(make_record("lms-before")); });
    const auto put_large = [](WriteTransaction& transaction) {
        auto record = make_record("lms-large");
        record.spec.user_data = std::string(1'000'000, 'x');
        transaction.put(record);
    };
    {
        const FullDisk full(std::filesystem::file_size(store.path() / "data.mdb"));
        const auto result = wait_for(store->write(put_large));
        REQUIRE_FALSE(result);
        CHECK(result.error().message == "could not commit to disk: File too large");
        CHECK_FALSE(store->statistics().writable);
        // One that changes nothing proves nothing.
        store.write([](WriteTransaction& transaction) { CHECK(transaction.find("lms-before").value()); });
        CHECK_FALSE(store->statistics().writable);
    }
    store.write(put_large);
    CHECK(store->statistics().writable);
    store.reopen();
    CHECK(store.read([](const ReadTransaction& transaction) { return transaction.name_count(); }) == 2);
}

TEST_CASE("store: when LMDB gives up, the store is opened again and goes on") {
    TemporaryStore store;
    store.write([](WriteTransaction& transaction) { transaction.count("before"); });
    const auto broken = wait_for(store->write([](WriteTransaction& transaction) {
        transaction.count("lost");
        // As LMDB says it after a failed write of its meta page.
        throw store::lmdb::Failure("begin a transaction", MDB_PANIC);
    }));
    REQUIRE_FALSE(broken);
    CHECK_FALSE(store->statistics().writable);
    store.write([](WriteTransaction& transaction) { transaction.count("after"); });
    CHECK(store->statistics().writable);
    CHECK(store->statistics().reopenings == 1);
    const auto counted = [&](const char* counter) {
        return store.read(
            [counter](const ReadTransaction& transaction) { return transaction.counter(counter); });
    };
    CHECK(counted("before") == 1);
    CHECK(counted("lost") == 0);
    CHECK(counted("after") == 1);
}

namespace {

/// Writes for ever, and tells `out` of each record that the store has acknowledged.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, int out) {
    const auto store = store::Store::open(folder).value();
    for (int i = 0;; ++i) {
        const auto saved = wait_for(store->write([i](WriteTransaction& transaction) {
            const auto name = "lms-" + std::to_string(i);
            transaction.append(
                {.at = {}, .name = name, .event = "registered", .text = "", .generation = {}, .machine = {}});
            transaction.put(make_record(name));
        }));
        if (!saved || ::write(out, "x", 1) != 1) {
            ::_exit(1);
        }
    }
}

}  // namespace

TEST_CASE("store: what was acknowledged survives a kill at any moment") {
    for (const int kill_after : {1, 7, 40}) {
        const TemporaryFolder folder;
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            write_until_killed(folder.store(), ends[1]);
        }
        ::close(ends[1]);
        int acknowledged = 0;
        char byte = 0;
        while (acknowledged < kill_after && ::read(ends[0], &byte, 1) == 1) {
            ++acknowledged;
        }
        REQUIRE(::kill(child, SIGKILL) == 0);
        while (::read(ends[0], &byte, 1) == 1) {
            ++acknowledged;
        }
        ::close(ends[0]);
        REQUIRE(::waitpid(child, nullptr, 0) == child);

        const auto opened = store::Store::open(folder.store());
        REQUIRE(opened);
        const auto checked = wait_for((*opened)->read([=](const ReadTransaction& transaction) {
            const auto names = transaction.names("", 100'000);
            const auto count = static_cast<int>(names.size());
            CHECK(count >= acknowledged);
            // At most the one whose acknowledgement was under way.
            CHECK(count <= acknowledged + 1);
            for (const auto& name : names) {
                CHECK(transaction.find(name).value());
                CHECK(transaction.name_of_request("sir-" + name) == name);
                CHECK(transaction.journal_of(name, 10).size() == 1);
            }
            return true;
        }));
        CHECK(checked);
    }
}
