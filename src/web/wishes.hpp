#pragma once

#include <optional>
#include <string>

#include "fleet/record.hpp"
#include "web/call.hpp"

/// What users ask for a name that goes on.
namespace web {

/// POST /instances/{name}/replace: another machine, though this one is well.
boost::asio::awaitable<http::Response> replace_machine(Context* context, Call call);

/// POST /instances/{name}/pause: the machine is given back until the name is resumed.
boost::asio::awaitable<http::Response> pause_instance(Context* context, Call call);

/// POST /instances/{name}/resume
boost::asio::awaitable<http::Response> resume_instance(Context* context, Call call);

/// PUT /instances/{name}: another spec, for the next launch, or with `?replace=true` for one at once.
boost::asio::awaitable<http::Response> update_instance(Context* context, Call call);

/// What these have in common: a command that says no more than its name. `problem_of`: why the name cannot
/// take it now.
boost::asio::awaitable<http::Response> wish(Context* context, Call call, std::string command,
                                            std::optional<std::string> (*problem_of)(const fleet::Record&));

}  // namespace web
