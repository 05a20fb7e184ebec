#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <string>

namespace base {

/// Coroutines that end together: no child outlives its group. For one executor.
class TaskGroup {
  public:
    /// `on_error` gets one sentence for each task that ended by an exception other than cancellation.
    TaskGroup(boost::asio::any_io_executor executor, std::function<void(std::string)> on_error);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Begins the task. Nothing happens once stop() was called.
    void spawn(boost::asio::awaitable<void> task);

    std::size_t size() const { return signals_.size(); }

    /// Cancels every task and returns when all have ended.
    boost::asio::awaitable<void> stop();

  private:
    boost::asio::any_io_executor executor_;
    std::function<void(std::string)> on_error_;
    std::list<boost::asio::cancellation_signal> signals_;
    boost::asio::steady_timer empty_;
    bool stopping_ = false;
};

}  // namespace base
