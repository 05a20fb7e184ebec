#include "sim/timeline.hpp"

#include <algorithm>
#include <utility>

namespace sim {

void Timeline::after(base::Duration delay, Action action) {
    const auto at = future_.emplace(now_ + delay, std::move(action));
    if (at == future_.begin() && on_earlier) {
        on_earlier();
    }
}

void Timeline::advance_to(base::Time time) {
    while (!future_.empty() && future_.begin()->first <= time) {
        auto due = future_.extract(future_.begin());
        now_ = std::max(now_, due.key());
        due.mapped()();
    }
    now_ = std::max(now_, time);
}

std::optional<base::Time> Timeline::next() const {
    if (future_.empty()) {
        return std::nullopt;
    }
    return future_.begin()->first;
}

}  // namespace sim
