#include "fleet/fallback.hpp"

#include <algorithm>

#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "fleet/pending.hpp"
#include "fleet/plan.hpp"
#include "fleet/window.hpp"

namespace fleet {
namespace {

constexpr const char* way_back_key = "back_to_spot";
constexpr Duration spot_has_at_least = std::chrono::seconds{30};

Time month_of(Time when) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(when)};
    return std::chrono::sys_days{day.year() / day.month() / 1};
}

/// `2026-01`.
std::string month_name(Time when) {
    return base::format_time(when).substr(0, 7);
}

/// The part of a launch's time on-demand that lies between two points in time.
Duration time_between(const Launch& launch, Time from, Time to) {
    if (!launch.given || market_of(launch) != Market::on_demand) {
        return {};
    }
    for (const auto& end : {launch.terminated, launch.lost, launch.released}) {
        to = std::min(to, end.value_or(to));
    }
    return std::max(Duration{0}, to - std::max(from, *launch.given));
}

Duration hours_max(const Record& record) {
    return std::chrono::hours{record.spec.fallback.value_or(Fallback{}).max_hours_per_month};
}

std::optional<Window> window_of(const Record& record) {
    const auto fallback = record.spec.fallback.value_or(Fallback{});
    if (!fallback.return_window) {
        return std::nullopt;
    }
    const auto window = parse_window(*fallback.return_window);
    return window ? std::optional{*window} : std::nullopt;
}

/// Its own machine may be ended first only where the user has named a time for it.
bool may_return(const Record& record) {
    return record.intent == Intent::running &&
           (record.spec.replace == Order::launch_first || window_of(record));
}

/// The on-demand launch that a spot machine is wanted for.
const Launch* stopgap(const Record& record) {
    const auto* launch = ready_launch(record);
    return launch && market_of(*launch) == Market::on_demand ? launch : nullptr;
}

bool is_way_back(const Record& record, const Launch& launch) {
    return launch.reason == Reason::back_to_spot && !launch.machine &&
           std::ranges::any_of(record.launches, [&](const Launch& other) {
               return other.generation < launch.generation && is_alive(other) && !other.notice;
           });
}

/// A machine of the name serves on, and as well as ever: nobody is in need of this launch.
bool can_wait_for_spot(const Record& record, const Launch& launch) {
    const bool is_needed =
        !is_voluntary(launch.reason) || launch.reason == Reason::unwell || launch.reason == Reason::impaired;
    const auto* serving = ready_launch(record);
    return !is_needed && !launch.machine && serving && serving->generation < launch.generation &&
           !serving->notice;
}

const Launch* find_way_back(const Record& record) {
    const auto found = std::ranges::find_if(
        record.launches, [&](const Launch& launch) { return !launch.lost && is_way_back(record, launch); });
    return found == record.launches.end() ? nullptr : &*found;
}

/// The user's window lies open, or there is none, or the hours of the month are used up.
bool is_time_for_it(const Record& record, Time now) {
    const auto window = window_of(record);
    return !window || is_within(*window, now) || on_demand_time(record, now) >= hours_max(record);
}

void give_up(Step& step, Launch& launch, Time now, const Policy& policy) {
    auto& record = step.record;
    const auto* attempt = newest_attempt(launch);
    auto& retry = record.retries[way_back_key];
    ++retry.tries;
    retry.not_before = now + backoff(record.uid, way_back_key, retry.tries + 1, policy.back_to_spot_first,
                                     policy.back_to_spot_max);
    retry.error = attempt && !attempt->status.empty() ? attempt->status : "the time for it is over";
    note(step, now, "back_to_spot_failed",
         "there is no way back to spot now (" + retry.error + "); the on-demand machine stays", &launch);
    launch.lost = now;
    launch.terminated = now;
    for (auto& other : record.launches) {
        if (other.demand && other.demand->reason == Reason::back_to_spot) {
            other.demand.reset();
        }
    }
}

}  // namespace

Market market_of(const Launch& launch) {
    const auto* attempt = newest_attempt(launch);
    return attempt ? attempt->pool.market : Market::spot;
}

Duration on_demand_time(const Record& record, Time now) {
    const auto kept = record.on_demand_time.find(month_name(now));
    Duration sum = kept == record.on_demand_time.end() ? Duration{0} : kept->second;
    for (const auto& launch : record.launches) {
        sum += time_between(launch, month_of(now), now);
    }
    return sum;
}

bool may_go_on_demand(const Record& record, Time now) {
    return record.spec.fallback && on_demand_time(record, now) < hours_max(record);
}

std::optional<Time> fallback_at(const Record& record, const Launch& launch) {
    if (!record.spec.fallback || is_test(launch) || can_wait_for_spot(record, launch)) {
        return std::nullopt;
    }
    return launch.started + record.spec.fallback->after;
}

std::optional<Time> better_at(const Record& record, const Launch& launch, const Attempt& attempt) {
    if (is_way_back(record, launch)) {
        return way_back_until(record, attempt.chosen);
    }
    auto when = fallback_at(record, launch);
    if (when && attempt.number == 1) {
        // Where the time was over before anybody could ask, spot has a moment all the same.
        when = std::max(*when, attempt.chosen + std::min(record.spec.fallback->after, spot_has_at_least));
    }
    const bool later = when && (*when > attempt.chosen || attempt.number == 1);
    return later && may_go_on_demand(record, *when) ? when : std::nullopt;
}

std::optional<Time> way_back_at(const Record& record, Time now) {
    const auto* launch = stopgap(record);
    const auto retry = record.retries.find(way_back_key);
    if (!launch || launch->demand || !may_return(record) || retry == record.retries.end() ||
        find_way_back(record)) {
        return std::nullopt;
    }
    const Time when = retry->second.not_before;
    const auto window = window_of(record);
    if (!window || is_within(*window, std::max(when, now))) {
        return when;
    }
    // It is sought at once when the hours are used up.
    const auto left = std::max(Duration{0}, hours_max(record) - on_demand_time(record, now));
    return std::min(next_begin(*window, std::max(when, now)), std::max(when, now + left));
}

std::optional<Time> way_back_until(const Record& record, Time now) {
    const auto window = window_of(record);
    const auto wanted = [](const Launch& launch) {
        return launch.demand && launch.demand->reason == Reason::back_to_spot;
    };
    if (!window || !std::ranges::any_of(record.launches, wanted) ||
        on_demand_time(record, now) >= hours_max(record)) {
        return std::nullopt;
    }
    return next_begin(Window{window->to, window->from}, now);
}

void see_way_back(Step& step, Time now, const Policy& policy) {
    auto& record = step.record;
    for (auto& launch : record.launches) {
        if (launch.lost || !is_way_back(record, launch)) {
            continue;
        }
        auto* attempt = newest_attempt(launch);
        const bool unsent = attempt && !attempt->sent && !attempt->closed;
        if (unsent && !is_time_for_it(record, now)) {
            attempt->closed = now;
        }
        if (attempt && attempt->closed) {
            give_up(step, launch, now, policy);
        }
    }
    const auto* found = stopgap(record);
    if (!found) {
        if (std::ranges::none_of(record.launches, [](const Launch& launch) {
                return is_alive(launch) && market_of(launch) == Market::on_demand;
            })) {
            record.retries.erase(way_back_key);
        }
        return;
    }
    auto& launch = *find_by_generation(record, found->generation);
    if (!record.retries.contains(way_back_key)) {
        record.retries[way_back_key] = {
            .tries = 0, .not_before = *launch.ready + policy.back_to_spot_first, .error = ""};
    }
    if (const auto when = way_back_at(record, now); when && *when <= now) {
        launch.demand =
            Demand{Reason::back_to_spot, now,
                   "machine " + *launch.machine + " is on-demand, and spot may have capacity again"};
    } else if (launch.demand && launch.demand->reason == Reason::back_to_spot && !find_way_back(record) &&
               newest_that_counts(record) == &launch && !is_time_for_it(record, now)) {
        launch.demand.reset();
    }
}

void keep_on_demand_time(Record& record, const Launch& launch, Time now) {
    // Those of last month may still be shown; older ones are of no use.
    const Time this_month = month_of(now);
    const Time last_month = month_of(this_month - std::chrono::days{1});
    std::erase_if(record.on_demand_time,
                  [&](const auto& entry) { return entry.first < month_name(last_month); });
    for (const auto [from, to] : {std::pair{last_month, this_month}, std::pair{this_month, now}}) {
        if (const auto time = time_between(launch, from, to); time > Duration{0}) {
            record.on_demand_time[month_name(from)] += time;
        }
    }
}

std::string explain_on_demand(const Record& record, const Launch& launch) {
    if (market_of(launch) != Market::on_demand) {
        return "";
    }
    std::string text = "it is on-demand";
    if (const auto* attempt = newest_attempt(launch); !attempt->why.empty()) {
        text += " because " + attempt->why;
    }
    const auto retry = record.retries.find(way_back_key);
    if (!may_return(record) || retry == record.retries.end()) {
        return text + (record.spec.replace == Order::stop_first
                           ? "; without a return_window it stays, since its order is stop_first"
                           : "");
    }
    const auto when = retry->second.not_before;
    const auto window = window_of(record);
    const bool later = window && !is_within(*window, when);
    return text + (retry->second.error.empty() ? "" : "; " + retry->second.error) +
           "; a spot machine is tried for at " + base::format_time(later ? next_begin(*window, when) : when);
}

}  // namespace fleet
