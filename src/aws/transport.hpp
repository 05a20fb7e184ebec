#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <functional>

#include "http/client.hpp"

namespace aws {

/// How a request leaves: http::Client::send in the program, a script in tests.
using Send = std::function<boost::asio::awaitable<std::expected<http::Response, http::TransportError>>(
    http::Origin, http::Request, http::CallLimits)>;

/// The client must outlive what it returns.
Send send_by(http::Client& client);

/// Wall time, for signing and for credentials; a test gives its own.
using WallClock = std::function<base::Time()>;

}  // namespace aws
