#include "store/lmdb.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "temporary_store.hpp"

using namespace store;

namespace {

/// An environment with one table that holds `keys`.
struct Numbers {
    explicit Numbers(std::vector<std::string> keys, lmdb::EnvironmentOptions options = {}) {
        std::filesystem::create_directory(folder.store());
        environment.emplace(folder.store(), options);
        environment->write([&](lmdb::WriteTransaction& transaction) {
            table = transaction.make_table("table");
            for (const auto& key : keys) {
                transaction.put(table, key, "value of " + key);
            }
        });
    }

    std::vector<std::string> up(std::string_view from) const {
        std::vector<std::string> keys;
        environment->read().scan(table, from, [&](std::string_view key, std::string_view) {
            keys.emplace_back(key);
            return true;
        });
        return keys;
    }
    std::vector<std::string> down(std::string_view below) const {
        std::vector<std::string> keys;
        environment->read().scan_back(table, below, [&](std::string_view key, std::string_view) {
            keys.emplace_back(key);
            return true;
        });
        return keys;
    }

    TemporaryFolder folder;
    std::optional<lmdb::Environment> environment;
    lmdb::Table table = 0;
};

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("lmdb: what is not there is a value, also for keys that cannot be") {
    const Numbers numbers({"b"});
    const auto transaction = numbers.environment->read();
    CHECK(transaction.get(numbers.table, "b") == "value of b");
    CHECK_FALSE(transaction.get(numbers.table, "a"));
    CHECK_FALSE(transaction.get(numbers.table, ""));
    CHECK_FALSE(transaction.get(numbers.table, std::string(1000, 'x')));
    CHECK_FALSE(transaction.find_table("another"));
}

TEST_CASE("lmdb: a table is read from both ends and from the middle") {
    const Numbers numbers({"b", "d", "f"});
    CHECK(numbers.up("") == Keys{"b", "d", "f"});
    CHECK(numbers.up("c") == Keys{"d", "f"});
    CHECK(numbers.up("d") == Keys{"d", "f"});
    CHECK(numbers.up("g").empty());
    CHECK(numbers.down("") == Keys{"f", "d", "b"});
    CHECK(numbers.down("d") == Keys{"b"});
    CHECK(numbers.down("e") == Keys{"d", "b"});
    CHECK(numbers.down("g") == Keys{"f", "d", "b"});
    CHECK(numbers.down("b").empty());
    CHECK(Numbers({}).up("").empty());
    CHECK(Numbers({}).down("").empty());
}

TEST_CASE("lmdb: an exception leaves nothing behind") {
    Numbers numbers({});
    CHECK_THROWS_WITH(numbers.environment->write([&](lmdb::WriteTransaction& transaction) {
        transaction.put(numbers.table, "a", "1");
        throw std::runtime_error("on purpose");
    }),
                      "on purpose");
    CHECK(numbers.up("").empty());
}

TEST_CASE("lmdb: a full map grows and the closure is run again, up to the limit") {
    Numbers numbers({}, {.map_bytes = 256 * 1024, .map_bytes_max = 8 * 1024 * 1024});
    const std::string value(100'000, 'x');
    int runs = 0;
    numbers.environment->write([&](lmdb::WriteTransaction& transaction) {
        ++runs;
        for (int i = 0; i < 40; ++i) {
            transaction.put(numbers.table, std::to_string(i), value);
        }
    });
    CHECK(runs > 1);
    CHECK(numbers.environment->growths() + 1 == static_cast<std::uint64_t>(runs));
    CHECK(numbers.up("").size() == 40);
    CHECK_THROWS_AS(numbers.environment->write([&](lmdb::WriteTransaction& transaction) {
        for (int i = 0; i < 200; ++i) {
            transaction.put(numbers.table, std::to_string(i), value);
        }
    }),
                    lmdb::Failure);
    CHECK(numbers.up("").size() == 40);
}
