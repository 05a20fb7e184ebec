#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.hpp"

namespace web {

/// A command that this process has put into the queue.
struct QueuedCommand {
    std::string uid;
    std::string name;
    std::string payload_sha256;  ///< user data is not kept in memory
    base::Time at;
    std::string command = "register";  ///< the operation
};

/// The newest of them, for callers who ask before the manager has taken theirs. Bounded: the oldest is
/// forgotten first.
class Queued {
  public:
    explicit Queued(std::size_t max = 4096) : max_(max) {}

    void add(QueuedCommand command);

    const QueuedCommand* find(const std::string& uid) const;

    /// The newest one with this name.
    const QueuedCommand* newest_of(const std::string& name) const;

  private:
    std::size_t max_;
    std::deque<std::string> order_;
    std::unordered_map<std::string, QueuedCommand> by_uid_;
    std::unordered_map<std::string, std::string> newest_uid_;
};

}  // namespace web
