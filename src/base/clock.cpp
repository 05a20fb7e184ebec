#include "base/clock.hpp"

namespace base {

Clock::Clock() : start_(wall_now()), steady_start_(std::chrono::steady_clock::now()) {}

Time Clock::now() const {
    return start_ + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - steady_start_);
}

Time wall_now() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace base
