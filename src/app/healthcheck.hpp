#pragma once

#include "app/config.hpp"

namespace app {

/// `spot-manager healthcheck`: asks the /healthz of a manager that runs here with these settings, for a
/// container's health check. Gives the exit status: 0 when its loops move, else 1 with a sentence on standard
/// error.
int healthcheck(const Config& config);

}  // namespace app
