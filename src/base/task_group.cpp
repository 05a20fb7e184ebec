#include "base/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace base {

namespace asio = boost::asio;

TaskGroup::TaskGroup(asio::any_io_executor executor, std::function<void(std::string)> on_error)
    : executor_(std::move(executor)), on_error_(std::move(on_error)), empty_(executor_) {
    empty_.expires_at(asio::steady_timer::time_point::max());
}

void TaskGroup::spawn(asio::awaitable<void> task) {
    if (stopping_) {
        return;
    }
    const auto signal = signals_.emplace(signals_.end());
    const auto ended = [this, signal](const std::exception_ptr& failure) {
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const boost::system::system_error& error) {
            if (error.code() != asio::error::operation_aborted) {
                on_error_(error.what());
            }
        } catch (const std::exception& error) {
            on_error_(error.what());
        }
        signals_.erase(signal);
        if (signals_.empty()) {
            empty_.cancel();
        }
    };
    asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(signal->slot(), ended));
}

asio::awaitable<void> TaskGroup::stop() {
    stopping_ = true;
    // A coroutine that is cancelled before it has begun lets its exception escape: let all begin first.
    co_await asio::post(executor_, asio::use_awaitable);
    for (auto signal = signals_.begin(); signal != signals_.end();) {
        // The task may end, and its signal go, while it is told.
        const auto next = std::next(signal);
        signal->emit(asio::cancellation_type::terminal);
        signal = next;
    }
    while (!signals_.empty()) {
        co_await empty_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

}  // namespace base
