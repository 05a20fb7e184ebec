#pragma once

#include <vector>

#include "aws/ec2.hpp"
#include "manager/executor.hpp"

namespace manager {

/// Asks EC2 for the running machines whose status checks fail or for which AWS has planned something: few, in
/// any account, whatever the number of machines.
boost::asio::awaitable<aws::Result<std::vector<aws::InstanceStatus>>> find_troubled(aws::Ec2* ec2,
                                                                                    aws::CallOptions options);

/// What of it the records do not say yet: checks that fail, or pass again, and changes that are planned.
NamedFacts news_of(const std::vector<aws::InstanceStatus>& troubled, const Records& records,
                   base::Time asked);

}  // namespace manager
