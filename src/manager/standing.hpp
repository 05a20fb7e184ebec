#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "aws/route53.hpp"

namespace manager {

/// The record sets that stand in a zone under each of these names (without the dot at the end); a name under
/// which nothing stands is not in it. `route53` must outlive it.
boost::asio::awaitable<aws::Result<std::map<std::string, std::vector<aws::ResourceRecordSet>>>> find_standing(
    aws::Route53* route53, std::string zone, std::vector<std::string> names, aws::CallOptions options);

}  // namespace manager
