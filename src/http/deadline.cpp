#include "http/deadline.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace http {

namespace asio = boost::asio;
using boost::system::error_code;

asio::awaitable<error_code> with_deadline(Deadline deadline, asio::awaitable<error_code> operation) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, deadline);
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, std::move(operation), asio::deferred), timer.async_wait(asio::deferred));
    auto [order, thrown, outcome, timer_error] =
        co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);

    const bool deadline_passed = !timer_error;
    const bool failed = thrown || outcome.failed();
    if (failed && deadline_passed) {
        co_return asio::error::timed_out;
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    co_return outcome;
}

}  // namespace http
