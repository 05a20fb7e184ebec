#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/ec2.hpp"
#include "aws/query.hpp"

/// What EC2's forms have in common.
namespace aws {

QueryCall ec2_call(std::string operation);

/// `PREFIXTag.1.Key`, `PREFIXTag.1.Value`, ...
void add_tags(QueryCall& call, std::string_view prefix, const Tags& tags);

/// What to launch; what is empty is left out. `prefix` ends with a dot.
void add_launch(QueryCall& call, const std::string& prefix, const LaunchSpecification& launch);

/// One page of a Describe; `parameters` beside filters and paging, as name and value.
Call build_describe(std::string operation, const DescribePageInput& input,
                    const std::map<std::string, std::string>& parameters = {});

}  // namespace aws
