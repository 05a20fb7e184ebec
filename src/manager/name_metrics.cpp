#include "manager/name_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <boost/mp11/algorithm.hpp>

#include "fleet/launch.hpp"
#include "fleet/move.hpp"

namespace manager {
namespace {

using fleet::Launch;
using fleet::Record;

double seconds(base::Duration duration) {
    return std::max(0.0, std::chrono::duration<double>(duration).count());
}

prometheus::Histogram& histogram(prometheus::Registry& registry, const std::string& name,
                                 const std::string& help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(
        {},
        prometheus::Histogram::BucketBoundaries{1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800});
}

const Launch* launch_of(const Record& record, int generation) {
    const auto found = std::ranges::find(record.launches, generation, &Launch::generation);
    return found == record.launches.end() ? nullptr : &*found;
}

const Launch* successor_of(const Record& record, const Launch& launch) {
    return launch_of(record, launch.generation + 1);
}

std::optional<base::Time> requested(const Record& record, const Launch& leaving) {
    const auto* next = successor_of(record, leaving);
    return next && !next->attempts.empty() ? next->attempts.front().answered : std::nullopt;
}

std::optional<base::Time> ready(const Record& record, const Launch& leaving) {
    const auto* next = successor_of(record, leaving);
    return next ? next->ready : std::nullopt;
}

std::optional<base::Time> in_sync(const Record& record, const Launch& leaving) {
    const auto* next = successor_of(record, leaving);
    return next ? next->in_sync : std::nullopt;
}

std::map<fleet::Market, int> living_machines(const Record& record) {
    std::map<fleet::Market, int> living;
    for (const auto* launch : fleet::all_launches(record)) {
        if (launch->machine && !launch->lost && !launch->terminated) {
            const auto* attempt = fleet::newest_attempt(*launch);
            ++living[attempt ? attempt->pool.market : fleet::Market::spot];
        }
    }
    return living;
}

}  // namespace

NameMetrics::NameMetrics(prometheus::Registry& registry)
    : to_request_(histogram(registry, "spot_manager_notice_to_request_seconds",
                            "From a notice to the next spot request.")),
      to_ready_(histogram(registry, "spot_manager_notice_to_ready_seconds",
                          "From a notice to the next machine being ready.")),
      to_in_sync_(histogram(registry, "spot_manager_notice_to_in_sync_seconds",
                            "From a notice to DNS pointing at the next machine everywhere.")),
      downtime_(histogram(registry, "spot_manager_downtime_seconds",
                          "From the loss of a name's machine to the next one serving, each time.")) {
    auto& names = prometheus::BuildGauge()
                      .Name("spot_manager_names")
                      .Help("Managed instances, by state.")
                      .Register(registry);
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<fleet::State>>(
        [&](auto enumerator) { names_[enumerator.value] = &names.Add({{"state", enumerator.name}}); });
    auto& launches = prometheus::BuildCounter()
                         .Name("spot_manager_launches_total")
                         .Help("Launches begun, by reason.")
                         .Register(registry);
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<fleet::Reason>>(
        [&](auto enumerator) { launches_[enumerator.value] = &launches.Add({{"reason", enumerator.name}}); });
    auto& failures = prometheus::BuildCounter()
                         .Name("spot_manager_launch_failures_total")
                         .Help("Attempts that gave no machine, by reason.")
                         .Register(registry);
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<fleet::Failure>>(
        [&](auto enumerator) { failures_[enumerator.value] = &failures.Add({{"reason", enumerator.name}}); });
    auto& machines = prometheus::BuildGauge()
                         .Name("spot_manager_machines")
                         .Help("Machines that live for all that is known, by market.")
                         .Register(registry);
    auto& times = prometheus::BuildCounter()
                      .Name("spot_manager_machine_seconds_total")
                      .Help("How long machines have lived since this process began, by market.")
                      .Register(registry);
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<fleet::Market>>([&](auto enumerator) {
        machines_[enumerator.value] = &machines.Add({{"market", enumerator.name}});
        machine_seconds_[enumerator.value] = &times.Add({{"market", enumerator.name}});
    });
}

void NameMetrics::changed(const Record* before, const Record& after, base::Time now) {
    pass(now);
    count(after, 1);
    count_launches(before, after);
    if (before) {
        count(*before, -1);
        time_replacement(*before, after);
        time_downtime(*before, after);
    }
}

void NameMetrics::forgotten(const Record& record, base::Time now) {
    pass(now);
    count(record, -1);
}

void NameMetrics::pass(base::Time now) {
    for (const auto& [market, machines] : machines_) {
        machine_seconds_.at(market)->Increment(machines->Value() * seconds(now - counted_to_.value_or(now)));
    }
    counted_to_ = now;
}

void NameMetrics::count(const Record& record, int by) {
    names_.at(fleet::status_of(record).state)->Increment(by);
    for (const auto& [market, machines] : living_machines(record)) {
        machines_.at(market)->Increment(by * machines);
    }
}

/// A record that was not known is new, or was read at the start: then what it tells of was counted by another
/// process.
void NameMetrics::count_launches(const Record* before, const Record& after) {
    if (!before && after.revision > 1) {
        return;
    }
    for (const auto& launch : after.launches) {
        const auto* known = before ? launch_of(*before, launch.generation) : nullptr;
        if (!known) {
            launches_.at(launch.reason)->Increment();
        }
        for (const auto& attempt : launch.attempts) {
            const auto was_closed = known && std::ranges::any_of(known->attempts, [&](const auto& earlier) {
                                        return earlier.number == attempt.number && earlier.closed;
                                    });
            if (attempt.closed && !was_closed) {
                failures_.at(fleet::failure_of(attempt.status))->Increment();
            }
        }
    }
}

void NameMetrics::time_replacement(const Record& before, const Record& after) {
    for (const auto& leaving : after.launches) {
        if (!leaving.notice) {
            continue;
        }
        const auto observe = [&](prometheus::Histogram& into, auto reached) {
            if (const auto when = reached(after, leaving); when && !reached(before, leaving)) {
                into.Observe(seconds(*when - leaving.notice->seen));
            }
        };
        observe(to_request_, requested);
        observe(to_ready_, ready);
        observe(to_in_sync_, in_sync);
    }
}

void NameMetrics::time_downtime(const Record& before, const Record& after) {
    const auto* serving = fleet::serving_launch(after);
    if (!serving || fleet::serving_launch(before)) {
        return;
    }
    const auto* known = launch_of(before, serving->generation);
    if (known && fleet::served_since(before, *known)) {
        return;  // the name has gone back to a machine that served before
    }
    const Launch* served = nullptr;
    for (const auto& launch : after.launches) {
        if (launch.generation < serving->generation && launch.ready && launch.lost) {
            served = &launch;
        }
    }
    const auto up = fleet::served_since(after, *serving);
    if (served && up) {
        downtime_.Observe(seconds(*up - *served->lost));
    }
}

}  // namespace manager
