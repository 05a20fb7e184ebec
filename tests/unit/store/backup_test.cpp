#include "store/backup.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "full_disk.hpp"
#include "store/lmdb.hpp"
#include "temporary_store.hpp"

namespace fs = std::filesystem;
using store::ReadTransaction;
using store::Store;
using store::WriteTransaction;

namespace {

/// A closed store with `names` records, and a place for backups of it.
struct Source {
    explicit Source(int names = 3) {
        fs::create_directory(place.store());
        id = store->id();
        key = store->key();
        store.write([names](WriteTransaction& transaction) {
            for (int i = 0; i < names; ++i) {
                transaction.put(make_record("lms-" + std::to_string(i)));
            }
        });
        store.close();
    }

    fs::path backup() const { return place.store() / "backup"; }
    fs::path target() const { return place.store() / "target"; }

    std::string why_not_restored(bool replace = false) const {
        const auto restored = store::restore(backup(), target(), replace);
        return restored ? "" : restored.error().message;
    }

    TemporaryFolder place;
    TemporaryStore store;
    std::string id;
    std::string key;
};

std::string content(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::size_t count_names(const fs::path& folder) {
    const auto store = Store::open(folder).value();
    return wait_for(store->read([](const ReadTransaction& transaction) { return transaction.name_count(); }))
        .value();
}

}  // namespace

TEST_CASE("backup: a store is copied, and the copy is the same store") {
    const Source source;
    REQUIRE(store::back_up(source.store.path(), source.backup()));
    struct stat status{};
    REQUIRE(::stat(source.backup().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);

    const auto restored = store::restore(source.backup(), source.target(), false).value();
    CHECK(restored.names == 3);
    CHECK(restored.unreadable.empty());
    CHECK_FALSE(restored.kept);
    const auto store = Store::open(source.target()).value();
    CHECK(store->id() == source.id);
    CHECK(store->key() == source.key);
    CHECK_FALSE(fs::exists(source.target() / "restoring"));
}

namespace {

/// Writes pairs for ever, and takes old ones away.
[[noreturn]] void write_pairs(const fs::path& folder) {
    const auto store = Store::open(folder).value();
    for (int i = 0;; ++i) {
        const auto written = wait_for(store->write([i](WriteTransaction& transaction) {
            transaction.put(make_record("a-" + std::to_string(i)));
            transaction.put(make_record("b-" + std::to_string(i)));
            transaction.erase("a-" + std::to_string(i - 50), {});
            transaction.erase("b-" + std::to_string(i - 50), {});
        }));
        if (!written) {
            ::_exit(1);
        }
    }
}

}  // namespace

TEST_CASE("backup: it is of one moment, however busy the store is") {
    const Source source(100);
    const auto writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) {
        write_pairs(source.store.path());
    }
    for (int i = 0; i < 10; ++i) {
        const auto done = store::back_up(source.store.path(), source.backup());
        CHECK_MESSAGE(done, (done ? "" : done.error().message));
        const auto restored = store::restore(source.backup(), source.target(), true);
        CHECK(restored);
        CHECK(count_names(source.target()) % 2 == 0);
        fs::remove(source.backup());
    }
    REQUIRE(::kill(writer, SIGKILL) == 0);
    REQUIRE(::waitpid(writer, nullptr, 0) == writer);
    CHECK_MESSAGE(count_names(source.store.path()) > 100, "the writer has written meanwhile");
}

TEST_CASE("backup: nothing is overwritten, and nothing half is left") {
    const Source source;
    std::ofstream(source.backup()) << "precious";
    CHECK(store::back_up(source.store.path(), source.backup()).error().message ==
          "the backup " + source.backup().string() + " is there already; it is not overwritten");
    CHECK(content(source.backup()) == "precious");

    const auto other = source.place.store() / "other";
    {
        const FullDisk full(4096);
        CHECK_FALSE(store::back_up(source.store.path(), other));
    }
    CHECK_FALSE(store::back_up(source.store.path(), source.place.store() / "no folder" / "backup"));
    CHECK_FALSE(store::back_up(source.place.store(), other));
    CHECK(std::distance(fs::directory_iterator(source.place.store()), {}) == 1);
}

TEST_CASE("restore: a store that is there is replaced only when that is said, and kept") {
    const Source source;
    REQUIRE(store::back_up(source.store.path(), source.backup()));
    REQUIRE(Store::open(source.target()));
    const auto before = content(source.target() / "data.mdb");
    CHECK(source.why_not_restored() == "there is a store in " + source.target().string() +
                                           " already: with --replace it is kept beside the restored one");
    CHECK(content(source.target() / "data.mdb") == before);

    for (const auto* name : {"data.mdb.replaced-1", "data.mdb.replaced-2"}) {
        const auto restored = store::restore(source.backup(), source.target(), true).value();
        CHECK(restored.kept == source.target() / name);
    }
    CHECK(content(source.target() / "data.mdb.replaced-1") == before);
    CHECK(count_names(source.target()) == 3);
}

TEST_CASE("restore: a store that is in use is left alone") {
    const Source source;
    REQUIRE(store::back_up(source.store.path(), source.backup()));
    const auto held = Store::open(source.target()).value();
    CHECK(source.why_not_restored(true).contains("is in use by process"));
}

TEST_CASE("restore: what is no good backup changes nothing") {
    const Source source(300);
    REQUIRE(store::back_up(source.store.path(), source.backup()));
    const auto good = content(source.backup());
    REQUIRE(Store::open(source.target()));
    const auto before = content(source.target() / "data.mdb");
    const auto why_not = [&](const std::string& bytes) {
        std::ofstream(source.backup(), std::ios::binary) << bytes;
        return source.why_not_restored(true);
    };
    const auto name = source.backup().string();
    CHECK(why_not("") == name + " is not a store of spot-manager; it is empty");
    CHECK(why_not("a text\n") == name + " is not a store of spot-manager; it is left as it is");
    CHECK(why_not(good.substr(0, good.size() / 2)).starts_with("the store " + name + " is damaged ("));
    fs::remove(source.backup());
    CHECK(source.why_not_restored(true) ==
          "the backup " + name + " cannot be read: No such file or directory");
    CHECK(content(source.target() / "data.mdb") == before);
    CHECK_FALSE(fs::exists(source.target() / "restoring"));
}

TEST_CASE("restore: records that cannot be read are told") {
    Source source;
    source.store.tamper("records", "lms-1", "{}");
    source.store.close();
    REQUIRE(store::back_up(source.store.path(), source.backup()));
    const auto restored = store::restore(source.backup(), source.target(), false).value();
    CHECK(restored.names == 3);
    REQUIRE(restored.unreadable.size() == 1);
    CHECK(restored.unreadable[0].name == "lms-1");
}
