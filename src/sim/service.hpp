#pragma once

#include <functional>
#include <string>

#include "http/message.hpp"
#include "sim/fault.hpp"
#include "sim/identities.hpp"

namespace sim {

enum class Service { sqs, ec2, route53, sts };

/// The name in a signature's scope.
std::string_view signing_name(Service service);

/// An AWS call whose sender is known.
struct Call {
    http::Request request;
    Principal principal;
    std::string request_id;
    std::function<bool()> caller_is_there;  ///< false once the caller has hung up
};

/// Tells the service by what the protocols give away: X-Amz-Target, the path, the form's Version, and last
/// the scope of the signature.
Service service_of(const http::Request& request);

/// The operation of a call to any but Route 53: `SendMessage`, `DescribeInstances`; else method and path.
std::string operation_of(const http::Request& request);

/// Writes a refusal in the form of the service's protocol.
http::Response write_fault(Service service, const Fault& fault, const std::string& request_id,
                           const http::Request& request);

/// A 200 answer of the XML protocols.
http::Response xml_response(std::string body, const std::string& request_id, int status = 200);

}  // namespace sim
