#include "fleet/forecast.hpp"

#include <algorithm>
#include <cmath>

#include "fleet/launch.hpp"
#include "fleet/urgency.hpp"

namespace fleet {
namespace {

/// What a machine is taken to need that never showed it.
constexpr Duration boot_unknown = std::chrono::seconds{60};

std::optional<Time> requested(const Launch& launch) {
    const auto* attempt = newest_attempt(launch);
    return attempt && !attempt->closed ? attempt->answered : std::nullopt;
}

std::optional<Duration> last_boot(const Record& record) {
    for (auto launch = record.launches.rbegin(); launch != record.launches.rend(); ++launch) {
        if (const auto since = requested(*launch); since && launch->ready) {
            return std::max(*launch->ready - *since, Duration::zero());
        }
    }
    return std::nullopt;
}

/// After so many others of the same rate.
Time leaves(std::size_t place, const Pace& pace, Time now) {
    const double after = static_cast<double>(place + 1) - pace.at_once;
    if (after <= 0 || pace.per_second <= 0) {
        return now;
    }
    return now + Duration{std::llround(std::min(after / pace.per_second, 86'400.0) * 1000)};
}

}  // namespace

std::optional<Replacement> replacement_of(const Record& record) {
    const auto when = needed_by(record);
    if (!when || record.launches.empty()) {
        return std::nullopt;
    }
    const auto& next = record.launches.back();
    Replacement replacement{.name = record.name(), .needed_by = *when, .boot = last_boot(record)};
    if (const auto* attempt = newest_attempt(next)) {
        replacement.by = attempt->by;
    }
    if (next.lost || next.claim || next.notice) {
        // The next launch is not chosen yet.
        return replacement;
    }
    if (next.ready) {
        return std::nullopt;
    }
    replacement.requested = requested(next);
    if (next.machine) {
        replacement.stage = Stage::booting;
    } else if (replacement.requested) {
        replacement.stage = Stage::requested;
    }
    return replacement;
}

std::vector<Forecast> forecast(std::vector<Replacement> replacements, const Paces& paces, Time now) {
    std::ranges::sort(replacements, {},
                      [](const Replacement& one) { return std::tie(one.needed_by, one.name); });
    std::vector<Forecast> forecasts;
    forecasts.reserve(replacements.size());
    std::map<Asking, std::size_t> before;
    for (auto& one : replacements) {
        const auto pace = paces.find(one.by);
        const auto since = one.stage == Stage::waiting
                               ? leaves(before[one.by]++, pace == paces.end() ? Pace{} : pace->second, now)
                               : one.requested.value_or(now);
        const auto ready = std::max(now, since + one.boot.value_or(boot_unknown));
        const bool late = ready > one.needed_by;
        forecasts.push_back({.replacement = std::move(one), .ready = ready, .late = late});
    }
    return forecasts;
}

Progress progress_of(const std::vector<Forecast>& forecasts) {
    Progress progress;
    for (const auto& one : forecasts) {
        ++(one.replacement.stage == Stage::waiting ? progress.waiting : progress.under_way);
        progress.late += one.late ? 1 : 0;
    }
    return progress;
}

}  // namespace fleet
