#include "fleet/replacement.hpp"

#include <algorithm>
#include <ranges>

#include "fleet/demand.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"
#include "fleet/pending.hpp"
#include "fleet/plan.hpp"

namespace fleet {
namespace {

/// A launch that lived shorter than this without becoming ready died young; several in a row slow the next
/// down.
constexpr Duration youth = std::chrono::minutes{1};
constexpr int young_deaths_free = 3;

bool was_not_ready_in_time(const Launch& launch) {
    return launch.abandoned && launch.demand && launch.demand->reason == Reason::not_ready;
}

bool died_young(const Launch& launch) {
    return launch.machine && launch.lost && !launch.ready && !launch.let_go &&
           *launch.lost - launch.started < youth;
}

int failures_in_a_row(const Record& record) {
    const auto failed = [](const Launch& launch) {
        return died_young(launch) || was_not_ready_in_time(launch);
    };
    const auto end = std::ranges::find_if_not(std::views::reverse(record.launches), failed);
    return static_cast<int>(end - record.launches.rbegin());
}

/// A machine that runs and does not become ready is ended; it was never in DNS.
void lose_patience(Step& step, Time now, const Policy& policy) {
    for (auto* found : all_launches(step.record)) {
        auto& launch = *found;
        const auto until = ready_by(step.record.spec, launch, policy);
        if (!until || *until > now) {
            continue;
        }
        const auto patience = base::format_duration(step.record.spec.readiness.patience);
        launch.abandoned = launch.running ? "it ran for " + patience + " without becoming ready"
                                          : "EC2 did not start it for " + patience;
        launch.demand =
            Demand{Reason::not_ready, now, "machine " + *launch.machine + ": " + *launch.abandoned, {}};
        note(step, now, "not_ready", "machine " + *launch.machine + " is ended: " + *launch.abandoned,
             &launch);
        if (launch.running) {
            judge_bad(step, launch, now);
        }
    }
}

/// A demand that follows from signs goes with them, until a successor has begun.
void see_demands(Step& step, Time now, const Policy& policy) {
    auto& record = step.record;
    const auto newest = std::ranges::find_if(std::views::reverse(record.launches), is_under_way);
    if (newest == record.launches.rend()) {
        return;
    }
    auto& launch = *newest;
    if (launch.let_go || launch.abandoned || (launch.demand && !follows_from_signs(launch.demand->reason))) {
        return;
    }
    auto demand = demand_of(record, launch, now, policy);
    if (launch.demand && demand && launch.demand->reason == demand->reason) {
        return;
    }
    if (demand) {
        note(step, demand->at, "to_be_replaced", demand->text, &launch);
    } else if (launch.demand && !launch.notice) {
        note(step, now, "not_to_be_replaced",
             "machine " + *launch.machine + " need not be replaced any more: " + launch.demand->text,
             &launch);
    }
    launch.demand = std::move(demand);
}

/// A newer launch is what DNS points at, and nobody holds the old address any more.
const Launch* find_successor(const Record& record, const Launch& launch) {
    if (!launch.machine || launch.lost || launch.abandoned || launch.let_go ||
        may_be_in_dns(record, launch)) {
        return nullptr;
    }
    const auto found = std::ranges::find_if(record.launches, [&](const Launch& other) {
        return other.generation > launch.generation && other.ready && !other.notice && is_alive(other);
    });
    return found == record.launches.end() ? nullptr : &*found;
}

/// What has a notice is left to AWS, for as long as AWS can be waited for.
std::optional<Time> given_up_at(const Record& record, const Launch& launch, const Policy& policy) {
    if (!find_successor(record, launch)) {
        return std::nullopt;
    }
    return launch.notice ? launch.notice->terminate_by + policy.leave_after : Time{};
}

/// Once given up it is never pointed at again: it may be ended at any moment.
void give_up_superseded(Step& step, Time now, const Policy& policy) {
    for (auto& launch : step.record.launches) {
        const auto when = given_up_at(step.record, launch, policy);
        if (!when || *when > now) {
            continue;
        }
        const auto* successor = find_successor(step.record, launch);
        launch.abandoned = "launch " + std::to_string(successor->generation) + " has taken its place";
        note(step, now, "superseded", "machine " + *launch.machine + " is ended: " + *launch.abandoned,
             &launch);
    }
}

struct Need {
    Reason reason = Reason::registered;
    std::string why;
};

/// Why a name that has neither what stays nor what is incoming needs a launch.
Need need_of(const Record& record) {
    if (record.launches.empty()) {
        return {Reason::registered, "registered"};
    }
    const auto& newest = *newest_that_counts(record);
    const auto machine = "machine " + newest.machine.value_or("?");
    const bool resumed = newest.demand && newest.demand->reason == Reason::resumed;
    if (resumed || ((newest.let_go || newest.abandoned) && newest.demand)) {
        return {newest.demand->reason, newest.demand->text};
    }
    if (newest.notice) {
        return {Reason::notice,
                "AWS takes " + machine + " at " + base::format_time(newest.notice->terminate_by)};
    }
    if (newest.demand && !newest.lost) {
        return {newest.demand->reason, newest.demand->text};
    }
    if (newest.ec2_state == Ec2State::stopping) {
        return {Reason::lost, machine + " is stopping"};
    }
    return {Reason::lost,
            machine + (newest.abandoned ? " is ended: " + *newest.abandoned
                                        : " was lost" + (newest.loss.empty() ? "" : ": " + newest.loss))};
}

std::optional<Time> cool_down_until(const Record& record, const Policy& policy) {
    const auto last =
        std::ranges::find(std::views::reverse(record.launches), Reason::rebalance, &Launch::reason);
    return last == record.launches.rend() ? std::nullopt
                                          : std::optional{last->started + policy.rebalance_cooldown};
}

/// The group and the whole fleet allow so many replacements at once; empty: there is a place.
std::string what_turn_waits_for(const Record& record, const FleetView& view, const Policy& policy) {
    std::int64_t may_be_missing = record.spec.max_unavailable;
    std::int64_t missing = 0;
    std::string who;
    for (const auto& neighbour : view.neighbours) {
        may_be_missing = std::min(may_be_missing, neighbour.max_unavailable);
        if (neighbour.is_missing) {
            ++missing;
            who = neighbour.name;
        }
    }
    if (missing >= may_be_missing) {
        return "until " + who + " of the group " + record.spec.group.value_or("") + " serves";
    }
    if (view.replacements >= policy.replacements_at_once) {
        return "until fewer than " + std::to_string(policy.replacements_at_once) +
               " replacements that can wait are under way";
    }
    return {};
}

/// What a replacement that can wait waits for; empty: its turn has come.
std::string what_it_waits_for(const Record& record, Reason reason, const FleetView& view, Time now,
                              const Policy& policy) {
    const auto cool = cool_down_until(record, policy);
    if (reason == Reason::rebalance && cool && *cool > now) {
        return "not before " + base::format_time(*cool) + ", after the last recommendation that was followed";
    }
    return what_turn_waits_for(record, view, policy);
}

bool waits_for_turn(const Launch& launch) {
    return launch.demand && is_voluntary(launch.demand->reason) && launch.ready && !launch.notice &&
           !launch.abandoned && !launch.let_go && !launch.lost;
}

/// What the next launch is to replace, if that can wait. The newest may have failed while an older one serves
/// on: that is not ended for another attempt before its turn.
const Launch* find_waiting(const Record& record) {
    const auto* newest = newest_that_counts(record);
    if (newest && waits_for_turn(*newest)) {
        return newest;
    }
    const auto found = std::ranges::find_if(record.launches, waits_for_turn);
    return record.spec.replace == Order::stop_first && found != record.launches.end() ? &*found : nullptr;
}

/// Whether the turn has come of the replacement that the launch's demand asks for.
bool take_turn(Step& step, Launch& launch, const FleetView& view, Time now, const Policy& policy) {
    auto& waits_for = launch.demand->waits_for;
    waits_for = what_it_waits_for(step.record, launch.demand->reason, view, now, policy);
    return waits_for.empty();
}

void start_launch(Step& step, Need need, Time at, Time now, const Policy& policy) {
    auto& record = step.record;
    Launch launch;
    launch.generation = next_generation(record);
    launch.started = at;
    launch.reason = need.reason;
    launch.why = std::move(need.why);
    const int failures = failures_in_a_row(record);
    const int free = need.reason == Reason::not_ready ? 0 : young_deaths_free - 1;
    if (failures > free) {
        const auto key = relaunch_key(launch.generation);
        record.retries[key] = {
            .tries = failures,
            .not_before = now + backoff(record.uid, key, failures - free, policy.relaunch_backoff_first,
                                        policy.relaunch_backoff_max),
            .error = need.reason == Reason::not_ready
                         ? launch.why
                         : std::to_string(failures) + " machines in a row were lost while booting"};
    }
    note(step, at, "launch_started", "launch " + std::to_string(launch.generation) + ": " + launch.why,
         &launch);
    record.launches.push_back(std::move(launch));
}

/// When a notice has come to nothing, for all that is known.
std::optional<Time> notice_over_at(const Launch& launch, const Policy& policy) {
    return launch.notice && is_alive(launch) ? std::optional{launch.notice->terminate_by + policy.leave_after}
                                             : std::nullopt;
}

/// The order of a name whose disk can only be attached once: also a stopped machine holds it. What has a
/// notice serves until AWS takes it, or does not.
void let_go_first(Step& step, Time now, const Policy& policy) {
    for (auto& launch : step.record.launches) {
        const bool holds_disk = launch.lost && launch.ec2_state == Ec2State::stopped && !launch.let_go;
        const auto notice_over = notice_over_at(launch, policy);
        if (waits_for_turn(launch) || holds_disk || (notice_over && *notice_over <= now)) {
            launch.let_go = now;
            note(step, now, "let_go", "machine " + *launch.machine + " is ended before its successor comes",
                 &launch);
        }
    }
}

/// A machine that came when its spot request had been cancelled: nothing says that there must be two at a
/// time.
bool is_only_being_ended(const Launch& launch) {
    return launch.abandoned && !launch.demand && !launch.notice && !launch.lost;
}

void start_successor(Step& step, Time at, const FleetView& view, Time now, const Policy& policy) {
    auto& record = step.record;
    if (std::ranges::any_of(record.launches, is_incoming) || std::ranges::any_of(record.launches, stays)) {
        return;
    }
    auto* newest = newest_that_counts(record);
    if (newest && is_only_being_ended(*newest)) {
        return;
    }
    const auto* waiting = find_waiting(record);
    if (waiting && !take_turn(step, *find_by_generation(record, waiting->generation), view, now, policy)) {
        return;
    }
    auto need = need_of(record);
    if (record.spec.replace == Order::stop_first) {
        let_go_first(step, now, policy);
        const auto holds_disk = [](const Launch& launch) {
            return launch.machine && launch.ec2_state < Ec2State::terminated;
        };
        if (std::ranges::any_of(record.launches, is_under_way) ||
            std::ranges::any_of(record.launches, holds_disk)) {
            return;
        }
    }
    start_launch(step, std::move(need), at, now, policy);
}

}  // namespace

void plan_replacement(Step& step, Time at, const FleetView& view, Time now, const Policy& policy) {
    lose_patience(step, now, policy);
    see_demands(step, now, policy);
    give_up_superseded(step, now, policy);
    start_successor(step, at, view, now, policy);
}

bool may_ask(Record& record, const Launch& launch, const FleetView& view, const Policy& policy) {
    if (!has_stepped_aside(record, launch)) {
        return true;
    }
    auto waits_for = what_turn_waits_for(record, view, policy);
    const bool may = waits_for.empty();
    auto& serving = *find_by_generation(record, ready_launch(record)->generation);
    if (serving.demand) {
        serving.demand->waits_for = std::move(waits_for);
    }
    return may;
}

std::optional<Time> next_replacement(const Record& record, Time now, const Policy& policy) {
    std::optional<Time> next;
    const auto consider = [&](std::optional<Time> when) {
        next = when ? std::min(next.value_or(Time::max()), *when) : next;
    };
    for (const auto& launch : record.launches) {
        consider(given_up_at(record, launch, policy));
        if (record.spec.replace == Order::stop_first) {
            consider(notice_over_at(launch, policy));
        }
    }
    // See see_demands.
    const auto last = std::ranges::find_if(std::views::reverse(record.launches), is_under_way);
    if (last != record.launches.rend()) {
        consider(next_demand(record, *last, policy));
    }
    for (const auto* launch : all_launches(record)) {
        consider(ready_by(record.spec, *launch, policy));
    }
    const auto* waiting = find_waiting(record);
    if (waiting && std::ranges::none_of(record.launches, is_incoming)) {
        const auto cool = cool_down_until(record, policy);
        const bool cools = waiting->demand->reason == Reason::rebalance && cool && *cool > now;
        consider(cools ? *cool : now + policy.turn_every);
    }
    return next;
}

}  // namespace fleet
