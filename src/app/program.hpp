#pragma once

#include <prometheus/registry.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/aws_access.hpp"
#include "app/aws_metrics.hpp"
#include "app/config.hpp"
#include "app/prober.hpp"
#include "app/program_metrics.hpp"
#include "app/start_checks.hpp"
#include "base/task_group.hpp"
#include "manager/actions.hpp"
#include "manager/executor.hpp"
#include "manager/intake.hpp"
#include "manager/sweeper.hpp"
#include "manager/watcher.hpp"
#include "store/store.hpp"
#include "web/api.hpp"

namespace app {

/// Every part of the running program, in the order in which they are made.
class Program {
  public:
    /// All must outlive it.
    Program(boost::asio::io_context& io, const Config& config, std::string_view version, AwsAccess& aws,
            store::Store& store);

    /// Until a signal ends it. Gives the exit status.
    boost::asio::awaitable<int> run();

  private:
    base::Result<void> start_web();
    void observe(const aws::AttemptReport& report);
    boost::asio::awaitable<void> manage();
    boost::asio::awaitable<void> watch(std::string loop, boost::asio::awaitable<void> work);
    boost::asio::awaitable<std::optional<Account>> find_account();
    boost::asio::awaitable<void> warn_of_permissions();
    boost::asio::awaitable<void> adopt();
    boost::asio::awaitable<base::Result<void>> publish(std::string body);
    std::vector<fleet::Forecast> forecast() const;
    web::Backend backend();

    boost::asio::io_context& io_;
    const Config& config_;
    AwsAccess& aws_;
    store::Store& store_;
    manager::Settings settings_;
    base::Clock clock_;
    base::TaskGroup tasks_;
    prometheus::Registry registry_;
    manager::Metrics manager_metrics_;
    AwsMetrics aws_metrics_;
    ProgramMetrics program_metrics_;
    manager::Heartbeats heartbeats_;
    std::map<std::string, std::string> broken_;  ///< loops that a fault of ours has ended, and which
    http::Client probe_http_;
    Prober prober_;
    std::unique_ptr<manager::Desk> desk_;
    std::unique_ptr<manager::DnsPublisher> publisher_;
    std::unique_ptr<manager::Actions> actions_;
    std::unique_ptr<manager::Executor> executor_;
    std::unique_ptr<manager::Intake> intake_;
    std::unique_ptr<manager::Sweeper> sweeper_;
    std::unique_ptr<manager::Watcher> watcher_;
    std::unique_ptr<web::Api> api_;
    std::unique_ptr<http::Server> server_;
    std::optional<std::string> start_trouble_ = "starting";
    std::optional<std::string> fatal_;
    std::string credentials_trouble_;  ///< as AWS last said; empty: they can be used
    std::unique_ptr<boost::asio::signal_set> signals_;
};

}  // namespace app
