#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/transaction.hpp"

/// Everything durable, behind asynchronous transactions by record. Nothing above knows what engine is inside.
namespace store {

/// How much is kept, and how much may wait.
struct Limits {
    base::Duration memory = std::chrono::days{15};  ///< of seen ids, commands and tombstones
    std::size_t unclaimed_max = 4096;
    std::size_t unclaimed_message_bytes = std::size_t{16}
                                          << 10U;  ///< a larger one is not kept: EC2's have 1 KiB
    std::size_t rejected_max = 256;
    std::size_t rejected_per_minute = 60;
    std::size_t rejected_head_bytes = 4096;
    std::size_t journal_entries_per_name = 1000;
    std::size_t journal_bytes = std::size_t{64} << 20U;
    base::Duration journal_age = std::chrono::days{90};

    std::size_t waiting_max = 4096;      ///< closures that wait for the storage thread; more are refused
    std::size_t closures_a_commit = 64;  ///< at most, so that one commit stays short
    std::size_t map_bytes = std::size_t{64} << 20U;      ///< at first; doubled when full
    std::size_t map_bytes_max = std::size_t{64} << 30U;  ///< beyond this the store refuses to grow
};

/// What the storage thread has done since the store was opened.
struct Statistics {
    std::uint64_t commits = 0;
    std::uint64_t closures_committed = 0;
    std::uint64_t closures_rerun = 0;   ///< run again because a closure beside them failed, or the map grew
    std::uint64_t closures_failed = 0;  ///< an exception, or a commit that failed
    std::uint64_t reads = 0;
    std::uint64_t map_growths = 0;
    std::uint64_t commit_microseconds = 0;  ///< in all
    std::uint64_t map_bytes = 0;
    std::size_t waiting = 0;
    std::uint64_t reopenings = 0;  ///< after a failure in which LMDB gave up
    bool writable = true;          ///< false after a commit failed, until one that changed something succeeds
};

/// The open store. One process has it open at a time. It must end before the io_context whose coroutines
/// use it.
class Store {
  public:
    /// Opens the store in `folder`, creating folder (0700) and files (0600) when there are none. The error is
    /// a sentence: in use by another process, a network file system, not a store, damaged, or made by a newer
    /// version. Nothing that is not ours is ever changed.
    static base::Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder,
                                                     const Limits& limits = {});

    /// As close().
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Random, made with the store: every tag that we set carries it.
    const std::string& id() const;

    /// 32 random bytes, made with the store: signs commands and report tokens. Never to be logged.
    const std::string& key() const;

    /// Records that could not be read when the store was opened.
    const std::vector<QuarantinedRecord>& quarantined() const;

    Statistics statistics() const;

    /// Runs `closure(WriteTransaction&)` on the storage thread and gives its result, on the caller's
    /// executor, after everything it changed is durable. Closures that wait together share one commit.
    ///
    /// The closure may be run several times (only the last run counts), so it changes nothing but the
    /// transaction and what it returns; it cannot suspend; it touches nothing that another thread uses. If it
    /// throws, nothing of it is kept and the error is its message. Not cancellable: what was begun is either
    /// done or not.
    template <class Closure>
    boost::asio::awaitable<base::Result<std::invoke_result_t<Closure&, WriteTransaction&>>> write(
        Closure closure) {
        using Value = std::invoke_result_t<Closure&, WriteTransaction&>;
        if constexpr (std::is_void_v<Value>) {
            co_return co_await submit_write(std::ref(closure));
        } else {
            std::optional<Value> value;
            auto done = co_await submit_write(
                [&](WriteTransaction& transaction) { value.emplace(closure(transaction)); });
            if (!done) {
                co_return std::unexpected(std::move(done.error()));
            }
            co_return std::move(*value);
        }
    }

    /// Runs `closure(const ReadTransaction&)` on the storage thread too: a page that is not in memory must
    /// not stop the io_context, and decoding is done beside it. It waits for one commit at most, and sees
    /// every write that was answered before.
    template <class Closure>
    boost::asio::awaitable<base::Result<std::invoke_result_t<Closure&, const ReadTransaction&>>> read(
        Closure closure) {
        using Value = std::invoke_result_t<Closure&, const ReadTransaction&>;
        std::optional<Value> value;
        auto done = co_await submit_read(
            [&](const ReadTransaction& transaction) { value.emplace(closure(transaction)); });
        if (!done) {
            co_return std::unexpected(std::move(done.error()));
        }
        co_return std::move(*value);
    }

    /// Runs what is waiting, then ends the storage thread and gives the files free; blocks until that is
    /// done. Later calls are answered with an error.
    void close();

  private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);

    boost::asio::awaitable<base::Result<void>> submit_write(std::function<void(WriteTransaction&)> closure);
    boost::asio::awaitable<base::Result<void>> submit_read(
        std::function<void(const ReadTransaction&)> closure);

    std::unique_ptr<Impl> impl_;
};

}  // namespace store
