#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "http/client.hpp"
#include "http/message.hpp"

namespace aws {

/// What a failure means to the caller, whatever the service and its words. Nobody above this room reads a
/// status or a code to decide.
enum class ErrorClass {
    throttled,   ///< too fast; later
    transient,   ///< the service or the network failed; later
    clock,       ///< our time is wrong and could not be corrected
    auth,        ///< the credentials are missing, unknown or expired
    permission,  ///< the credentials are good, but this is not allowed to them
    /// What the call names does not exist, or is too young to be seen: EC2 says both with one code, and only
    /// the caller knows how lately the thing was made.
    not_found,
    not_yet_visible,  ///< it exists, but cannot be used yet: later
    capacity,         ///< AWS has no such machine there now: another pool, or later
    quota,            ///< a limit of the account is reached
    conflict,         ///< the thing is in another state: read it, then decide
    mismatch,         ///< an idempotency token was used before, with other parameters or for what is gone
    invalid,          ///< the call is wrong; a repeat cannot help
};

std::string_view to_string(ErrorClass kind);

/// Why a call to AWS gave no answer that can be used.
struct Error {
    ErrorClass kind = ErrorClass::transient;
    std::string code;     ///< AWS's own, `InvalidInstanceID.NotFound`; or ours, such as `Timeout`
    std::string message;  ///< AWS's sentence, or ours
    int status = 0;       ///< of HTTP; 0 when no answer came
    std::string request_id;
    std::vector<std::string> details;           ///< each fault that Route 53 finds in a change batch
    bool outcome_unknown = false;               ///< AWS may have carried the call out
    std::optional<base::Duration> retry_after;  ///< what AWS asked for
};

/// `code: message (status 400, request 8f77...)`, for logs and people.
std::string describe(const Error& error);

template <class T>
using Result = std::expected<T, Error>;

/// The class of an error answer: by its code first, since a status alone misleads, then by status.
ErrorClass classify(std::string_view code, std::string_view message, int status);

/// Reads an error answer of any of the protocols: JSON, EC2's, the query protocol's, REST XML, Route 53's
/// bare InvalidChangeBatch, and what is none of these.
Error error_of(const http::Response& response);

Error error_of(const http::TransportError& failure);

/// For an answer that came with success and cannot be read; `what` is a sentence. Its outcome is unknown.
std::unexpected<Error> unreadable(std::string what);

}  // namespace aws
