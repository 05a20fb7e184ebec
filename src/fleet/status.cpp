#include "fleet/status.hpp"

#include <algorithm>
#include <array>

#include "fleet/fallback.hpp"
#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "fleet/retirement.hpp"
#include "fleet/spot_status.hpp"

namespace fleet {
namespace {

bool serves(const Record& record, const Launch& launch) {
    if (!is_alive(launch)) {
        return false;
    }
    bool has_name = false;
    for (const Side side : {Side::private_, Side::public_}) {
        if (record.dns_name(side)) {
            has_name = true;
            const auto& published = record.dns(side).published;
            if (!published || published->generation != launch.generation) {
                return false;
            }
        }
    }
    return has_name || launch.ready;
}

/// The newest failure that explains why nothing moves.
std::string trouble_of(const Record& record) {
    const Retry* newest = nullptr;
    for (const auto& [key, retry] : record.retries) {
        // An image is no reason why a machine is not there.
        if (!retry.error.empty() && !key.starts_with("image") &&
            (!newest || retry.not_before > newest->not_before)) {
            newest = &retry;
        }
    }
    return newest ? "; " + newest->error + " (next try at " + base::format_time(newest->not_before) + ")"
                  : "";
}

std::string why_booting(const Record& record, const Launch& launch) {
    const auto machine = "machine " + *launch.machine;
    if (launch.ec2_state < Ec2State::running) {
        return machine + " is starting";
    }
    if (record.spec.readiness.report && !launch.report) {
        return machine + " is running and has not reported yet";
    }
    if (!launch.ready) {
        return machine + " has booted and is not ready yet" + trouble_of(record);
    }
    return machine + " is ready and DNS does not point at it yet" + trouble_of(record);
}

std::string what_is_asked(const Attempt& attempt) {
    const std::string what = attempt.pool.market == Market::on_demand ? "an on-demand machine" : "a machine";
    return what + " is asked for" +
           (attempt.pools.size() > 1 ? " in " + std::to_string(attempt.pools.size()) + " pools" : "") +
           (attempt.why.empty() ? "" : ": " + attempt.why) +
           (attempt.left_out.empty() ? "" : "; not asked: " + attempt.left_out);
}

/// What will end the machine's service.
std::string what_is_ahead(const Launch& launch) {
    if (launch.notice) {
        return "; AWS takes it at " + base::format_time(launch.notice->terminate_by);
    }
    if (!launch.demand) {
        return "";
    }
    return "; it is to be replaced: " + launch.demand->text +
           (launch.demand->waits_for.empty() ? "" : "; this waits " + launch.demand->waits_for);
}

/// The machine that is to follow, else those that are to go.
std::string what_is_beside(const Record& record, const Launch& serving) {
    std::string leaving;
    for (const auto& launch : record.launches) {
        if (launch.generation == serving.generation || !is_under_way(launch)) {
            continue;
        }
        if (is_incoming(launch)) {
            return "; launch " + std::to_string(launch.generation) +
                   (is_alive(launch) ? " is being prepared: " + why_booting(record, launch)
                                     : " is being prepared" + trouble_of(record));
        }
        if (launch.machine) {
            leaving = "; machine " + *launch.machine +
                      (launch.notice ? " is left to AWS, which takes it at " +
                                           base::format_time(launch.notice->terminate_by)
                                     : " is ended when no resolver holds its address any more");
        }
    }
    return leaving;
}

}  // namespace

const Launch* serving_launch(const Record& record) {
    const auto found = std::ranges::find_if(record.launches.rbegin(), record.launches.rend(),
                                            [&](const Launch& launch) { return serves(record, launch); });
    return found == record.launches.rend() ? nullptr : &*found;
}

Status status_of(const Record& record) {
    const bool busy = std::ranges::any_of(record.launches, is_under_way);
    if (record.intent == Intent::paused) {
        return {
            busy ? State::pausing : State::paused,
            "paused by its user" + (busy ? "; its machine is being given back" + trouble_of(record) : "")};
    }
    if (record.intent == Intent::retired) {
        return {is_over(record) ? State::retired : State::retiring,
                "retired by its user; " + what_is_left(record) + trouble_of(record)};
    }
    if (record.launches.empty()) {
        return {State::down, "no launch was started"};
    }
    const auto& newest = record.launches.back();
    if (const auto* serving = serving_launch(record)) {
        const auto on_demand = explain_on_demand(record, *serving);
        const bool other = std::ranges::any_of(record.launches, [&](const Launch& launch) {
            return launch.generation != serving->generation && is_under_way(launch);
        });
        return {other ? State::replacing : State::serving,
                "machine " + *serving->machine + " serves since " +
                    base::format_time(serving->ready.value_or(serving->started)) +
                    (on_demand.empty() ? "" : "; " + on_demand) +
                    (lacks_public_address(record.spec, *serving)
                         ? "; it has no public address: the next launch's machine will have one"
                         : "") +
                    what_is_ahead(*serving) + what_is_beside(record, *serving) + explain_images(record)};
    }
    if (is_alive(newest)) {
        return {State::booting, why_booting(record, newest)};
    }
    const auto* attempt = newest_attempt(newest);
    if (!newest.machine && attempt && !attempt->closed) {
        const auto what =
            attempt->request ? "spot request " + *attempt->request + " is open" : what_is_asked(*attempt);
        return {State::requesting,
                what + (attempt->status.empty() ? "" : ": " + explain(*attempt, attempt->status)) +
                    trouble_of(record)};
    }
    if (newest.machine) {
        return {State::down,
                "machine " + *newest.machine +
                    (newest.abandoned ? " is being ended: " + *newest.abandoned : " is going away") +
                    trouble_of(record)};
    }
    return {State::down, "no machine" + trouble_of(record)};
}

}  // namespace fleet
