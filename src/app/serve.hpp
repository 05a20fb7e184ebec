#pragma once

#include <string_view>

#include "app/config.hpp"

namespace app {

/// Runs the manager until SIGTERM or SIGINT. Returns the exit status: 0 after a clean end, 2 with one
/// sentence on standard error when it cannot begin.
int serve(const Config& config, std::string_view version);

}  // namespace app
