#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "sim/cloud.hpp"
#include "sim/fault.hpp"

namespace sim {

/// Makes something happen to a machine. A refusal has the status of the control API's answer and a sentence.
Answer<void> act_on_machine(Cloud& cloud, Machine& machine, std::string_view verb,
                            const boost::json::object& body);

}  // namespace sim
