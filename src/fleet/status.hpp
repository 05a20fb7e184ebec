#pragma once

#include <boost/describe/enum.hpp>
#include <string>

#include "fleet/record.hpp"

namespace fleet {

/// What a user sees of a managed instance; derived, the first that fits in this order.
enum class State { paused, pausing, retired, retiring, serving, replacing, booting, requesting, down };
BOOST_DESCRIBE_ENUM(State, paused, pausing, retired, retiring, serving, replacing, booting, requesting, down)

struct Status {
    State state = State::down;
    std::string reason;  ///< one sentence of why
};

Status status_of(const Record& record);

/// The launch that serves: alive, and its addresses accepted by DNS (or ready, where there is no DNS name).
const Launch* serving_launch(const Record& record);

}  // namespace fleet
