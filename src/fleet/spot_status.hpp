#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>

#include "fleet/record.hpp"

namespace fleet {

/// EC2's status of a spot request as a sentence for its user. `status` is EC2's code and message, as in
/// Attempt::status. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html
std::string explain(const Attempt& attempt, const std::string& status);

/// Why an attempt gave no machine.
enum class Failure { capacity, price, quota, permission, other };
BOOST_DESCRIBE_ENUM(Failure, capacity, price, quota, permission, other)

/// Of an attempt that is closed, by its status: EC2's code, or a sentence with it.
Failure failure_of(const std::string& status);

/// So long after its notice AWS takes a machine.
inline constexpr Duration notice_time = std::chrono::minutes{2};

/// What AWS does with a machine whose spot request has this status, `terminate` or `stop`: the request is
/// marked at once, and the machine runs on for the time of the notice. Nothing while it is left alone, or
/// when it was ended by its user.
std::optional<std::string> interruption_of(const std::string& status);

}  // namespace fleet
