#pragma once

#include "web/call.hpp"

namespace web {

/// GET /instances/{name}/explain: in JSON; in lines of text for callers who ask for text/plain.
boost::asio::awaitable<http::Response> show_explanation(Context* context, Call call);

}  // namespace web
