#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "base/time.hpp"

namespace simulation {

using base::Duration;
using base::Time;

/// Everything that a simulation leaves to chance: the same seed gives the same life.
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    bool percent(double percent) { return unit() * 100 < percent; }

    /// From 0 to 1, without 1.
    double unit() { return static_cast<double>(random_() >> 11U) * 0x1.0p-53; }

    Duration between(Duration shortest, Duration longest) {
        return shortest + Duration{static_cast<std::int64_t>(
                              below(static_cast<std::uint64_t>((longest - shortest).count()) + 1))};
    }

    /// The time until something that happens once in `mean` on average, whatever has been.
    Duration once_in(Duration mean) {
        return Duration{static_cast<std::int64_t>(-std::log(1 - unit()) * static_cast<double>(mean.count()))};
    }

    template <class Value>
    const Value& one_of(const std::vector<Value>& values) {
        return values[below(values.size())];
    }

  private:
    std::mt19937_64 random_;
};

}  // namespace simulation
