#pragma once

#include "http/message.hpp"
#include "sim/service.hpp"
#include "sim/settings.hpp"

namespace sim {

/// STS in the query protocol: GetCallerIdentity.
http::Response answer_sts(const Settings& settings, const Call& call);

}  // namespace sim
