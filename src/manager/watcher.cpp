#include "manager/watcher.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "fleet/launch.hpp"
#include "manager/cancellation.hpp"
#include "manager/pause.hpp"

namespace manager {

namespace asio = boost::asio;
namespace log = base::log;

namespace {

/// A whole fleet that does not answer is looked at in its size by this, times the probe's timeout.
constexpr std::size_t probes_at_once = 64;

}  // namespace

struct Watcher::Watched {
    std::string name;
    std::string machine;
    std::string address;
    fleet::Readiness readiness;
    bool unwell = false;
};

struct Watcher::Round {
    using Ended = asio::experimental::channel<void(boost::system::error_code)>;

    Round(const asio::any_io_executor& executor, std::vector<Watched> all)
        : watched(std::move(all)),
          workers(std::min(watched.size(), probes_at_once)),
          ended(executor, workers) {}

    std::vector<Watched> watched;
    std::size_t workers;
    std::size_t next = 0;
    Ended ended;
};

Watcher::Watcher(Desk& desk, const Executor& executor, Probe probe, base::TaskGroup& tasks,
                 Heartbeats& heartbeats, const Settings& settings)
    : desk_(desk),
      executor_(executor),
      probe_(std::move(probe)),
      tasks_(tasks),
      heartbeats_(heartbeats),
      settings_(settings) {}

asio::awaitable<void> Watcher::run() {
    while (true) {
        co_await look();
        co_await sleep(settings_.watch_every);
    }
}

std::vector<Watcher::Watched> Watcher::watched() const {
    std::vector<Watched> watched;
    for (const auto& [name, record] : executor_.records()) {
        const auto& readiness = record->spec.readiness;
        if (record->intent != fleet::Intent::running || (!readiness.http && !readiness.tcp)) {
            continue;
        }
        for (const auto& launch : record->launches) {
            if (launch.ready && fleet::is_alive(launch) && launch.addresses.private_) {
                watched.push_back({name, *launch.machine, *launch.addresses.private_, readiness,
                                   launch.unwell.has_value()});
            }
        }
    }
    return watched;
}

asio::awaitable<void> Watcher::look() {
    heartbeats_.beat("watcher", desk_.now(), settings_.watch_every + 5 * settings_.probe_timeout);
    const auto round = std::make_shared<Round>(co_await asio::this_coro::executor, watched());
    for (std::size_t i = 0; i < round->workers; ++i) {
        tasks_.spawn(probe_some(round));
    }
    for (std::size_t i = 0; i < round->workers; ++i) {
        const auto [error] = co_await round->ended.async_receive(asio::as_tuple(asio::use_awaitable));
        if (error) {
            throw_cancellation();
        }
    }
}

asio::awaitable<void> Watcher::probe_some(std::shared_ptr<Round> round) {
    while (round->next < round->watched.size()) {
        heartbeats_.beat("watcher", desk_.now(), settings_.watch_every + 5 * settings_.probe_timeout);
        const auto& watched = round->watched[round->next++];
        try {
            co_await look_at(watched);
        } catch (const std::exception& exception) {
            if (is_cancellation(exception)) {
                throw;
            }
            log::write(log::Level::error, "watch_failed",
                       {{"name", watched.name}, {"reason", exception.what()}});
        }
    }
    round->ended.try_send(boost::system::error_code{});
}

asio::awaitable<void> Watcher::look_at(Watched watched) {
    const auto answer = co_await probe_(watched.address, watched.readiness);
    if (answer.has_value() == !watched.unwell) {
        co_return;
    }
    if (answer) {
        const fleet::Fact passed{desk_.now(), fleet::ProbePassed{watched.machine}};
        co_await desk_.tell(watched.name, passed);
    } else {
        const fleet::Fact failed{desk_.now(), fleet::ProbeFailed{watched.machine, answer.error().message}};
        co_await desk_.tell(watched.name, failed);
    }
}

}  // namespace manager
