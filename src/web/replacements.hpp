#pragma once

#include "web/call.hpp"

namespace web {

/// `GET /replacements`.
boost::asio::awaitable<http::Response> list_replacements(Context* context, Call call);

}  // namespace web
