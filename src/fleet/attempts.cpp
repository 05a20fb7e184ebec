#include "fleet/attempts.hpp"

#include <algorithm>

#include "fleet/launch.hpp"
#include "fleet/plan.hpp"
#include "fleet/pools.hpp"

namespace fleet {
namespace {

bool is_newest(const Launch& launch, const Attempt& attempt) {
    return attempt.number == launch.attempts.back().number;
}

Action begin_action(ActionKind kind, const Launch& launch, std::string_view what, const std::string& id) {
    return {.kind = kind,
            .key = action_key(launch.generation, what, id),
            .generation = launch.generation,
            .id = id};
}

/// What may have been sent is looked for before it is sent again, with the same token. One key for both:
/// nobody looks while the call is under way.
Action look_after_unanswered(const Record& record, const Launch& launch, const Attempt& attempt, Time now,
                             const Policy& policy) {
    const bool send = !record.retirement && is_newest(launch, attempt) &&
                      (!attempt.sent || (attempt.not_found && !attempt.refused && now < attempt.valid_until));
    Action action{.kind = send ? ActionKind::request_spot : ActionKind::look_up_attempt,
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

}  // namespace

bool needs_attempt(const Launch& launch) {
    const auto* attempt = newest_attempt(launch);
    return !launch.machine && !launch.lost && !launch.abandoned && (!attempt || attempt->closed);
}

Time next_attempt_at(const Record& record, const Launch& launch) {
    const auto retry = record.retries.find(relaunch_key(launch.generation));
    return retry == record.retries.end() ? Time{} : retry->second.not_before;
}

void choose_attempt(Step& step, Launch& launch, const FleetView& view, Time now, const Policy& policy) {
    const auto& spec = step.record.spec;
    const auto* last = newest_attempt(launch);
    Attempt attempt;
    attempt.number = last ? last->number + 1 : 1;
    attempt.token = attempt_token(step.record.uid, launch.generation, attempt.number);
    attempt.pool = choose_pool(spec, view.pools, now);
    attempt.image_id = spec.image_id;
    attempt.max_price = spec.max_price;
    // EC2 takes whole seconds. The request ends by itself if we do not live to cancel it.
    attempt.valid_until =
        std::chrono::ceil<std::chrono::seconds>(now + policy.open_for + std::chrono::minutes{1});
    attempt.spec_revision = step.record.spec_revision;
    attempt.chosen = now;
    launch.attempts.push_back(std::move(attempt));
    const auto may_be_forgotten = [](const Attempt& old) { return !old.surplus || old.surplus_ended; };
    if (launch.attempts.size() > policy.attempts_max && may_be_forgotten(launch.attempts.front())) {
        launch.attempts.erase(launch.attempts.begin());
    }
}

void give_up_unsent(Step& step, Time now) {
    for (auto& launch : step.record.launches) {
        auto* attempt = newest_attempt(launch);
        if (attempt && !attempt->sent && !attempt->closed && attempt->valid_until <= now) {
            attempt->closed = now;
            attempt->status = "its time went by before it was sent";
            note(step, now, "attempt_closed", attempt->status, &launch);
        }
    }
}

Action look_after(const Record& record, const Launch& launch, const Attempt& attempt, Time now,
                  const Policy& policy) {
    if (!attempt.request) {
        return look_after_unanswered(record, launch, attempt, now, policy);
    }
    if (attempt.cancelled) {
        return begin_action(ActionKind::describe_request, launch, "describe_request", *attempt.request);
    }
    auto action = begin_action(ActionKind::cancel_request, launch, "cancel", *attempt.request);
    const bool wanted = !record.retirement && !attempt.cancel_sent && is_newest(launch, attempt);
    action.not_before = wanted ? attempt.chosen + policy.open_for : Time{};
    return action;
}

}  // namespace fleet
