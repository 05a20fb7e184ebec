#pragma once

#include <boost/json/object.hpp>

#include "sim/cloud.hpp"

namespace sim {

/// A machine as GET /_sim/state shows it; no user data, which may hold secrets.
boost::json::object describe(const Machine& machine);

/// Everything: machines, spot requests, queues with their counts, zones with what the API and what the name
/// servers say.
boost::json::object describe(Cloud& cloud);

}  // namespace sim
