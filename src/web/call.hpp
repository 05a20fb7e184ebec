#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/server.hpp"
#include "web/backend.hpp"
#include "web/queued.hpp"
#include "web/tokens.hpp"

namespace web {

/// What all handlers share.
struct Context {
    Backend backend;
    Tokens tokens;
    bool metrics_open = false;  ///< /metrics without a token
    Queued queued;
};

/// A call that has found its route and may take it.
struct Call {
    http::Request request;
    std::string parameter;                     ///< the part of the path that stands for `{}`
    std::map<std::string, std::string> query;  ///< decoded; a parameter is given at most once
    bool trusted = false;                      ///< may be told more than the world
};

using Handler = boost::asio::awaitable<http::Response> (*)(Context* context, Call call);

/// The call's Accept header names this media type; a wildcard does not.
bool asks_for(const http::Request& request, std::string_view media);

/// The answer when the backend cannot: its sentence goes to the log.
http::Response unavailable(const Context& context, const base::Error& error, std::string sentence);

}  // namespace web
