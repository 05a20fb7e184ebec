#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "aws/route53.hpp"
#include "base/result.hpp"

namespace manager {

/// The id of the hosted zone with the longest name that `name` ends in, among private zones or among public
/// ones. The error says that there is none, that two have the same name, or what Route 53 answered. `route53`
/// must outlive it.
boost::asio::awaitable<base::Result<std::string>> find_hosted_zone(aws::Route53* route53, std::string name,
                                                                   bool private_zone,
                                                                   aws::CallOptions options);

}  // namespace manager
