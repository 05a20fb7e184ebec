#pragma once

#include "web/call.hpp"

/// What has happened, and what became of messages.
namespace web {

/// GET /instances/{name}/history: a name's history in pages, newest first.
boost::asio::awaitable<http::Response> show_history(Context* context, Call call);

/// GET /messages: the history of all names, of one machine where it is named; or the messages that could not
/// be used.
boost::asio::awaitable<http::Response> list_messages(Context* context, Call call);

/// GET /messages/{id}: whether a message was taken in, and when.
boost::asio::awaitable<http::Response> show_message(Context* context, Call call);

}  // namespace web
