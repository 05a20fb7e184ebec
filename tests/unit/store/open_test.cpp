#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "store/folder.hpp"
#include "store/format.hpp"
#include "store/lmdb.hpp"
#include "store/store.hpp"
#include "temporary_store.hpp"

namespace fs = std::filesystem;
using store::ReadTransaction;
using store::Store;
using store::WriteTransaction;

namespace {

std::string content(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

void write_file(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

std::string why_not(const fs::path& folder) {
    const auto opened = Store::open(folder);
    return opened ? "" : opened.error().message;
}

/// Changes a closed store's tables behind its back.
void tamper(const fs::path& folder, const char* table, const std::string& key, const std::string& value) {
    store::lmdb::Environment environment(folder, {});
    environment.write([&](store::lmdb::WriteTransaction& transaction) {
        transaction.put(transaction.make_table(table), key, value);
    });
}

/// A closed store with many records.
void fill(const fs::path& folder) {
    const auto store = Store::open(folder).value();
    const auto written = wait_for(store->write([](WriteTransaction& transaction) {
        for (int i = 0; i < 300; ++i) {
            transaction.put(make_record("lms-" + std::to_string(i)));
        }
    }));
    REQUIRE(written);
}

}  // namespace

TEST_CASE("store: folder and files are for their owner alone") {
    const TemporaryStore store;
    const auto mode = [](const fs::path& path) {
        struct stat status{};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        return status.st_mode & 0777U;
    };
    CHECK(mode(store.path()) == 0700);
    for (const auto& file : fs::directory_iterator(store.path())) {
        CHECK_MESSAGE(mode(file.path()) == 0600, file.path());
    }
}

TEST_CASE("store: one process at a time") {
    const TemporaryFolder folder;
    {
        const auto first = Store::open(folder.store());
        REQUIRE(first);
        CHECK(why_not(folder.store()) == "the store in " + folder.store().string() +
                                             " is in use by process " + std::to_string(::getpid()) +
                                             ": only one spot-manager may have it open");
    }
    CHECK(why_not(folder.store()).empty());
    CHECK(why_not(folder.store() / "").empty());
}

TEST_CASE("store: a folder that cannot be is refused in a sentence") {
    const TemporaryFolder folder;
    write_file(folder.store(), "a file");
    CHECK(why_not(folder.store()) ==
          "the store must be a folder, and " + folder.store().string() + " is not one");
    CHECK(why_not(folder.store() / "below").contains("cannot be made: "));
    CHECK(why_not("").contains("cannot be made: "));
}

TEST_CASE("store: network file systems are known by their type") {
    CHECK(store::network_file_system(0x6969) == "NFS");
    CHECK(store::network_file_system(0xFF534D42) == "CIFS");
    CHECK_FALSE(store::network_file_system(0xEF53));
}

TEST_CASE("store: a foreign file is refused and left as it is") {
    for (const auto& foreign :
         {std::string("not a database\n"), std::string(100'000, '\0'), std::string(9, 'x')}) {
        const TemporaryFolder folder;
        const auto file = folder.store() / "data.mdb";
        write_file(file, foreign);
        CHECK(why_not(folder.store()) ==
              file.string() + " is not a store of spot-manager; it is left as it is");
        CHECK(content(file) == foreign);
    }
}

TEST_CASE("store: another program's LMDB file is refused and left as it is") {
    const TemporaryFolder folder;
    fs::create_directory(folder.store());
    tamper(folder.store(), "meta", "version", "1");
    const auto file = folder.store() / "data.mdb";
    const auto before = content(file);
    CHECK(why_not(folder.store()) ==
          file.string() + " is an LMDB file, but not a store of spot-manager; it is left as it is");
    CHECK(content(file) == before);
}

TEST_CASE("store: a newer version's store is refused and left as it is") {
    const TemporaryFolder folder;
    fill(folder.store());
    tamper(folder.store(), "meta", "spot_manager_format", "2");
    const auto file = folder.store() / "data.mdb";
    const auto before = content(file);
    CHECK(why_not(folder.store()) ==
          "the store " + file.string() +
              " has format 2, and this program knows formats up to 1: use a newer spot-manager");
    CHECK(content(file) == before);
}

TEST_CASE("store: a file that was cut off is refused and left as it is") {
    for (const auto divisor : {2U, 3U, 10U}) {
        const TemporaryFolder folder;
        fill(folder.store());
        const auto file = folder.store() / "data.mdb";
        fs::resize_file(file, fs::file_size(file) / divisor);
        const auto before = content(file);
        CHECK(why_not(folder.store()).starts_with("the store " + file.string() + " is damaged ("));
        CHECK(content(file) == before);
    }
}

TEST_CASE("store: a file with a hole is refused and left as it is") {
    const TemporaryFolder folder;
    fill(folder.store());
    const auto file = folder.store() / "data.mdb";
    auto damaged = content(file);
    std::fill(damaged.begin() + 8 * 4096, damaged.end() - 8 * 4096, '\0');
    write_file(file, damaged);
    CHECK(why_not(folder.store()).starts_with("the store " + file.string() + " is damaged ("));
    CHECK(content(file) == damaged);
}

TEST_CASE("store: an unreadable record blocks its own name only") {
    const TemporaryFolder folder;
    fill(folder.store());
    tamper(folder.store(), "records", "lms-7", "{\"version\":1,\"record\":{\"launches\":7}}");
    tamper(folder.store(), "records", "lms-8", "\xff");
    tamper(folder.store(), "records", "lms-9", "{\"version\":9,\"record\":{}}");
    const auto store = Store::open(folder.store()).value();
    REQUIRE(store->quarantined().size() == 3);
    CHECK(store->quarantined()[0].name == "lms-7");
    CHECK(store->quarantined()[0].reason ==
          "the record of lms-7 cannot be read: $.launches: must be an array, not a number");
    CHECK(store->quarantined()[2].reason ==
          "the record of lms-9 cannot be read: its version 9 is not one that this program reads (1 to 1)");

    const auto others = wait_for(store->write([](WriteTransaction& transaction) {
        CHECK_FALSE(transaction.find("lms-8"));
        CHECK(transaction.find("lms-1").value());
        CHECK(transaction.names("", 1000).size() == 300);
        CHECK_THROWS_AS(transaction.put(make_record("lms-7")), std::logic_error);
        CHECK_THROWS_AS(transaction.erase("lms-8", {}), std::logic_error);
        transaction.put(make_record("lms-new"));
    }));
    CHECK(others);
    const auto kept = wait_for(store->read(
        [](const ReadTransaction& transaction) { return transaction.name_of_request("sir-lms-8"); }));
    CHECK(kept.value() == "lms-8");
}
