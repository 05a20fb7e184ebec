#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>

namespace http {

using Deadline = std::chrono::steady_clock::time_point;

/// Runs `operation` and cancels it at the deadline. Returns only when it has unwound: its own outcome, or
/// `asio::error::timed_out` if it failed after the deadline passed. Throws what the operation throws
/// otherwise.
boost::asio::awaitable<boost::system::error_code> with_deadline(
    Deadline deadline, boost::asio::awaitable<boost::system::error_code> operation);

}  // namespace http
