#include "fleet/attempts.hpp"

#include <algorithm>

#include "fleet/fallback.hpp"
#include "fleet/images.hpp"
#include "fleet/launch.hpp"
#include "fleet/plan.hpp"
#include "fleet/pools.hpp"

namespace fleet {
namespace {

bool is_newest(const Launch& launch, const Attempt& attempt) {
    return attempt.number == launch.attempts.back().number;
}

/// It may be sent and waited for: neither has its launch been given up, nor is there a newer spec.
bool is_wanted(const Record& record, const Launch& launch, const Attempt& attempt) {
    return record.intent == Intent::running && !launch.let_go && !launch.lost && is_newest(launch, attempt) &&
           attempt.spec_revision == record.spec_revision;
}

/// Empty: it may be sent.
std::string why_never_sent(const Record& record, const Launch& launch, const Attempt& attempt, Time now) {
    if (launch.let_go || launch.lost) {
        return launch.lost ? "another launch has taken its place" : "the machine is no longer wanted";
    }
    if (attempt.spec_revision != record.spec_revision) {
        return "the spec has changed before it was sent";
    }
    // This leaves room for an attempt with new times.
    return attempt.valid_until <= now ? "its time went by before it was sent" : "";
}

Action begin_action(ActionKind kind, const Launch& launch, std::string_view what, const std::string& id) {
    return {.kind = kind,
            .key = action_key(launch.generation, what, id),
            .generation = launch.generation,
            .id = id};
}

bool has_template(const Record& record, const Attempt& attempt) {
    return record.launch_template && record.launch_template->revision == attempt.spec_revision;
}

/// What may have been sent is looked for before it is sent again, with the same token. One key for both:
/// nobody looks while the call is under way.
std::optional<Action> look_after_unanswered(const Record& record, const Launch& launch,
                                            const Attempt& attempt, Time now, const Policy& policy) {
    const bool send = is_wanted(record, launch, attempt) &&
                      (!attempt.sent || (attempt.not_found && !attempt.refused && now < attempt.valid_until));
    const bool fleet = attempt.by == Asking::fleet;
    if (send && fleet && !has_template(record, attempt)) {
        return std::nullopt;
    }
    const auto sending = fleet ? ActionKind::create_fleet : ActionKind::request_spot;
    Action action{.kind = send ? sending : ActionKind::look_up_attempt,
                  .key = action_key(launch.generation, "request", std::to_string(attempt.number)),
                  .generation = launch.generation,
                  .attempt = attempt.number};
    if (!send && attempt.refused) {
        action.not_before = *attempt.sent + policy.visible_after;
    }
    if (!send && attempt.not_found) {
        action.not_before = std::max(action.not_before, *attempt.not_found + policy.look_every);
    }
    return action;
}

/// Spot and on-demand take turns once the spec's patience with spot is over.
Market choose_market(const Record& record, const Launch& launch, Time now) {
    const auto* last = newest_attempt(launch);
    const auto when = fallback_at(record, launch);
    return last && last->pool.market == Market::spot && when && *when <= now && may_go_on_demand(record, now)
               ? Market::on_demand
               : Market::spot;
}

/// The pools from which the name's own machines are being taken.
std::vector<Pool> threatened_pools(const Record& record) {
    std::vector<Pool> pools;
    for (const auto& launch : record.launches) {
        if (launch.notice && !launch.lost && !launch.attempts.empty()) {
            pools.push_back(launch.attempts.back().pool);
        }
    }
    return pools;
}

std::vector<Pool> neighbours_pools(const FleetView& view) {
    std::vector<Pool> pools;
    for (const auto& neighbour : view.neighbours) {
        pools.insert(pools.end(), neighbour.pools.begin(), neighbour.pools.end());
    }
    return pools;
}

std::string why_on_demand(const Record& record, const Launch& launch) {
    const auto* last = newest_attempt(launch);
    return "there was no spot machine for " + base::format_duration(record.spec.fallback->after) + " (" +
           last->status + ")";
}

}  // namespace

bool needs_attempt(const Launch& launch) {
    const auto* attempt = newest_attempt(launch);
    return !launch.machine && !launch.lost && !launch.abandoned && !launch.let_go &&
           (!attempt || attempt->closed);
}

Time next_attempt_at(const Record& record, const Launch& launch) {
    const auto retry = record.retries.find(relaunch_key(launch.generation));
    const Time when = retry == record.retries.end() ? Time{} : retry->second.not_before;
    const auto due = fallback_at(record, launch);
    const bool spot_only = std::ranges::all_of(
        launch.attempts, [](const Attempt& attempt) { return attempt.pool.market == Market::spot; });
    if (!due || launch.attempts.empty() || !spot_only) {
        return when;
    }
    const Time first = std::max(*due, launch.attempts.back().closed.value_or(*due));
    return may_go_on_demand(record, first) ? std::min(when, first) : when;
}

void choose_attempt(Step& step, Launch& launch, const FleetView& view, Time now, const Policy& policy) {
    const auto& spec = step.record.spec;
    const auto* last = newest_attempt(launch);
    const auto market = choose_market(step.record, launch, now);
    const auto pools = pools_of(spec, market);
    auto choice = choose_pools(pools,
                               {.health = view.pools,
                                .neighbours = neighbours_pools(view),
                                .threatened = threatened_pools(step.record)},
                               now);
    Attempt attempt;
    attempt.number = last ? last->number + 1 : 1;
    attempt.token = attempt_token(step.record.uid, launch.generation, attempt.number);
    attempt.pool = choice.pools.front();
    // A test's security groups are not those of the launch template.
    if (!is_test(launch) && (market == Market::on_demand || pools.size() > 1)) {
        attempt.by = Asking::fleet;
        attempt.pools = std::move(choice.pools);
        attempt.left_out = std::move(choice.left_out);
    }
    if (market == Market::on_demand) {
        attempt.why = why_on_demand(step.record, launch);
        note(step, now, "fallback", "an on-demand machine is asked for: " + attempt.why, &launch);
    } else {
        attempt.max_price = spec.max_price;
    }
    attempt.image_id = image_id_for(step.record, launch);
    if (const auto passed_over = why_not_newest(step.record, launch); !passed_over.empty() && !last) {
        note(step, now, "image_passed_over", passed_over, &launch);
    }
    attempt.public_ip = spec.public_ip;
    // EC2 takes whole seconds. The request ends by itself if we do not live to cancel it.
    attempt.valid_until =
        std::chrono::ceil<std::chrono::seconds>(now + policy.open_for + std::chrono::minutes{1});
    attempt.spec_revision = step.record.spec_revision;
    attempt.chosen = now;
    if (launch.demand && launch.demand->reason == Reason::spec_changed) {
        // Its machine will be of the new one.
        launch.demand.reset();
    }
    launch.attempts.push_back(std::move(attempt));
    const auto may_be_forgotten = [](const Attempt& old) { return !old.surplus || old.surplus_ended; };
    if (launch.attempts.size() > policy.attempts_max && may_be_forgotten(launch.attempts.front())) {
        launch.attempts.erase(launch.attempts.begin());
    }
}

void give_up_unsent(Step& step, Time now) {
    for (auto* found : all_launches(step.record)) {
        auto& launch = *found;
        auto* attempt = newest_attempt(launch);
        if (!attempt || attempt->sent || attempt->closed) {
            continue;
        }
        const auto why = why_never_sent(step.record, launch, *attempt, now);
        if (!why.empty()) {
            attempt->closed = now;
            attempt->status = why;
            note(step, now, "attempt_closed", why, &launch);
        }
    }
}

bool needs_template(const Record& record) {
    const bool made = record.launch_template && record.launch_template->revision == record.spec_revision;
    if (made || record.intent != Intent::running) {
        return false;
    }
    const auto waits = [](const Launch& launch) {
        const auto* attempt = newest_attempt(launch);
        return attempt && attempt->by == Asking::fleet && !attempt->closed && is_unsettled(launch, *attempt);
    };
    return pools_of(record.spec, Market::spot).size() > 1 || std::ranges::any_of(record.launches, waits);
}

bool may_have_template(const Record& record) {
    return !record.template_deleted &&
           (record.launch_template || pools_of(record.spec, Market::spot).size() > 1 || record.spec.fallback);
}

std::optional<Action> look_after(const Record& record, const Launch& launch, const Attempt& attempt, Time now,
                                 const Policy& policy) {
    if (!attempt.request) {
        return look_after_unanswered(record, launch, attempt, now, policy);
    }
    if (attempt.cancelled) {
        return begin_action(ActionKind::describe_request, launch, "describe_request", *attempt.request);
    }
    auto action = begin_action(ActionKind::cancel_request, launch, "cancel", *attempt.request);
    const bool wanted = is_wanted(record, launch, attempt) && !attempt.cancel_sent;
    if (wanted) {
        const Time latest = attempt.chosen + policy.open_for;
        action.not_before = std::min(latest, better_at(record, launch, attempt).value_or(latest));
    }
    return action;
}

}  // namespace fleet
