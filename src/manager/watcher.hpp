#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "manager/actions.hpp"
#include "manager/executor.hpp"
#include "manager/heartbeat.hpp"

namespace manager {

/// Probes the machines that have been ready, and tells only what has changed: a probe that fails where it
/// passed, and one that passes again.
class Watcher {
  public:
    /// All must outlive it.
    Watcher(Desk& desk, const Executor& executor, Probe probe, base::TaskGroup& tasks, Heartbeats& heartbeats,
            const Settings& settings);

    /// At once and then every `watch_every`, until it is cancelled.
    boost::asio::awaitable<void> run();

    /// Each watched machine once.
    boost::asio::awaitable<void> look();

  private:
    struct Watched;
    struct Round;

    std::vector<Watched> watched() const;
    boost::asio::awaitable<void> probe_some(std::shared_ptr<Round> round);
    boost::asio::awaitable<void> look_at(Watched watched);

    Desk& desk_;
    const Executor& executor_;
    Probe probe_;
    base::TaskGroup& tasks_;
    Heartbeats& heartbeats_;
    const Settings& settings_;
};

}  // namespace manager
