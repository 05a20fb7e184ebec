#pragma once

#include <string>
#include <string_view>

namespace sim {

/// `i-0123456789abcdef0`: a prefix and 17 random hexadecimal digits, as EC2's resource ids are.
std::string resource_id(std::string_view prefix);

/// A random UUID (version 4) in lower case, as SQS's message ids and EventBridge's event ids are.
std::string uuid();

/// Random capital letters and digits after a prefix, as the ids of spot requests, zones and access keys are.
std::string alphanumeric_id(std::string_view prefix, std::size_t length);

/// The same for the same text: AWS's unique id of a principal (`AROA...`).
std::string principal_id(std::string_view prefix, std::string_view text);

}  // namespace sim
