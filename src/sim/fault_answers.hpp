#pragma once

#include <optional>

#include "http/message.hpp"
#include "sim/fault.hpp"
#include "sim/faults.hpp"
#include "sim/service.hpp"

namespace sim {

/// The refusal by which a service does not take the call that was struck, in that service's words; nothing
/// for faults that are no refusal.
std::optional<Fault> refusal_of(const Strike& strike, Service service);

/// Makes of the answer of a call that was taken what its sender gets to see.
http::Response spoil(http::Response answer, FaultKind kind);

}  // namespace sim
