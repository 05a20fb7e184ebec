#include "store/storage_thread.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

namespace store {
namespace {

std::string message_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        return exception.what();
    } catch (...) {
        return "something unknown went wrong in the store";
    }
}

bool store_failed(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const lmdb::Failure&) {
        return true;
    } catch (...) {
        return false;
    }
}

}  // namespace

StorageThread::StorageThread(lmdb::Environment& environment, const Tables& tables, const Limits& limits,
                             std::function<void()> reopen)
    : environment_(environment),
      tables_(tables),
      limits_(limits),
      reopen_(std::move(reopen)),
      thread_([this] { loop(); }) {}

void StorageThread::submit(Job job) {
    std::string refusal;
    {
        const std::scoped_lock lock(mutex_);
        if (!closing_ && waiting_.size() < limits_.waiting_max) {
            waiting_.push_back(std::move(job));
            wake_.notify_one();
            return;
        }
        refusal = closing_ ? "the store is closed" : "the store has too much to do";
    }
    job.done(base::fail(std::move(refusal)));
}

void StorageThread::close() {
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Statistics StorageThread::statistics() const {
    const std::scoped_lock lock(mutex_);
    Statistics statistics = statistics_;
    statistics.waiting = waiting_.size();
    return statistics;
}

void StorageThread::loop() {
    for (;;) {
        std::vector<Job> reads;
        std::vector<Job> writes;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
            if (waiting_.empty()) {
                return;
            }
            while (!waiting_.empty() && reads.size() + writes.size() < limits_.closures_a_commit) {
                auto& job = waiting_.front();
                (std::holds_alternative<ReadClosure>(job.closure) ? reads : writes).push_back(std::move(job));
                waiting_.pop_front();
            }
        }
        run_reads(reads);
        run_writes(writes);
    }
}

void StorageThread::run_reads(std::span<Job> jobs) {
    for (auto& job : jobs) {
        base::Result<void> result;
        try {
            const auto view = environment_.read();
            std::get<ReadClosure>(job.closure)(ReadTransaction(view, tables_, limits_));
        } catch (...) {
            result = base::fail(message_of(std::current_exception()));
            mend(std::current_exception());
        }
        {
            const std::scoped_lock lock(mutex_);
            ++statistics_.reads;
        }
        finish({&job, 1}, result);
    }
}

void StorageThread::run_writes(std::span<Job> jobs) {
    while (!jobs.empty()) {
        const auto begin = std::chrono::steady_clock::now();
        Job* running = nullptr;
        std::exception_ptr thrown;
        std::uint64_t runs = 0;
        bool changed = false;
        try {
            environment_.write([&](lmdb::WriteTransaction& write) {
                WriteTransaction transaction(write, tables_, limits_);
                for (auto& job : jobs) {
                    running = &job;
                    ++runs;
                    std::get<WriteClosure>(job.closure)(transaction);
                }
                running = nullptr;
                changed = write.changed();
            });
        } catch (...) {
            thrown = std::current_exception();
            mend(thrown);
        }
        const bool committed = !thrown;
        // One that failed among others is run again, alone.
        const bool rerun = thrown && running != nullptr && jobs.size() > 1;
        {
            const std::scoped_lock lock(mutex_);
            const auto settled = rerun ? 0 : jobs.size();
            statistics_.commits += committed ? 1 : 0;
            statistics_.closures_committed += committed ? settled : 0;
            statistics_.closures_failed += committed ? 0 : settled;
            statistics_.closures_rerun += runs - std::min<std::uint64_t>(runs, settled);
            statistics_.commit_microseconds +=
                static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                               std::chrono::steady_clock::now() - begin)
                                               .count());
            statistics_.map_bytes = environment_.map_bytes();
            statistics_.map_growths = environment_.growths();
            if (committed ? changed : store_failed(thrown)) {
                statistics_.writable = committed;
            }
        }
        if (!rerun) {
            return finish(jobs, committed ? base::Result<void>{} : base::fail(message_of(thrown)));
        }
        const auto before = static_cast<std::size_t>(running - jobs.data());
        run_writes(jobs.first(before));
        run_writes(jobs.subspan(before, 1));
        jobs = jobs.subspan(before + 1);
    }
}

/// LMDB takes no transaction after a failed write of its own pages: what stands on the disk is opened again.
void StorageThread::mend(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const lmdb::Failure& failure) {
        if (!failure.broken()) {
            return;
        }
    } catch (...) {
        return;
    }
    try {
        reopen_();
        const std::scoped_lock lock(mutex_);
        ++statistics_.reopenings;
    } catch (const std::exception&) {
        // The disk is still away: the next transaction fails as broken, and it is tried again.
        return;
    }
}

void StorageThread::finish(std::span<Job> jobs, const base::Result<void>& result) {
    for (auto& job : jobs) {
        job.done(result);
    }
}

}  // namespace store
