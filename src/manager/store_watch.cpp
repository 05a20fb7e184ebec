#include "manager/store_watch.hpp"

#include "manager/pause.hpp"

namespace manager {
namespace {

constexpr base::Duration look_every = std::chrono::seconds{2};
/// A commit on a slow disk may take a while.
constexpr base::Duration answer_within = std::chrono::seconds{30};

}  // namespace

boost::asio::awaitable<void> watch_store(store::Store* store, const base::Clock* clock,
                                         Heartbeats* heartbeats) {
    while (true) {
        heartbeats->beat("storage", clock->now(), look_every + answer_within);
        if (store->statistics().writable) {
            [[maybe_unused]] const auto read =
                co_await store->read([](const store::ReadTransaction&) { return true; });
        } else {
            [[maybe_unused]] const auto written = co_await store->write(
                [](store::WriteTransaction& transaction) { transaction.count("write_probes"); });
        }
        co_await sleep(look_every);
    }
}

}  // namespace manager
