#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.hpp"

namespace aws {

/// A point of steady time by which a call must have ended, whatever it does on the way. It goes down the
/// calls and can only come nearer.
class Deadline {
  public:
    using Point = std::chrono::steady_clock::time_point;

    static Deadline in(base::Duration duration) {
        return Deadline(std::chrono::steady_clock::now() + duration);
    }

    /// For a wait that only cancellation ends.
    static Deadline never() { return Deadline(Point::max()); }

    Point point() const { return point_; }

    /// Zero when it has passed.
    base::Duration remaining() const {
        const auto left = point_ - std::chrono::steady_clock::now();
        return std::max(std::chrono::ceil<base::Duration>(left), base::Duration::zero());
    }

    Deadline no_later_than(Deadline other) const { return Deadline(std::min(point_, other.point_)); }

  private:
    explicit Deadline(Point point) : point_(point) {}

    Point point_;
};

}  // namespace aws
