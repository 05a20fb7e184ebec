#pragma once

#include "http/server.hpp"
#include "sim/cloud.hpp"

namespace sim {

/// What the control API can do, a line each, for --help and the start.
extern const char* const control_summary;
/// The faults that can be played, for --help.
extern const char* const fault_summary;

/// Lets a person or a test play the part of AWS and of the machines: unsigned, from loopback only, JSON.
http::Response answer_control(Cloud& cloud, const http::ServerRequest& request);

}  // namespace sim
