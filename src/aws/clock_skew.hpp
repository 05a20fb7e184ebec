#pragma once

#include <optional>

#include "aws/error.hpp"
#include "base/time.hpp"
#include "http/message.hpp"

namespace aws {

/// How far the server's clock is ahead of that of the signature, when `error` may come from that and the
/// difference (4 minutes or more) is large enough to be the cause. `signed_at` is the time that the refused
/// call was signed with.
std::optional<base::Duration> clock_correction(const Error& error, const http::Headers& answer,
                                               base::Time signed_at);

}  // namespace aws
