#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/result.hpp"
#include "fleet/spec.hpp"
#include "http/client.hpp"

namespace app {

/// Asks a machine whether it is ready, by HTTP or by a TCP connection.
class Prober {
  public:
    /// The client must outlive it, and know no proxy.
    Prober(http::Client& client, base::Duration timeout) : client_(client), timeout_(timeout) {}

    /// Whether the probe of `readiness` passes at `address`; the error is why not.
    boost::asio::awaitable<base::Result<void>> probe(std::string address, fleet::Readiness readiness);

  private:
    boost::asio::awaitable<base::Result<void>> probe_http(std::string address, fleet::HttpProbe probe);
    boost::asio::awaitable<base::Result<void>> probe_tcp(std::string address, std::uint16_t port);

    http::Client& client_;
    base::Duration timeout_;
};

}  // namespace app
