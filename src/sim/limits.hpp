#pragma once

#include <map>
#include <string>

#include "aws/pacer.hpp"
#include "sim/service.hpp"

namespace sim {

/// The rates of calls that AWS grants an account: a token bucket for each of EC2's operations, and one for
/// all of Route 53. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
/// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
class Limits {
  public:
    /// Takes the call's token; false when there is none left.
    bool grant(Service service, const std::string& operation, aws::TokenBucket::Point now);

  private:
    std::map<std::string, aws::TokenBucket> buckets_;
};

}  // namespace sim
