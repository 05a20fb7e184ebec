#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/server.hpp"
#include "sim/cloud.hpp"
#include "sim/dns_server.hpp"
#include "sim/gateway.hpp"
#include "sim/imds.hpp"
#include "sim/machine_web.hpp"
#include "sim/options.hpp"

namespace sim {

/// The whole simulator on one executor: the account, its servers, and the passing of time.
class Simulator {
  public:
    Simulator(const boost::asio::any_io_executor& executor, Options options);
    ~Simulator();

    /// Makes queues and zones, then listens. The error is one sentence.
    base::Result<void> start();

    /// Ends every conversation; the executor has nothing left to do then.
    boost::asio::awaitable<void> stop();

    /// Variables for a shell: AWS's own, and ours. Known after start().
    std::vector<std::pair<std::string, std::string>> environment();

  private:
    base::Result<void> furnish();
    boost::asio::awaitable<void> let_time_pass();
    http::ServerOptions listen_on(std::uint16_t port) const;

    Options options_;
    base::Clock clock_;
    Cloud cloud_;
    std::string base_url_;
    Gateway gateway_;
    Imds imds_;
    http::Server aws_server_;
    http::Server imds_server_;
    MachineWeb machine_web_;
    DnsServer dns_server_;
    boost::asio::steady_timer timer_;
    bool stopping_ = false;
    std::uint16_t imds_port_ = 0;
    std::uint16_t machine_port_ = 0;
    std::uint16_t dns_port_ = 0;
};

/// Writes `export NAME='value'` lines to a file that appears whole or not at all.
base::Result<void> write_environment(const std::string& file,
                                     const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace sim
