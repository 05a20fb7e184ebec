#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/server.hpp"
#include "sim/cloud.hpp"

namespace sim {

/// The HTTP service of all machines: one listener for every loopback address. A machine that is up answers on
/// its own addresses with its id; on any other address the connection is reset.
class MachineWeb {
  public:
    MachineWeb(const boost::asio::any_io_executor& executor, const base::Clock& clock, Cloud& cloud,
               std::uint16_t port);

    base::Result<std::uint16_t> start() { return server_.start(); }
    boost::asio::awaitable<void> stop(base::Duration grace) { return server_.stop(grace); }

    /// Cuts off whoever talks to the machine.
    void reset(const Machine& machine);

  private:
    boost::asio::awaitable<http::Response> handle(http::ServerRequest request);

    const base::Clock& clock_;
    Cloud& cloud_;
    http::Server server_;
};

}  // namespace sim
