#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"
#include "sim/faults.hpp"

namespace sim {

/// GET, POST or DELETE of /_sim/faults: the rules then in force. A body is one rule or a list of them, all of
/// which are added or none; the error is a sentence.
base::Result<boost::json::object> answer_faults(Faults& faults, const std::string& method,
                                                const std::string& body);

}  // namespace sim
