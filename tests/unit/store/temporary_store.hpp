#pragma once

#include <stdlib.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "fleet/record.hpp"
#include "store/lmdb.hpp"
#include "store/store.hpp"

/// A new folder that is gone when the test ends.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = std::filesystem::temp_directory_path() / "store-test-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        path_ = pattern;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// Where a store can be made: inside, so that making the folder is tested too.
    std::filesystem::path store() const { return path_ / "store"; }

  private:
    std::filesystem::path path_;
};

/// Runs a coroutine to its end.
template <class T>
T wait_for(boost::asio::awaitable<T> coroutine) {
    boost::asio::io_context io;
    auto future = boost::asio::co_spawn(io, std::move(coroutine), boost::asio::use_future);
    io.run();
    return future.get();
}

/// A store in a folder of its own; reopen() is a restart.
class TemporaryStore {
  public:
    explicit TemporaryStore(store::Limits limits = {}) : limits_(limits) { reopen(); }

    void reopen() {
        store_.reset();
        auto opened = store::Store::open(folder_.store(), limits_);
        if (!opened) {
            throw std::runtime_error(opened.error().message);
        }
        store_ = std::move(*opened);
    }

    /// Ends the store, and leaves its folder: a process must not open a store twice.
    void close() { store_.reset(); }

    /// Writes into a table as no program does, and reopens.
    void tamper(const char* table, std::string_view key, std::string_view value) {
        store_.reset();
        {
            store::lmdb::Environment environment(folder_.store(), {});
            environment.write([&](store::lmdb::WriteTransaction& transaction) {
                transaction.put(transaction.make_table(table), key, value);
            });
        }
        reopen();
    }

    /// The closure's result; a failure fails the test.
    template <class Closure>
    auto write(Closure closure) {
        return unwrap(wait_for(store_->write(std::move(closure))));
    }
    template <class Closure>
    auto read(Closure closure) {
        return unwrap(wait_for(store_->read(std::move(closure))));
    }

    store::Store* operator->() const { return store_.get(); }
    std::filesystem::path path() const { return folder_.store(); }

  private:
    template <class T>
    static T unwrap(base::Result<T> result) {
        if (!result) {
            throw std::runtime_error(result.error().message);
        }
        if constexpr (!std::is_void_v<T>) {
            return std::move(*result);
        }
    }

    TemporaryFolder folder_;
    store::Limits limits_;
    std::unique_ptr<store::Store> store_;
};

inline base::Time at(std::string_view text) {
    return base::parse_time(text).value();
}

/// A record with one launch that has a spot request.
inline fleet::Record make_record(const std::string& name) {
    fleet::Record record;
    record.uid = "uid-of-" + name;
    record.spec.name = name;
    record.spec.dns.private_.emplace().name = name + ".lms.example.com";
    record.registered = at("2026-01-15T12:00:00Z");
    fleet::Attempt attempt;
    attempt.request = "sir-" + name;
    fleet::Launch launch;
    launch.attempts = {attempt};
    record.launches = {launch};
    return record;
}
