#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.hpp"

namespace simulation {

using base::Duration;
using base::Time;

/// Virtual time: it jumps from one deed to the next. Deeds of one moment come in the order in which they were
/// put in.
class Timeline {
  public:
    using Deed = std::function<void()>;

    explicit Timeline(Time start) : now_(start) {}

    Time now() const { return now_; }

    void after(Duration wait, Deed deed);

    /// Does the next deed that is due by then. False when there is none: then it is that time.
    bool step(Time until);

  private:
    struct Entry {
        Time when;
        std::uint64_t order = 0;
        Deed deed;
    };
    static bool is_later(const Entry& one, const Entry& other);

    Time now_;
    std::uint64_t order_ = 0;
    std::vector<Entry> entries_;  ///< a heap, the earliest first
};

}  // namespace simulation
