#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace sim {

/// An authoritative DNS server for the simulated zones, over UDP and TCP on one port.
class DnsServer {
  public:
    /// `answer` makes the answer to a query, at most so many bytes; an empty one is not sent.
    using Answer = std::function<std::string(std::string query, std::size_t size_max)>;

    DnsServer(const boost::asio::any_io_executor& executor, Answer answer);
    ~DnsServer();
    DnsServer(const DnsServer&) = delete;
    DnsServer& operator=(const DnsServer&) = delete;

    /// Port 0: any that is free for both. The error names the address and the cause.
    base::Result<std::uint16_t> start(const std::string& address, std::uint16_t port);

    /// Ends every conversation.
    void stop();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace sim
