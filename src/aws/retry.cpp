#include "aws/retry.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace aws {
namespace {

int cost(const Error& error) {
    return error.kind == ErrorClass::throttled ? 5 : 14;
}

}  // namespace

bool RetryQuota::pay(const Error& error) {
    if (tokens_ < cost(error)) {
        return false;
    }
    tokens_ -= cost(error);
    return true;
}

void RetryQuota::refund(const std::optional<Error>& error) {
    tokens_ = std::min(tokens_max, tokens_ + (error ? cost(*error) : 1));
}

bool may_retry(const Error& error, bool repeatable) {
    const bool passes = error.kind == ErrorClass::throttled || error.kind == ErrorClass::transient;
    return passes && (repeatable || !error.outcome_unknown);
}

base::Duration backoff(const Error& error, int retry, double random) {
    constexpr double seconds_max = 20;
    constexpr base::Duration extra_max = std::chrono::seconds{5};
    const double first = error.kind == ErrorClass::throttled ? 1 : 0.05;
    const double seconds = random * std::min(std::ldexp(first, retry), seconds_max);
    const auto pause = std::chrono::ceil<base::Duration>(std::chrono::duration<double>(seconds));
    return std::max(pause, std::min(error.retry_after.value_or(pause), pause + extra_max));
}

}  // namespace aws
