#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <variant>

#include "base/result.hpp"
#include "store/lmdb.hpp"
#include "store/store.hpp"
#include "store/tables.hpp"

namespace store {

using WriteClosure = std::function<void(WriteTransaction&)>;
using ReadClosure = std::function<void(const ReadTransaction&)>;

/// A closure and whom to tell. `done` is called on the storage thread, or at once when the job is refused.
struct Job {
    std::variant<WriteClosure, ReadClosure> closure;
    std::move_only_function<void(base::Result<void>)> done;
};

/// The one thread that touches LMDB. Writes that wait together are committed together, in the order in which
/// they came. When one of them throws, those before it are committed without it, it is run alone, and those
/// after it go on: its error is its own. Reads that wait go first, since they are short.
class StorageThread {
  public:
    /// The environment outlives the thread. `reopen` opens it and its tables again, on this thread, when LMDB
    /// takes no transaction any more; it may throw, and is called again at the next failure.
    StorageThread(lmdb::Environment& environment, const Tables& tables, const Limits& limits,
                  std::function<void()> reopen);
    ~StorageThread() { close(); }
    StorageThread(const StorageThread&) = delete;
    StorageThread& operator=(const StorageThread&) = delete;

    void submit(Job job);

    /// Runs what waits, then ends.
    void close();

    Statistics statistics() const;

  private:
    void loop();
    void run_reads(std::span<Job> jobs);
    void run_writes(std::span<Job> jobs);
    void finish(std::span<Job> jobs, const base::Result<void>& result);
    void mend(const std::exception_ptr& thrown);

    lmdb::Environment& environment_;
    const Tables& tables_;
    const Limits& limits_;
    std::function<void()> reopen_;

    mutable std::mutex mutex_;  // of what follows
    std::condition_variable wake_;
    std::deque<Job> waiting_;
    bool closing_ = false;
    Statistics statistics_;

    std::thread thread_;
};

}  // namespace store
