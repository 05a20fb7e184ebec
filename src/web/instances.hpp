#pragma once

#include "web/call.hpp"

namespace web {

/// GET /instances: names with what a user wants to know of each, in pages.
boost::asio::awaitable<http::Response> list_instances(Context* context, Call call);

/// GET /instances/{name}: everything known of one.
boost::asio::awaitable<http::Response> show_instance(Context* context, Call call);

}  // namespace web
