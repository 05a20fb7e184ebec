#pragma once

#include "base/time.hpp"
#include "http/message.hpp"
#include "sim/fault.hpp"
#include "sim/identities.hpp"
#include "sim/service.hpp"

namespace sim {

/// Checks a call's signature as AWS does: key, session token, scope, time, signature. The refusals have each
/// service's own codes; `region` is the one that is simulated.
Answer<Principal> authenticate(const http::Request& request, Service service, const Identities& identities,
                               const std::string& region, base::Time now);

/// The refusal of a call whose credentials have expired.
Fault expired_credentials(Service service);

/// The key that a call says it is signed with; empty when it says none.
std::string access_key_of(const http::Request& request);

}  // namespace sim
