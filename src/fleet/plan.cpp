#include "fleet/plan.hpp"

#include <algorithm>
#include <array>

#include "base/contains.hpp"
#include "base/text.hpp"
#include "fleet/attempts.hpp"
#include "fleet/fallback.hpp"
#include "fleet/images.hpp"
#include "fleet/images_plan.hpp"
#include "fleet/launch.hpp"
#include "fleet/pending.hpp"
#include "fleet/replacement.hpp"
#include "fleet/retirement.hpp"

namespace fleet {
namespace {

void see_who_is_ready(Step& step, Time now, const Policy& policy) {
    for (auto* found : all_launches(step.record)) {
        auto& launch = *found;
        const auto when = ready_at(step.record.spec, launch, policy);
        if (!when || *when > now) {
            continue;
        }
        if (!launch.ready) {
            note(step, *when, "ready", "machine " + *launch.machine + " is ready", &launch);
            // What failed for another machine's address is no reason to wait with this one's.
            step.record.retries.erase("publish/private");
            step.record.retries.erase("publish/public");
        }
        // A fact that comes late can tell that it was ready earlier.
        launch.ready = std::min(launch.ready.value_or(*when), *when);
    }
}

/// A resolver may hold an old answer for its time to live after all of Route53's servers have the new one. A
/// write that came after the published one, and whose outcome is not known, may stand there now.
std::optional<Time> held_until(const DnsState& dns, const DnsWrite& superseded) {
    if (!dns.published || !dns.published->in_sync || superseded.sent > dns.published->sent) {
        return std::nullopt;
    }
    return *dns.published->in_sync + std::chrono::seconds{superseded.ttl};
}

void forget_superseded(Record& record, Time now) {
    for (const Side side : {Side::private_, Side::public_}) {
        auto& dns = record.dns(side);
        std::erase_if(dns.superseded, [&](const DnsWrite& write) {
            const auto until = held_until(dns, write);
            return until && *until <= now;
        });
    }
}

/// Whether the wait under a retry's key still means something.
bool is_of_use(Record& record, std::string_view key) {
    const auto [first, rest] = base::split_once(key, '/');
    if (first == "change") {
        return std::ranges::any_of(std::array{Side::private_, Side::public_}, [&, id = rest](Side side) {
            const auto& published = record.dns(side).published;
            return published && published->change == id && !published->in_sync;
        });
    }
    if (first == "image" && !rest.empty()) {
        const auto number = base::parse_number(base::split_once(rest, '/').first);
        return number && find_image(record, static_cast<int>(*number));
    }
    const auto generation = base::parse_number(first);
    if (!generation) {
        return true;
    }
    const auto* launch = find_by_generation(record, static_cast<int>(*generation));
    if (!launch) {
        return false;
    }
    const auto [what, id] = base::split_once(rest, '/');
    constexpr std::array<std::string_view, 3> of_attempt{"request", "cancel", "describe_request"};
    if (base::contains(of_attempt, what)) {
        return std::ranges::any_of(launch->attempts, [&, wanted = id](const Attempt& attempt) {
            return is_unsettled(*launch, attempt) &&
                   (wanted == std::to_string(attempt.number) || wanted == attempt.request);
        });
    }
    if (what == "relaunch") {
        return !launch->machine && !launch->lost;
    }
    if ((what == "tag" || what == "probe") && !record.retirement) {
        return !launch->lost;
    }
    return !launch->terminated;
}

void forget_retries(Record& record) {
    std::erase_if(record.retries, [&](const auto& retry) { return !is_of_use(record, retry.first); });
}

/// The user gave the machines back.
void let_everything_go(Step& step, Time now) {
    for (auto* launch : all_launches(step.record)) {
        if (!launch->let_go && !launch->terminated) {
            launch->let_go = now;
            if (launch->machine) {
                note(step, now, "let_go", "machine " + *launch->machine + " is given back", launch);
            }
        }
    }
}

/// A launch that was let go before it had a machine, when none can come any more.
void forget_never_begun(Record& record, Time now) {
    for (auto* found : all_launches(record)) {
        auto& launch = *found;
        const auto may_come = [&](const Attempt& attempt) { return is_unsettled(launch, attempt); };
        if (launch.let_go && !launch.machine && !launch.lost &&
            std::ranges::none_of(launch.attempts, may_come)) {
            launch.lost = now;
            launch.terminated = now;
        }
    }
}

/// Only what has ended for good may be forgotten: an id that is still alive must stay ours.
void forget_old_launches(Record& record, Time now, const Policy& policy) {
    while (record.launches.size() > policy.history_max) {
        const auto oldest = std::ranges::find_if(record.launches, [&](const Launch& launch) {
            return launch.terminated && !may_be_in_dns(record, launch) &&
                   std::ranges::none_of(launch.attempts, [](const Attempt& attempt) {
                       return attempt.surplus && !attempt.surplus_ended;
                   });
        });
        if (oldest == record.launches.end()) {
            return;
        }
        keep_on_demand_time(record, *oldest, now);
        record.launches.erase(oldest);
    }
}

}  // namespace

void plan(Step& step, Time at, const FleetView& view, Time now, const Policy& policy) {
    auto& record = step.record;
    see_who_is_ready(step, now, policy);
    see_images(step, now);
    forget_superseded(record, now);
    forget_retries(record);
    if (record.intent == Intent::retired) {
        plan_making(step, now, policy);
        plan_keeping(step, now);
        if (is_over(record)) {
            note(step, now, "retired", record.name() + " is retired, and nothing of it is left");
        }
        return;
    }
    if (record.intent == Intent::paused) {
        let_everything_go(step, now);
    }
    give_up_unsent(step, now);
    forget_never_begun(record, now);
    if (record.intent == Intent::paused) {
        plan_making(step, now, policy);
        plan_keeping(step, now);
        return;
    }
    see_way_back(step, now, policy);
    plan_replacement(step, at, view, now, policy);
    plan_making(step, now, policy);
    plan_tests(step, now, policy);
    for (auto* launch : all_launches(record)) {
        if (needs_attempt(*launch) && next_attempt_at(record, *launch) <= now &&
            may_ask(record, *launch, view, policy)) {
            choose_attempt(step, *launch, view, now, policy);
        }
    }
    plan_keeping(step, now);
    forget_old_launches(record, now, policy);
}

std::optional<Time> next_change(const Record& record, Time now, const Policy& policy) {
    std::optional<Time> next;
    const auto consider = [&](std::optional<Time> when) {
        if (when) {
            next = std::min(next.value_or(Time::max()), *when);
        }
    };
    consider(way_back_at(record, now));
    consider(way_back_until(record, now));
    for (const auto* launch : all_launches(record)) {
        if (!launch->ready) {
            consider(ready_at(record.spec, *launch, policy));
        }
        if (record.intent == Intent::running && needs_attempt(*launch)) {
            const auto when = next_attempt_at(record, *launch);
            const bool waits_for_turn = when <= now && has_stepped_aside(record, *launch);
            consider(waits_for_turn ? now + policy.turn_every : when);
        }
    }
    consider(next_image_change(record, now, policy));
    consider(next_test_change(record, policy));
    if (record.intent == Intent::running) {
        consider(next_replacement(record, now, policy));
    }
    for (const Side side : {Side::private_, Side::public_}) {
        for (const auto& write : record.dns(side).superseded) {
            consider(held_until(record.dns(side), write));
        }
    }
    return next;
}

void note(Step& step, Time at, std::string event, std::string text, const Launch* launch) {
    JournalEntry entry;
    entry.at = at;
    entry.name = step.record.name();
    entry.event = std::move(event);
    entry.text = std::move(text);
    if (launch) {
        entry.generation = launch->generation;
        entry.machine = launch->machine;
    }
    step.journal.push_back(std::move(entry));
}

}  // namespace fleet
