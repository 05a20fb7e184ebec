#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "aws/route53.hpp"
#include "fleet/spec.hpp"

namespace manager {

/// Why names that we never wrote must not be written in a zone: a sentence by name for each that has a record
/// which must not be written over. `route53` must outlive it.
boost::asio::awaitable<aws::Result<std::map<std::string, std::string>>> find_objections(
    aws::Route53* route53, std::string zone, std::vector<fleet::DnsName> names, aws::CallOptions options);

}  // namespace manager
