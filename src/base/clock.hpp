#pragma once

#include <chrono>

#include "base/time.hpp"

namespace base {

/// The one source of time for decisions: wall time when it was made, then the steady clock, so that it never
/// runs backwards while the program lives. Signing and credentials use wall_now(), since AWS compares wall
/// time.
class Clock {
  public:
    Clock();
    Time now() const;

  private:
    Time start_;
    std::chrono::steady_clock::time_point steady_start_;
};

/// The system's wall clock.
Time wall_now();

}  // namespace base
