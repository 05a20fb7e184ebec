// How much the store gains from committing together what waits together: the same writes by one coroutine,
// each waiting for its commit, and by many at once. Prints both and their ratio.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "store/store.hpp"

namespace {

namespace asio = boost::asio;

constexpr int writes = 4096;

/// What a decision writes: a record, a journal entry, a seen id.
void decide(store::WriteTransaction& transaction, const std::string& name, int round) {
    auto record = transaction.find(name).value().value_or(fleet::Record{});
    record.uid = "uid-of-" + name;
    record.spec.name = name;
    transaction.put(std::move(record));
    fleet::JournalEntry entry;
    entry.name = name;
    entry.event = "bench";
    transaction.append(entry);
    transaction.mark_seen(name + "/" + std::to_string(round), {});
}

asio::awaitable<void> write_rounds(store::Store* store, std::string name, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        const auto result = co_await store->write(
            [&name, round](store::WriteTransaction& transaction) { decide(transaction, name, round); });
        if (!result) {
            fmt::print(stderr, "{}\n", result.error().message);
            std::exit(1);
        }
    }
}

/// Decisions a second when `writers` coroutines share them.
double measure(const std::filesystem::path& folder, int writers) {
    const auto store = store::Store::open(folder / std::to_string(writers)).value();
    asio::io_context io;
    for (int i = 0; i < writers; ++i) {
        co_spawn(io, write_rounds(store.get(), "name-" + std::to_string(i), writes / writers),
                 asio::detached);
    }
    const auto begin = std::chrono::steady_clock::now();
    io.run();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    const auto statistics = store->statistics();
    fmt::print("{:4} at once: {:8.0f} decisions/s, {:8.0f} commits/s, {:5.1f} decisions a commit\n", writers,
               writes / seconds.count(), static_cast<double>(statistics.commits) / seconds.count(),
               static_cast<double>(statistics.closures_committed) / static_cast<double>(statistics.commits));
    return writes / seconds.count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr,
                   "Usage: store-bench FOLDER   (on the disk to be measured; stores are made in it)\n");
        return 2;
    }
    const double alone = measure(argv[1], 1);
    const double together = measure(argv[1], 64);
    fmt::print("together / alone: {:.1f}\n", together / alone);
    return 0;
}
