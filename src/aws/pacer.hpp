#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "aws/deadline.hpp"

namespace aws {

/// Who goes first where calls have to wait: the smallest number, equal ones in order of arrival. A time of
/// need in milliseconds since 1970 serves well for what has one, and goes before everything else.
using Priority = std::int64_t;
inline constexpr Priority priority_normal = Priority{1} << 60;
inline constexpr Priority priority_background = Priority{1} << 61;

/// How fast calls can leave: so many at once, so many a second from then on.
struct Rate {
    double burst = 1;
    double per_second = 1;
};

/// A token bucket, without a clock of its own. After a throttling answer it is empty and fills at half its
/// speed; each second without another one brings a tenth of the full speed back.
class TokenBucket {
  public:
    using Point = std::chrono::steady_clock::time_point;

    TokenBucket(Rate rate, Point now);

    bool take(Point now);
    /// What can be taken at once now, and at which speed from then on.
    Rate pace(Point now);
    /// When there will be a token.
    Point next(Point now);
    void throttled(Point now);

  private:
    void refill(Point now);

    Rate rate_;
    double tokens_;
    double speed_ = 1;  ///< share of the published rate, 0.1 to 1
    Point updated_;
};

/// Makes callers wait for a bucket's tokens. For one executor.
class Pacer {
  public:
    Pacer(boost::asio::any_io_executor executor, Rate rate);
    ~Pacer();
    Pacer(const Pacer&) = delete;
    Pacer& operator=(const Pacer&) = delete;

    /// True with a token taken; false when the deadline came first. Cancellation gives up the place.
    boost::asio::awaitable<bool> wait(Priority priority, Deadline deadline);

    /// AWS said that we are too fast.
    void throttled();

    /// How fast calls can leave from now on; those that wait already come first.
    Rate pace() const;

    std::size_t waiting() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace aws
