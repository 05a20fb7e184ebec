#pragma once

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "sim/pools.hpp"
#include "sim/quotas.hpp"

namespace sim {

/// Changes a pool's capacity or price as a control call says; gives what it is like now. The error is a
/// sentence.
base::Result<boost::json::object> change_pool(Pools& pools, const boost::json::object& body);

/// The same for the account's quotas; null is none.
base::Result<boost::json::object> change_quotas(Quotas& quotas, const boost::json::object& body);

}  // namespace sim
