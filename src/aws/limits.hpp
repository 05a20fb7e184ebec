#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/endpoints.hpp"
#include "aws/pacer.hpp"

namespace aws {

/// A published limit and the name of what shares it.
struct Limit {
    std::string bucket;
    Rate rate;
};

/// The account's token bucket that a call draws on; nothing where AWS sets no limit worth pacing (SQS, STS).
/// Describes are counted as paged or filtered, which ours always are.
/// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
std::optional<Limit> limit_of(Service service, std::string_view operation);

}  // namespace aws
