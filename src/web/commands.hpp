#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "web/call.hpp"

/// What all changing calls share: a signed command into the queue, and where it can be followed.
namespace web {

/// The 202 for a command: `/registrations/{uid}` for a registration, else `/commands/{uid}`. `state`: queued
/// or accepted.
http::Response accepted(std::string_view command, const std::string& uid, const std::string& name,
                        std::string_view state);

/// The answer for a command that this process has queued a short while ago and the manager has not decided
/// yet. Nothing when there is none: then it is to be queued, anew if need be, in case the first was lost on
/// the way; twice does no harm.
boost::asio::awaitable<std::optional<http::Response>> queued_before(Context* context, std::string command,
                                                                    std::string name, std::string payload);

/// The record that a changing call is about, or the answer: 404 for a name that is not known, 409 for one
/// whose record cannot be read.
boost::asio::awaitable<std::expected<fleet::Record, http::Response>> find_record(Context* context,
                                                                                 std::string name);

/// Signs the command and puts it into the queue: 202 once the queue has it, else 503.
boost::asio::awaitable<http::Response> send_command(Context* context, std::string command, std::string name,
                                                    std::string payload);

/// GET /commands/{uid}: queued, accepted, or refused and why.
boost::asio::awaitable<http::Response> show_command(Context* context, Call call);

/// GET /registrations/{uid}: the same, of a registration.
boost::asio::awaitable<http::Response> show_registration(Context* context, Call call);

}  // namespace web
