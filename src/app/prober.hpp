#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "fleet/spec.hpp"
#include "http/client.hpp"

namespace app {

/// Asks a machine whether it is ready, by HTTP or by a TCP connection.
class Prober {
  public:
    /// The client must outlive it, and know no proxy.
    Prober(http::Client& client, base::Duration timeout) : client_(client), timeout_(timeout) {}

    /// True when the probe of `readiness` passes at `address`.
    boost::asio::awaitable<bool> probe(std::string address, fleet::Readiness readiness);

  private:
    boost::asio::awaitable<bool> probe_http(std::string address, fleet::HttpProbe probe);
    boost::asio::awaitable<bool> probe_tcp(std::string address, std::uint16_t port);

    http::Client& client_;
    base::Duration timeout_;
};

}  // namespace app
