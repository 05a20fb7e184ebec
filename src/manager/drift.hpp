#pragma once

#include "aws/route53.hpp"
#include "manager/desk.hpp"

namespace manager {

/// A DNS name as published: nothing of it is under way.
struct PublishedName {
    std::string name;  ///< of the managed instance
    fleet::Side side = fleet::Side::private_;
    std::string dns_name;
};

/// Looks at what stands in a zone under published names: a fact for each. A listing without the zone's own
/// records is an error: it says nothing about ours.
boost::asio::awaitable<aws::Result<NamedFacts>> look_at_zone(aws::Route53* route53, std::string zone,
                                                             std::vector<PublishedName> names, base::Time now,
                                                             aws::CallOptions options);

}  // namespace manager
