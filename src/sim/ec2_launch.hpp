#pragma once

#include <string>

#include "sim/fault.hpp"
#include "sim/form.hpp"
#include "sim/machines.hpp"
#include "sim/settings.hpp"

namespace sim {

/// Reads the parameters that RunInstances has at its top and RequestSpotInstances under LaunchSpecification.
/// Ids are refused when they are malformed; any well-formed image, subnet or group exists.
Answer<LaunchSpec> read_launch_spec(Form launch, const Settings& settings);

/// Reads `TagSpecification.N` for one resource type. Types other than those of `allowed` are refused.
Answer<Tags> read_tag_specification(const Form& form, const std::string& resource_type,
                                    const std::vector<std::string>& allowed);

/// Reads `Tag.N.Key` and `Tag.N.Value`, with AWS's limits.
Answer<Tags> read_tags(const Form& form);

/// Of all subnets; EC2 would know more than one.
std::string vpc_of_subnets();

/// The zone that a subnet id stands for: always the same one of three.
std::string zone_of_subnet(const std::string& subnet_id, const Settings& settings);

/// The default subnet of a zone.
std::string default_subnet(const std::string& zone);

}  // namespace sim
