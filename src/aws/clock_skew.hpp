#pragma once

#include <optional>

#include "aws/error.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

namespace aws {

/// Reads `Thu, 15 Jan 2026 12:00:00 GMT` (RFC 9110, 5.6.7). Nothing when malformed.
std::optional<base::Time> parse_http_date(std::string_view text);

/// How far the server's clock is ahead of that of the signature, when `error` may come from that and the
/// difference (4 minutes or more) is large enough to be the cause. `signed_at` is the time that the refused
/// call was signed with.
std::optional<base::Duration> clock_correction(const Error& error, const http::Headers& answer,
                                               base::Time signed_at);

}  // namespace aws
