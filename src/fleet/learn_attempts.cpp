#include <algorithm>

#include "base/text.hpp"
#include "fleet/learner.hpp"
#include "fleet/pending.hpp"
#include "fleet/pools.hpp"
#include "fleet/spot_status.hpp"

namespace fleet {
namespace {

constexpr std::size_t status_bytes_max = 500;

bool has_ended(RequestState state) {
    return state == RequestState::closed || state == RequestState::cancelled || state == RequestState::failed;
}

std::vector<Pool> asked_pools(const Attempt& attempt) {
    return attempt.pools.empty() ? std::vector{attempt.pool} : attempt.pools;
}

std::string what_gave(const Attempt& attempt) {
    if (attempt.by == Asking::request) {
        return "spot request " + attempt.request.value_or("?");
    }
    return attempt.fleet ? "fleet " + *attempt.fleet : "a fleet";
}

}  // namespace

Attempt* Learner::attempt_of(int generation, int number) {
    auto* launch = find_by_generation(record_, generation);
    return launch ? find_attempt(*launch, number) : nullptr;
}

void Learner::operator()(const AttemptSending& fact) {
    if (auto* attempt = attempt_of(fact.generation, fact.attempt); attempt && !attempt->closed) {
        attempt->sent = at_;
        ++attempt->sends;
        attempt->not_found.reset();
    }
}

void Learner::operator()(const AttemptAnswered& fact) {
    auto* launch = find_by_generation(record_, fact.generation);
    auto* attempt = attempt_of(fact.generation, fact.attempt);
    if (!attempt || attempt->request) {
        return;
    }
    keep_earliest(attempt->answered, at_);
    attempt->sent = attempt->sent.value_or(at_);
    attempt->request = fact.request;
    attempt->request_state = std::max(attempt->request_state, RequestState::open);
    // It may have been given up for lost.
    attempt->closed.reset();
    note("requested", "spot request " + fact.request + " for a " + attempt->pool.instance_type, launch);
}

void Learner::operator()(const AttemptNotFound& fact) {
    auto* attempt = attempt_of(fact.generation, fact.attempt);
    if (!attempt || attempt->answered || attempt->closed) {
        return;
    }
    attempt->not_found = at_;
    auto& launch = *find_by_generation(record_, fact.generation);
    if (attempt->refused && at_ >= attempt->sent.value_or(at_) + policy_.visible_after) {
        close(launch, *attempt, *attempt->refused);
    } else if (at_ > attempt->valid_until + policy_.visible_after) {
        close(launch, *attempt, "its time went by and EC2 knows nothing of it");
    } else if ((record_.intent != Intent::running || launch.let_go ||
                attempt->spec_revision != record_.spec_revision) &&
               at_ >= attempt->sent.value_or(at_) + policy_.visible_after) {
        // It will not be sent again.
        close(launch, *attempt, "EC2 knows nothing of it");
    }
}

void Learner::operator()(const AttemptRefused& fact) {
    auto* attempt = attempt_of(fact.generation, fact.attempt);
    if (!attempt || attempt->answered || attempt->closed) {
        return;
    }
    if (fact.no_image) {
        (*this)(ImageTold{attempt->image_id, "deregistered"});
    }
    if (fact.no_capacity) {
        without_capacity(fact.pools.empty() ? asked_pools(*attempt) : fact.pools);
    }
    if (attempt->sends > 1) {
        // An earlier send may have been taken: it is looked for until it would have been seen.
        attempt->refused = base::cut(fact.reason, status_bytes_max);
        return;
    }
    close(*find_by_generation(record_, fact.generation), *attempt, fact.reason);
}

void Learner::operator()(const FleetAnswered& fact) {
    auto* launch = find_by_generation(record_, fact.generation);
    auto* attempt = attempt_of(fact.generation, fact.attempt);
    if (!attempt) {
        return;
    }
    without_capacity(fact.no_capacity);
    keep_earliest(attempt->answered, at_);
    attempt->sent = attempt->sent.value_or(at_);
    if (!fact.fleet.empty()) {
        attempt->fleet = fact.fleet;
    }
    attempt->pool = fact.pool;
    give_machine(*launch, *attempt, fact.machine);
    if (launch->machine == fact.machine) {
        // CreateFleet has put our tags on it.
        keep_earliest(launch->tagged, at_);
    }
}

void Learner::operator()(const TemplateMade& fact) {
    record_.launch_template = fact.launch_template;
    record_.retries.erase(template_key);
}

void Learner::operator()(const TemplateGone& /*fact*/) {
    record_.launch_template.reset();
    record_.retries.erase(template_key);
    if (record_.retirement) {
        record_.template_deleted = at_;
    }
}

void Learner::operator()(const RequestDescribed& fact) {
    auto* launch = find_by_request(record_, fact.request);
    if (!launch) {
        return;
    }
    auto& attempt = *find_attempt_by_request(*launch, fact.request);
    const auto held_by = attempt.status;
    // Descriptions can go back in time.
    if (fact.state >= attempt.request_state && !attempt.closed) {
        attempt.request_state = fact.state;
        attempt.status = base::cut(fact.status, status_bytes_max);
    }
    if (fact.machine) {
        give_machine(*launch, attempt, *fact.machine);
        see_marked(*launch, fact);
    } else if (has_ended(fact.state) && is_unsettled(*launch, attempt)) {
        const bool waited = attempt.cancel_sent && *attempt.cancel_sent >= attempt.chosen + policy_.open_for;
        if (waited && !held_by.starts_with("price-too-low")) {
            // The pool had nothing for as long as we waited.
            without_capacity({attempt.pool});
        }
        // Why it was not fulfilled is what it was held by, not that we have cancelled it.
        const bool by_us = attempt.cancel_sent && !held_by.empty();
        close(*launch, attempt,
              by_us ? explain(attempt, held_by) + "; spot request " + fact.request + " was cancelled"
                    : "the spot request ended without a machine: " + explain(attempt, fact.status));
    } else if (attempt.cancelled) {
        (*this)(NotYet{action_key(launch->generation, "describe_request", fact.request)});
    }
}

/// A notice whose event was lost, or comes later. The event tells better when it was.
void Learner::see_marked(const Launch& launch, const RequestDescribed& fact) {
    const auto action = interruption_of(fact.status);
    if (action && launch.machine == fact.machine && !launch.lost && !launch.notice) {
        (*this)(Interrupted{*fact.machine, *action, fact.status_since.value_or(at_) + notice_time});
    }
}

void Learner::operator()(const RequestAbsent& fact) {
    auto* launch = find_by_request(record_, fact.request);
    if (!launch) {
        return;
    }
    auto& attempt = *find_attempt_by_request(*launch, fact.request);
    if (is_unsettled(*launch, attempt) && at_ > attempt.valid_until + policy_.visible_after) {
        close(*launch, attempt, "EC2 no longer knows spot request " + fact.request);
    }
}

void Learner::operator()(const Fulfilled& fact) {
    if (auto* launch = find_by_request(record_, fact.request)) {
        auto& attempt = *find_attempt_by_request(*launch, fact.request);
        if (attempt.request_state < RequestState::active) {
            attempt.request_state = RequestState::active;
            attempt.status = "fulfilled";
        }
        give_machine(*launch, attempt, fact.machine);
    }
}

void Learner::operator()(const CancelSending& fact) {
    if (auto* launch = find_by_request(record_, fact.request)) {
        auto& attempt = *find_attempt_by_request(*launch, fact.request);
        if (!attempt.cancel_sent) {
            attempt.cancel_sent = at_;
            note("cancelled",
                 "spot request " + fact.request + " is cancelled: " +
                     (record_.retirement                               ? "the name is retired"
                      : launch->let_go                                 ? "the machine is no longer wanted"
                      : attempt.spec_revision != record_.spec_revision ? "the spec has changed"
                                                                       : explain(attempt, attempt.status)),
                 launch);
        }
    }
}

void Learner::operator()(const CancelAnswered& fact) {
    if (auto* launch = find_by_request(record_, fact.request)) {
        keep_earliest(find_attempt_by_request(*launch, fact.request)->cancelled, at_);
    }
}

void Learner::operator()(const Adopted& fact) {
    const bool of_fleet = fact.request.empty();
    if (of_fleet ? find_by_machine(record_, fact.machine) != nullptr
                 : find_by_request(record_, fact.request) != nullptr) {
        return;
    }
    if (auto* launch = find_by_generation(record_, fact.generation)) {
        const auto is_meant = [&](const Attempt& attempt) {
            return fact.token.empty() ? &attempt == newest_attempt(*launch) : attempt.token == fact.token;
        };
        const auto attempt = std::ranges::find_if(launch->attempts, is_meant);
        if (attempt == launch->attempts.end() || !attempt->sent) {
            return;
        }
        if (of_fleet) {
            (*this)(FleetAnswered{fact.generation, attempt->number, "", fact.machine, fact.pool});
        } else if (!attempt->request) {
            (*this)(AttemptAnswered{fact.generation, attempt->number, fact.request});
        }
    } else if (record_.launches.empty() || fact.generation > record_.launches.front().generation) {
        // Older launches are forgotten only when nothing of them is left.
        adopt_launch(fact);
    }
}

void Learner::adopt_launch(const Adopted& fact) {
    for (auto& older : record_.launches) {
        const auto* attempt = newest_attempt(older);
        if (!fact.test && older.generation < fact.generation && !older.machine && !older.lost &&
            (!attempt || !attempt->sent || attempt->closed)) {
            // Nothing of it is with EC2, and one launch at a time is enough.
            older.lost = at_;
            older.terminated = at_;
        }
    }
    Launch launch;
    launch.generation = fact.generation;
    launch.started = at_;
    launch.reason = fact.test ? Reason::image_test : Reason::adopted;
    launch.why = fact.request.empty() ? "adopted with machine " + fact.machine
                                      : "adopted with spot request " + fact.request;
    Attempt attempt;
    attempt.token = fact.token.empty() ? attempt_token(record_.uid, fact.generation, 1) : fact.token;
    attempt.pool = fact.request.empty() ? fact.pool : pools_of(record_.spec, Market::spot).front();
    // Which it was asked with is not known where there are several.
    attempt.image_id = record_.images.size() > 1 ? "" : record_.spec.image_id;
    attempt.public_ip = record_.spec.public_ip;
    attempt.chosen = at_;
    attempt.valid_until = at_ + policy_.open_for;
    attempt.sent = at_;
    attempt.answered = at_;
    if (fact.request.empty()) {
        attempt.by = Asking::fleet;
        launch.machine = fact.machine;
        launch.given = at_;
        launch.tagged = at_;
    } else {
        attempt.request = fact.request;
        attempt.request_state = RequestState::open;
    }
    launch.attempts.push_back(std::move(attempt));
    if (fact.late) {
        launch.report = Report{.at = at_, .claimed = {}};
    }
    note("launch_adopted", "launch " + std::to_string(fact.generation) + ": " + launch.why, &launch);
    auto& launches = fact.test ? record_.tests : record_.launches;
    const auto after = std::ranges::upper_bound(launches, fact.generation, {}, &Launch::generation);
    launches.insert(after, std::move(launch));
}

void Learner::give_machine(Launch& launch, Attempt& attempt, const std::string& machine) {
    if (launch.machine == machine || attempt.surplus == machine) {
        return;
    }
    if (auto health = with_capacity(attempt.pool, view_.pools, now_)) {
        step_.pools.push_back(std::move(*health));
    }
    if (launch.machine || launch.lost || attempt.number != newest_attempt(launch)->number) {
        // The attempt was given up as one that would never have a machine, and another was made.
        attempt.surplus = machine;
        note("surplus_machine",
             what_gave(attempt) + " gave machine " + machine + " too late; it is to be ended", &launch);
        return;
    }
    launch.machine = machine;
    launch.given = now_;
    attempt.closed.reset();
    note("machine_given", what_gave(attempt) + " gave machine " + machine + ", " + describe(attempt.pool),
         &launch);
    if (attempt.cancel_sent) {
        launch.abandoned = "its spot request had been cancelled when it was fulfilled";
    }
}

void Learner::without_capacity(const std::vector<Pool>& pools) {
    for (const auto& pool : pools) {
        step_.pools.push_back(avoid(pool, "no capacity", view_.pools, now_, policy_));
    }
}

/// The attempt will never have a machine: the next may be made, after a wait that grows, unless the name is
/// retired.
void Learner::close(Launch& launch, Attempt& attempt, std::string_view reason) {
    attempt.closed = at_;
    attempt.status =
        base::cut(std::string(reason) + (attempt.left_out.empty() ? "" : "; not asked: " + attempt.left_out),
                  status_bytes_max);
    note("attempt_closed", attempt.status, &launch);
    if (record_.retirement) {
        return;
    }
    auto& retry = record_.retries[relaunch_key(launch.generation)];
    ++retry.tries;
    retry.error = attempt.status;
    retry.not_before = now_ + backoff(record_.uid, relaunch_key(launch.generation), retry.tries,
                                      policy_.relaunch_backoff_first, policy_.relaunch_backoff_max);
}

}  // namespace fleet
