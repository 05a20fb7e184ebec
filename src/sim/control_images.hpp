#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "sim/cloud.hpp"
#include "sim/fault.hpp"

namespace sim {

/// What becomes of the image that is made next. The error is a sentence.
Answer<boost::json::object> decide_next_image(Images& images, const boost::json::object& body);

/// Something that happens to an image: `release` and `fail` end its being pending, `deregister` ends it as a
/// person in the console would.
Answer<void> act_on_image(Images& images, std::string_view id, std::string_view verb);

}  // namespace sim
