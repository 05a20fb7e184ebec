#pragma once

#include "app/config.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace app {

/// What the manager that runs on this host with these settings answers. The error says why there is no
/// answer.
base::Result<http::Response> ask_manager(const Config& config, http::Request request);

/// Where a server that listens on `address` is reached from its own host: a wildcard means loopback.
std::string address_to_ask(const std::string& address);

}  // namespace app
