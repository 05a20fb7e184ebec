#include "sim/fault_answers.hpp"

namespace sim {

namespace {

/// More than any client of ours reads.
constexpr std::size_t oversized_bytes = 17UZ * 1024 * 1024;

Fault throttled(Service service) {
    switch (service) {
        case Service::ec2:
            return {.code = "RequestLimitExceeded", .message = "Request limit exceeded.", .status = 503};
        case Service::sqs:
            return {.code = "RequestThrottled",
                    .message = "The request was denied due to request throttling."};
        case Service::route53:
        case Service::sts:
            break;
    }
    return {.code = "Throttling", .message = "Rate exceeded"};
}

Fault unavailable(Service service) {
    if (service == Service::ec2) {
        return {.code = "Unavailable",
                .message = "The server is overloaded and can't handle the request.",
                .status = 503};
    }
    return {.code = "ServiceUnavailable",
            .message = "The request has failed due to a temporary failure of the server.",
            .status = 503};
}

Fault access_denied(Service service) {
    switch (service) {
        case Service::ec2:
            return {.code = "UnauthorizedOperation",
                    .message = "You are not authorized to perform this operation.",
                    .status = 403};
        case Service::sqs:
            return {.code = "AccessDeniedException",
                    .message = "User is not authorized to perform this action on this resource."};
        case Service::route53:
        case Service::sts:
            break;
    }
    return {.code = "AccessDenied",
            .message = "User is not authorized to perform this action on this resource.",
            .status = 403};
}

}  // namespace

std::optional<Fault> refusal_of(const Strike& strike, Service service) {
    switch (strike.kind) {
        case FaultKind::throttle:
            return throttled(service);
        case FaultKind::unavailable:
            return unavailable(service);
        case FaultKind::access_denied:
            return access_denied(service);
        case FaultKind::error:
            return Fault{.code = strike.code, .message = "The simulator was told to answer this."};
        default:
            return std::nullopt;
    }
}

http::Response spoil(http::Response answer, FaultKind kind) {
    switch (kind) {
        case FaultKind::reset_after:
            answer.sending = http::Sending::reset;
            break;
        case FaultKind::cut:
            answer.sending = http::Sending::cut;
            break;
        case FaultKind::close:
            answer.sending = http::Sending::close_after;
            break;
        case FaultKind::oversized:
            answer.body.append(oversized_bytes, ' ');
            break;
        case FaultKind::html:
            answer = {.status = 200,
                      .headers = {{"Content-Type", "text/html"}},
                      .body = "<!DOCTYPE html><html><body><h1>Welcome</h1><br>Please sign in.</body></html>"};
            break;
        default:
            break;
    }
    return answer;
}

}  // namespace sim
