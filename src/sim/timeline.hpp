#pragma once

#include <functional>
#include <map>
#include <optional>

#include "base/time.hpp"

namespace sim {

/// What is still to happen, in order of time. The models put their future into it; the program lets time
/// pass, a test jumps.
class Timeline {
  public:
    using Action = std::function<void()>;

    explicit Timeline(base::Time start) : now_(start) {}

    base::Time now() const { return now_; }

    /// Runs `action` at now() + `delay`; actions of one moment run in the order in which they were added.
    void after(base::Duration delay, Action action);

    /// Runs everything that is due until then, each at its own time. A time that has passed is ignored.
    void advance_to(base::Time time);

    /// When the next action is due.
    std::optional<base::Time> next() const;

    /// Called when something is added that is due before everything else.
    std::function<void()> on_earlier;

  private:
    base::Time now_;
    std::multimap<base::Time, Action> future_;
};

}  // namespace sim
