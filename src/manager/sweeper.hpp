#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "aws/ec2.hpp"
#include "manager/desk.hpp"
#include "manager/executor.hpp"
#include "manager/heartbeat.hpp"

namespace manager {

/// Events are best effort: looks at all our spot requests and machines every while and tells what it sees, so
/// that with the queue silent the fleet converges all the same.
class Sweeper {
  public:
    /// All must outlive it.
    Sweeper(Desk& desk, aws::Ec2& ec2, const Executor& executor, Heartbeats& heartbeats,
            const Settings& settings, Metrics& metrics);

    /// At once and then every `sweep_every`, until it is cancelled.
    boost::asio::awaitable<void> run();

    /// One look; false when not everything could be seen or what was seen could not be stored.
    boost::asio::awaitable<bool> sweep();

  private:
    struct Known {
        std::string name;
        std::string id;
    };

    boost::asio::awaitable<std::optional<std::vector<std::pair<std::string, fleet::Fact>>>> look_at_requests(
        std::vector<Known> requests);
    boost::asio::awaitable<std::optional<std::vector<std::pair<std::string, fleet::Fact>>>> look_at_machines(
        std::vector<Known> machines);

    Desk& desk_;
    aws::Ec2& ec2_;
    const Executor& executor_;
    Heartbeats& heartbeats_;
    const Settings& settings_;
    Metrics& metrics_;
};

}  // namespace manager
