#pragma once

#include "http/message.hpp"
#include "sim/cloud.hpp"
#include "sim/service.hpp"

namespace sim {

/// Route53 in REST XML.
/// https://docs.aws.amazon.com/Route53/latest/APIReference/
http::Response answer_route53(Cloud& cloud, const Call& call);

/// The operation's name, `ChangeResourceRecordSets`; the method of a call that is none.
std::string route53_operation(const http::Request& request);

}  // namespace sim
