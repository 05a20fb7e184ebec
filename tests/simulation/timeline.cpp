#include "simulation/timeline.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace simulation {

bool Timeline::is_later(const Entry& one, const Entry& other) {
    return std::tie(one.when, one.order) > std::tie(other.when, other.order);
}

void Timeline::after(Duration wait, Deed deed) {
    entries_.push_back({now_ + std::max(wait, Duration{0}), order_++, std::move(deed)});
    std::ranges::push_heap(entries_, is_later);
}

bool Timeline::step(Time until) {
    if (entries_.empty() || entries_.front().when > until) {
        now_ = std::max(now_, until);
        return false;
    }
    std::ranges::pop_heap(entries_, is_later);
    const auto entry = std::move(entries_.back());
    entries_.pop_back();
    now_ = entry.when;
    entry.deed();
    return true;
}

}  // namespace simulation
