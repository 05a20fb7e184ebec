#include "sim/past.hpp"

#include <algorithm>

namespace sim {

namespace {
constexpr base::Duration apart = std::chrono::milliseconds{100};
constexpr std::size_t moments_max = 50;
}  // namespace

void Past::remember(const Shown& now) {
    if (!moments_.empty() && now.time - moments_.back().time < apart) {
        return;
    }
    moments_.push_back({.time = now.time,
                        .machines = now.machines,
                        .spot_requests = now.spot_requests,
                        .images = now.images,
                        .snapshots = now.snapshots});
    if (moments_.size() > moments_max) {
        moments_.pop_front();
    }
}

Shown Past::at(base::Time time) const {
    const auto later = std::ranges::upper_bound(moments_, time, {}, &Moment::time);
    const auto& moment = later == moments_.begin() ? moments_.front() : *std::prev(later);
    return {.time = moment.time,
            .machines = moment.machines,
            .spot_requests = moment.spot_requests,
            .images = moment.images,
            .snapshots = moment.snapshots};
}

}  // namespace sim
