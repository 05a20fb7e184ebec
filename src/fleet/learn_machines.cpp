#include <algorithm>
#include <utility>

#include "fleet/learner.hpp"
#include "fleet/pending.hpp"
#include "fleet/pools.hpp"
#include "fleet/spot_status.hpp"

namespace fleet {
namespace {

/// A claim that EC2 has not confirmed for that long was false.
constexpr Duration claim_life = std::chrono::minutes{2};

bool is_loss(Ec2State state) {
    return state >= Ec2State::stopped;
}

/// EC2 says who ended a machine only so far: a call of ours is a user's to it.
std::string why_it_ended(const Record& record, const Launch& launch, const std::string& code) {
    const bool by_us = launch.abandoned || launch.let_go || record.retirement;
    if (code.empty() || by_us) {
        return {};
    }
    if (code == "Client.UserInitiatedShutdown" || code == "Client.UserInitiatedHibernate") {
        return "somebody stopped or ended it (" + code + ")";
    }
    if (code == "Client.InstanceInitiatedShutdown") {
        return "it was shut down from within (" + code + ")";
    }
    if (code.starts_with("Server.SpotInstance")) {
        return "AWS took it (" + code + ")";
    }
    return "EC2 says " + code;
}

std::string describe_key(const Launch& launch) {
    return action_key(launch.generation, "describe", *launch.machine);
}

}  // namespace

void Learner::operator()(const StateChanged& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (!launch) {
        see_surplus(fact.machine, fact.state);
        return;
    }
    if (fact.state < Ec2State::stopping) {
        see_state(*launch, fact.state);
        return;
    }
    if (launch->lost && is_loss(fact.state)) {
        // EC2 has confirmed the loss before: this tells when it began.
        keep_earliest(launch->lost, at_);
    }
    if (claim(*launch, fact.state) && !launch->lost) {
        note("loss_told",
             "an event says that machine " + fact.machine + " is " + ec2_word(fact.state) + "; EC2 is asked",
             launch);
    }
}

void Learner::operator()(const MachineDescribed& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (!launch) {
        see_surplus(fact.machine, fact.state);
        return;
    }
    launch->absences = 0;
    if (launch->ec2_state == Ec2State::stopping && fact.state < Ec2State::stopping &&
        fact.state != Ec2State::unknown && launch->described && at_ - *launch->described > claim_life) {
        // It has been stopped and started again while nobody looked: no machine comes back from stopping.
        launch->loss = launch->loss.empty() ? "it was stopped and started again" : launch->loss;
        see_state(*launch, Ec2State::stopped, launch->described);
        return;
    }
    // Descriptions can go back in time.
    const bool newest = !launch->described || *launch->described <= at_;
    if (newest && fact.state >= launch->ec2_state) {
        launch->described = at_;
        launch->addresses = fact.addresses;
    }
    if (auto* attempt = newest_attempt(*launch);
        attempt && attempt->by == Asking::fleet && !attempt->request && fact.request) {
        // What EC2 says of it, and of its end, is ours too.
        attempt->request = fact.request;
    }
    see_described(*launch, fact);
}

void Learner::operator()(const MachineAbsent& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (!launch) {
        see_surplus(fact.machine, Ec2State::unknown);
        return;
    }
    if (launch->terminated) {
        return;
    }
    ++launch->absences;
    const Time since = launch->given.value_or(launch->started);
    if (launch->absences >= policy_.gone_after_sweeps && at_ - since >= policy_.gone_after) {
        note("machine_absent", "EC2 no longer knows machine " + fact.machine, launch);
        launch->claim.reset();
        see_state(*launch, Ec2State::terminated);
    }
}

void Learner::operator()(const Interrupted& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (!launch || (launch->notice && launch->notice->seen <= at_)) {
        return;
    }
    if (!launch->notice) {
        // A hibernation begins at once.
        const bool is_history = std::max(fact.terminate_by, at_ + notice_time) <= now_;
        note("notice",
             "AWS will " + fact.action + " machine " + fact.machine + " at " +
                 base::format_time(fact.terminate_by) +
                 (is_history ? "; that is past when we hear of it" : ""),
             launch);
        if (is_history) {
            return;
        }
    }
    launch->notice = Notice{fact.action, at_, fact.terminate_by};
    if (const auto* attempt = newest_attempt(*launch)) {
        step_.pools.push_back(avoid(attempt->pool, "a notice there", view_.pools, at_, policy_));
    }
}

void Learner::operator()(const RebalanceAdvised& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (!launch) {
        return;
    }
    if (!launch->rebalance) {
        note("rebalance", "AWS recommends to replace machine " + fact.machine, launch);
    }
    keep_earliest(launch->rebalance, at_);
}

void Learner::operator()(const Reported& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (!launch) {
        return;
    }
    const auto& known = launch->report;
    const bool better =
        known && (known->kind == fact.kind ? at_ < known->at : fact.kind == ReportKind::booted);
    if (!known || better) {
        launch->report = Report{fact.kind, at_, fact.claimed};
        note("reported", "machine " + fact.machine + " reports that it has booted", launch);
    }
}

void Learner::operator()(const MachineTagged& fact) {
    if (auto* launch = find_by_machine(record_, fact.machine)) {
        keep_earliest(launch->tagged, at_);
        record_.retries.erase(action_key(launch->generation, "tag", fact.machine));
    }
}

void Learner::operator()(const Released& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (launch && !launch->released) {
        launch->released = at_;
        note("released", "machine " + fact.machine + " is its user's: it no longer carries our tag", launch);
    }
}

/// A machine that was away for its image and is well again: from here on signs of trouble count.
void Learner::end_trouble(const Launch& launch, std::optional<Time>& sign) {
    const auto since = std::exchange(sign, std::nullopt);
    if (!since || launch.unwell || launch.impaired) {
        return;
    }
    for (auto& image : record_.images) {
        if (image.reboot && image.generation == launch.generation && image.sent && *image.sent <= *since) {
            keep_earliest(image.rebooted, at_);
        }
    }
}

void Learner::operator()(const ProbePassed& fact) {
    if (auto* launch = find_by_machine(record_, fact.machine)) {
        keep_earliest(launch->probed, at_);
        record_.retries.erase(action_key(launch->generation, "probe", fact.machine));
        end_trouble(*launch, launch->unwell);
    }
}

void Learner::operator()(const ProbeFailed& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (launch && launch->ready && !launch->unwell) {
        launch->unwell = at_;
        note("unwell", "the probe of machine " + fact.machine + " fails: " + fact.reason, launch);
    }
}

void Learner::operator()(const StatusChecked& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (!launch || launch->impaired.has_value() == fact.impaired) {
        return;
    }
    if (fact.impaired) {
        launch->impaired = at_;
    } else {
        end_trouble(*launch, launch->impaired);
    }
    note("status_checks",
         "EC2's status checks of machine " + fact.machine + (fact.impaired ? " fail" : " pass again"),
         launch);
}

void Learner::operator()(const ScheduledChange& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (launch && !launch->maintenance) {
        launch->maintenance = Maintenance{fact.code, at_, fact.begins};
        note("maintenance",
             "AWS has planned " + fact.code + " for machine " + fact.machine +
                 (fact.begins ? " at " + base::format_time(*fact.begins) : ""),
             launch);
    }
}

void Learner::operator()(const ScheduledChangeOver& fact) {
    auto* launch = find_by_machine(record_, fact.machine);
    if (launch && launch->maintenance && launch->maintenance->seen <= at_) {
        note("maintenance_over",
             "what AWS had planned for machine " + fact.machine + " is over: " + launch->maintenance->code,
             launch);
        launch->maintenance.reset();
    }
}

/// Whether anything new is claimed.
bool Learner::claim(Launch& launch, Ec2State state) {
    if (state <= launch.ec2_state) {
        return false;
    }
    const bool new_claim = !launch.claim || state > launch.claim->state;
    // A machine that is stopping is not lost yet: its loss begins with the next state.
    const bool of_one_loss = launch.claim && is_loss(launch.claim->state) == is_loss(state);
    const Time since = of_one_loss ? std::min(launch.claim->at, at_) : at_;
    if (new_claim) {
        launch.claim = Claim{state, since};
        record_.retries.erase(describe_key(launch));
    } else if (of_one_loss) {
        launch.claim->at = since;
    }
    return new_claim;
}

void Learner::see_described(Launch& launch, const MachineDescribed& fact) {
    const auto state = fact.state;
    if (is_loss(state) && launch.loss.empty()) {
        launch.loss = why_it_ended(record_, launch, fact.reason);
    }
    const auto claimed = launch.claim;
    // The event tells better than our look when the loss began.
    see_state(launch, state, claimed && is_loss(claimed->state) ? std::optional{claimed->at} : std::nullopt);
    const bool confirmed = claimed && launch.ec2_state >= claimed->state;
    const bool refuted = claimed && at_ - claimed->at > claim_life;
    if (confirmed || refuted) {
        launch.claim.reset();
    }
    if (wants_description(record_.spec, launch)) {
        fail(describe_key(launch), what_is_missing(launch, state));
    } else {
        record_.retries.erase(describe_key(launch));
    }
}

std::string Learner::what_is_missing(const Launch& launch, Ec2State state) const {
    const auto machine = "machine " + *launch.machine;
    if (launch.claim) {
        return "an event says that " + machine + " is " + ec2_word(launch.claim->state) + ", EC2 says " +
               ec2_word(state);
    }
    if (launch.ec2_state != Ec2State::running) {
        return "EC2 says that " + machine + " is " + ec2_word(state);
    }
    return machine + " has no " + (launch.addresses.private_ ? "public" : "private") + " address";
}

void Learner::see_state(Launch& launch, Ec2State state, std::optional<Time> lost_since) {
    if (state == Ec2State::running) {
        keep_earliest(launch.running, at_);
    }
    const bool was_lost = launch.lost.has_value();
    if (is_loss(state)) {
        keep_earliest(launch.lost, std::min(lost_since.value_or(at_), at_));
    }
    if (state == Ec2State::terminated) {
        keep_earliest(launch.terminated, at_);
    }
    if (state <= launch.ec2_state) {
        return;
    }
    launch.ec2_state = state;
    // What EC2 was asked before it may answer otherwise now.
    record_.retries.erase(describe_key(launch));
    if (launch.lost && !was_lost) {
        ++record_.launches_lost;
    }
    note(launch.lost && !was_lost ? "machine_lost" : "machine_state",
         "machine " + *launch.machine + " is " + ec2_word(state) +
             (launch.loss.empty() ? "" : ": " + launch.loss),
         &launch);
}

/// A machine that a given-up attempt got all the same; absent (`unknown`) it has ended unless it is young.
void Learner::see_surplus(const std::string& machine, Ec2State state) {
    for (auto* launch : all_launches(record_)) {
        for (auto& attempt : launch->attempts) {
            const bool gone = state >= Ec2State::shutting_down ||
                              (state == Ec2State::unknown && at_ - attempt.chosen >= policy_.gone_after);
            if (attempt.surplus == machine && gone) {
                keep_earliest(attempt.surplus_ended, at_);
            }
        }
    }
}

}  // namespace fleet
