#pragma once

#include "web/call.hpp"

namespace web {

/// POST /instances: checks a registration and puts it, signed, into the queue. 202 once the queue has it.
boost::asio::awaitable<http::Response> register_instance(Context* context, Call call);

}  // namespace web
