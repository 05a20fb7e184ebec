#pragma once

#include "aws/error.hpp"
#include "base/time.hpp"

/// The standard retry mode of the AWS SDKs, in its revision of 2026.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
namespace aws {

/// Keeps a client whose calls all fail from adding its retries to the trouble. 500 tokens at most and at the
/// start.
class RetryQuota {
  public:
    /// Pays for one retry after `error`; false when there is not enough left.
    bool pay(const Error& error);

    /// A call has succeeded, after its retry for `error`, or at once.
    void refund(const std::optional<Error>& error);

    int tokens() const { return tokens_; }

  private:
    static constexpr int tokens_max = 500;
    int tokens_ = tokens_max;
};

/// Whether the same call again may help, and may be made: `repeatable` says that twice does no harm.
bool may_retry(const Error& error, bool repeatable);

/// How long to wait before retry `retry` (0 is the first); full jitter by `random`, from 0 to 1. What AWS
/// asked for is honoured up to five seconds beyond that.
base::Duration backoff(const Error& error, int retry, double random);

}  // namespace aws
