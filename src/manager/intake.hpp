#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "aws/sqs.hpp"
#include "base/task_group.hpp"
#include "manager/desk.hpp"
#include "manager/heartbeat.hpp"

namespace manager {

/// Takes messages from the queue: receive, decide in one transaction, and only then delete. One receiver
/// waits for what comes; while batches come full, up to `receivers_max` work side by side.
class Intake {
  public:
    /// All must outlive it.
    Intake(aws::Sqs& sqs, Desk& desk, base::TaskGroup& tasks, Heartbeats& heartbeats,
           const Settings& settings, Metrics& metrics);

    /// Until it is cancelled.
    boost::asio::awaitable<void> run();

    /// Why the last receive or the last commit failed; nothing while all is well.
    const std::optional<std::string>& trouble() const { return trouble_; }

  private:
    /// The messages whose effect is durable, to be deleted; and why the store took none.
    struct Decided {
        std::vector<aws::DeleteEntry> done;
        std::optional<std::string> trouble;
    };

    /// What came of one receive: why it failed, or whether more is likely to be waiting.
    struct Turn {
        std::optional<std::string> trouble;
        bool full = false;
    };

    boost::asio::awaitable<Turn> take_turn();
    boost::asio::awaitable<Turn> receive(base::Duration wait);
    boost::asio::awaitable<void> help();
    void call_help();
    boost::asio::awaitable<Decided> decide(std::vector<aws::Message> messages);
    boost::asio::awaitable<base::Result<fleet::Effects>> decide_together(std::vector<aws::Message> messages);
    boost::asio::awaitable<std::optional<std::string>> store_trouble();
    void leave(const std::vector<aws::Message>& messages, const std::string& reason);
    boost::asio::awaitable<void> remove(std::vector<aws::DeleteEntry> entries);

    aws::Sqs& sqs_;
    Desk& desk_;
    base::TaskGroup& tasks_;
    Heartbeats& heartbeats_;
    const Settings& settings_;
    Metrics& metrics_;
    std::size_t helpers_ = 0;
    std::optional<std::string> trouble_;
};

}  // namespace manager
