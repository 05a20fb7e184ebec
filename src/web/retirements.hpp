#pragma once

#include "web/call.hpp"

namespace web {

/// DELETE /instances/{name}?keep_machine=: puts the word that the name is to go, signed, into the queue. 202
/// once the queue has it.
boost::asio::awaitable<http::Response> retire_instance(Context* context, Call call);

}  // namespace web
