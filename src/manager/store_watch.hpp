#pragma once

#include <boost/asio/awaitable.hpp>

#include "manager/desk.hpp"
#include "manager/heartbeat.hpp"

namespace manager {

/// Beats while the storage thread answers, and tries to write while nothing can be written, so that it is
/// seen when that is over though nothing happens. Until it is cancelled; all must outlive it.
boost::asio::awaitable<void> watch_store(store::Store* store, const base::Clock* clock,
                                         Heartbeats* heartbeats);

}  // namespace manager
