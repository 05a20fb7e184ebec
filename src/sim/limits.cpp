#include "sim/limits.hpp"

#include "aws/limits.hpp"

namespace sim {

bool Limits::grant(Service service, const std::string& operation, aws::TokenBucket::Point now) {
    if (service != Service::ec2 && service != Service::route53) {
        return true;
    }
    const auto limit =
        aws::limit_of(service == Service::ec2 ? aws::Service::ec2 : aws::Service::route53, operation);
    if (!limit) {
        return true;
    }
    return buckets_.try_emplace(limit->bucket, limit->rate, now).first->second.take(now);
}

}  // namespace sim
