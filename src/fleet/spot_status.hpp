#pragma once

#include <string>

#include "fleet/record.hpp"

namespace fleet {

/// EC2's status of a spot request as a sentence for its user. `status` is EC2's code and message, as in
/// Attempt::status. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html
std::string explain(const Attempt& attempt, const std::string& status);

}  // namespace fleet
