#pragma once

#include "web/call.hpp"

namespace web {

/// GET / for browsers: the page. It holds no data; it reads the API with the token that its reader gives it.
boost::asio::awaitable<http::Response> show_page(Context* context, Call call);

}  // namespace web
