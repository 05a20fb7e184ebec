#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault.hpp"

namespace sim {

/// SQS's checksum of MessageAttributes: MD5 over the attributes in order of their names.
Answer<std::string> attributes_md5(const boost::json::object& attributes);

/// The attributes that a receiver asked for: by name, `All`, or `prefix.*`.
boost::json::object select_attributes(const boost::json::object& attributes,
                                      const std::vector<std::string>& names);

/// Whether a body holds only the characters that XML 1.0 allows, as SQS demands; `body` is UTF-8.
bool valid_message_body(std::string_view body);

}  // namespace sim
