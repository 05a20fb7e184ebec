#include "fleet/learn.hpp"

#include <algorithm>
#include <utility>

#include "fleet/launch.hpp"
#include "fleet/pending.hpp"
#include "fleet/plan.hpp"
#include "fleet/pools.hpp"

namespace fleet {
namespace {

/// A claim that EC2 has not confirmed for that long was false.
constexpr Duration claim_life = std::chrono::minutes{10};

void keep_earliest(std::optional<Time>& known, Time at) {
    known = known ? std::min(*known, at) : at;
}

bool is_loss(Ec2State state) {
    return state >= Ec2State::stopped;
}

bool has_ended(RequestState state) {
    return state == RequestState::closed || state == RequestState::cancelled || state == RequestState::failed;
}

class Learner {
  public:
    Learner(Step& step, Time at, const FleetView& view, Time now, const Policy& policy)
        : step_(step), record_(step.record), at_(at), view_(view), now_(now), policy_(policy) {}

    void operator()(const TimePassed&) const {}

    void operator()(const Fulfilled& fact) {
        if (auto* launch = find_by_request(record_, fact.request)) {
            auto& attempt = *find_attempt_by_request(*launch, fact.request);
            attempt.request_state = std::max(attempt.request_state, RequestState::active);
            give_machine(*launch, attempt, fact.machine);
        }
    }

    void operator()(const StateChanged& fact) {
        auto* launch = find_by_machine(record_, fact.machine);
        if (!launch) {
            return;
        }
        if (!is_loss(fact.state)) {
            see_state(*launch, fact.state, at_);
        } else if (launch->lost) {
            // EC2 has confirmed the loss before: this tells when it began, or how far it has come.
            keep_earliest(launch->lost, at_);
            claim(*launch, fact.state);
        } else {
            claim(*launch, fact.state);
            note("loss_told", "an event says that machine " + fact.machine + " is lost; EC2 is asked",
                 launch);
        }
    }

    void operator()(const Interrupted& fact) {
        auto* launch = find_by_machine(record_, fact.machine);
        if (!launch || launch->notice) {
            return;
        }
        launch->notice = Notice{fact.action, at_, fact.terminate_by};
        note("notice",
             "AWS will " + fact.action + " machine " + fact.machine + " at " +
                 base::format_time(fact.terminate_by),
             launch);
    }

    void operator()(const RebalanceAdvised& fact) {
        auto* launch = find_by_machine(record_, fact.machine);
        if (launch && !launch->rebalance) {
            launch->rebalance = at_;
            note("rebalance", "AWS recommends to replace machine " + fact.machine, launch);
        }
    }

    void operator()(const Reported& fact) {
        auto* launch = find_by_machine(record_, fact.machine);
        if (!launch) {
            return;
        }
        const bool better = launch->report && launch->report->kind == ReportKind::legacy && !launch->ready &&
                            fact.kind == ReportKind::booted;
        if (!launch->report || better) {
            launch->report = Report{fact.kind, at_, fact.claimed};
            note("reported", "machine " + fact.machine + " reports that it has booted", launch);
        }
    }

    void operator()(const MachineDescribed& fact) {
        auto* launch = find_by_machine(record_, fact.machine);
        if (!launch) {
            return;
        }
        launch->absences = 0;
        if (!launch->described || *launch->described <= at_) {
            launch->described = at_;
            launch->addresses = fact.addresses;
        }
        see_described(*launch, fact.state);
    }

    void operator()(const MachineAbsent& fact) {
        auto* launch = find_by_machine(record_, fact.machine);
        if (!launch || launch->terminated) {
            return;
        }
        ++launch->absences;
        const bool old_enough = at_ - launch->running.value_or(launch->started) >= policy_.gone_after;
        if (launch->absences >= policy_.gone_after_sweeps && old_enough) {
            note("machine_absent", "EC2 no longer knows machine " + fact.machine, launch);
            see_state(*launch, Ec2State::terminated, at_);
        }
    }

    void operator()(const RequestDescribed& fact) {
        auto* launch = find_by_request(record_, fact.request);
        if (!launch) {
            return;
        }
        auto& attempt = *find_attempt_by_request(*launch, fact.request);
        const bool backwards = fact.state < attempt.request_state;
        if (!backwards) {
            attempt.request_state = fact.state;
            attempt.status = fact.status;
        }
        if (fact.machine) {
            give_machine(*launch, attempt, *fact.machine);
        } else if (has_ended(fact.state) && !launch->machine && !attempt.closed) {
            close(*launch, attempt, "the spot request ended without a machine: " + fact.status);
        } else if (attempt.cancelled) {
            look_later("describe_request/" + fact.request, *launch);
        }
    }

    void operator()(const AttemptSending& fact) {
        if (auto* attempt = attempt_of(fact)) {
            attempt->sent = at_;
        }
    }

    void operator()(const AttemptAnswered& fact) {
        auto* launch = find_by_generation(record_, fact.generation);
        auto* attempt = attempt_of(fact);
        if (!attempt || attempt->request) {
            return;
        }
        keep_earliest(attempt->answered, at_);
        attempt->sent = attempt->sent.value_or(at_);
        attempt->request = fact.request;
        attempt->request_state = std::max(attempt->request_state, RequestState::open);
        record_.retries.erase(key(*launch, "request", fact.attempt));
        record_.retries.erase(key(*launch, "look_up", fact.attempt));
        note("requested", "spot request " + fact.request + " for a " + attempt->pool.instance_type, launch);
    }

    void operator()(const AttemptNotFound& fact) {
        auto* attempt = attempt_of(fact);
        if (!attempt || attempt->request || attempt->closed) {
            return;
        }
        auto& launch = *find_by_generation(record_, fact.generation);
        record_.retries.erase(key(launch, "look_up", fact.attempt));
        if (at_ > attempt->valid_until + std::chrono::minutes{1}) {
            close(launch, *attempt, "its time went by and EC2 knows nothing of it");
        } else {
            attempt->sent.reset();
        }
    }

    void operator()(const AttemptRefused& fact) {
        auto* attempt = attempt_of(fact);
        if (!attempt || attempt->request || attempt->closed) {
            return;
        }
        if (fact.no_capacity) {
            step_.pools.push_back(without_capacity(attempt->pool, view_.pools, now_, policy_));
        }
        close(*find_by_generation(record_, fact.generation), *attempt, fact.reason);
    }

    void operator()(const CancelSending& fact) {
        if (auto* launch = find_by_request(record_, fact.request)) {
            auto& attempt = *find_attempt_by_request(*launch, fact.request);
            if (!attempt.cancel_sent) {
                attempt.cancel_sent = at_;
                note("cancelled", "spot request " + fact.request + " is cancelled: " + attempt.status,
                     launch);
            }
        }
    }

    void operator()(const CancelAnswered& fact) {
        if (auto* launch = find_by_request(record_, fact.request)) {
            keep_earliest(find_attempt_by_request(*launch, fact.request)->cancelled, at_);
            record_.retries.erase(std::to_string(launch->generation) + "/cancel/" + fact.request);
        }
    }

    void operator()(const MachineTagged& fact) {
        if (auto* launch = find_by_machine(record_, fact.machine)) {
            keep_earliest(launch->tagged, at_);
            record_.retries.erase(std::to_string(launch->generation) + "/tag/" + fact.machine);
        }
    }

    void operator()(const ProbePassed& fact) {
        if (auto* launch = find_by_machine(record_, fact.machine)) {
            keep_earliest(launch->probed, at_);
            record_.retries.erase(std::to_string(launch->generation) + "/probe/" + fact.machine);
        }
    }

    void operator()(const ZoneFound& fact) {
        record_.dns(fact.side).zone_id = fact.zone_id;
        record_.retries.erase(fact.side == Side::private_ ? "zone/private" : "zone/public");
    }

    void operator()(const UpsertSending& fact) {
        auto& dns = record_.dns(fact.side);
        supersede(dns, dns.unanswered);
        DnsWrite write;
        write.generation = fact.generation;
        write.address = fact.address;
        write.ttl = fact.ttl;
        write.sent = at_;
        dns.unanswered = std::move(write);
    }

    void operator()(const UpsertAccepted& fact) {
        auto& dns = record_.dns(fact.side);
        if (!dns.unanswered || dns.unanswered->generation != fact.generation ||
            dns.unanswered->address != fact.address) {
            return;
        }
        supersede(dns, dns.published);
        dns.published = std::exchange(dns.unanswered, std::nullopt);
        dns.published->accepted = at_;
        dns.published->change = fact.change;
        record_.retries.erase(publish_key(fact.side));
        note("published", record_.dns_name(fact.side)->name + " points at " + fact.address,
             find_by_generation(record_, fact.generation));
    }

    void operator()(const UpsertRefused& fact) {
        record_.dns(fact.side).unanswered.reset();
        fail(publish_key(fact.side), fact.reason);
        note("dns_refused", fact.reason);
    }

    void operator()(const ChangeInSync& fact) {
        for (const Side side : {Side::private_, Side::public_}) {
            auto& dns = record_.dns(side);
            if (dns.published && dns.published->change == fact.change && !dns.published->in_sync) {
                dns.published->in_sync = at_;
                note("in_sync", record_.dns_name(side)->name + " is in sync on all of Route53's servers",
                     find_by_generation(record_, dns.published->generation));
            }
        }
        record_.retries.erase("change/" + fact.change);
    }

    void operator()(const ActionFailed& fact) { fail(fact.key, fact.reason); }

    void operator()(const NotYet& fact) {
        const bool change = fact.key.starts_with("change/");
        const bool probe = fact.key.find("/probe/") != std::string::npos;
        const auto wait = change ? policy_.change_every : probe ? policy_.probe_every : policy_.look_every;
        auto& retry = record_.retries[fact.key];
        retry = {.tries = retry.tries, .not_before = now_ + wait, .error = {}};
    }

    void operator()(const Adopted& fact) {
        if (find_by_request(record_, fact.request)) {
            return;
        }
        if (auto* launch = find_by_generation(record_, fact.generation)) {
            auto* attempt = newest_attempt(*launch);
            if (attempt && !attempt->request && !attempt->closed) {
                (*this)(AttemptAnswered{fact.generation, attempt->number, fact.request});
            }
            return;
        }
        Launch launch;
        launch.generation = fact.generation;
        launch.started = at_;
        launch.why = "adopted with spot request " + fact.request;
        Attempt attempt;
        attempt.token = attempt_token(record_.uid, fact.generation, 1);
        attempt.pool = choose_pool(record_.spec, view_.pools, now_);
        attempt.image_id = record_.spec.image_id;
        attempt.chosen = at_;
        attempt.sent = at_;
        attempt.answered = at_;
        attempt.request = fact.request;
        attempt.request_state = RequestState::open;
        launch.attempts.push_back(std::move(attempt));
        note("launch_adopted", "launch " + std::to_string(fact.generation) + ": " + launch.why, &launch);
        const auto after =
            std::ranges::upper_bound(record_.launches, fact.generation, {}, &Launch::generation);
        record_.launches.insert(after, std::move(launch));
    }

  private:
    static std::string publish_key(Side side) {
        return side == Side::private_ ? "publish/private" : "publish/public";
    }

    static std::string key(const Launch& launch, std::string_view what, int attempt) {
        return std::to_string(launch.generation) + "/" + std::string(what) + "/" + std::to_string(attempt);
    }

    template <class AttemptFact>
    Attempt* attempt_of(const AttemptFact& fact) {
        auto* launch = find_by_generation(record_, fact.generation);
        return launch ? find_attempt(*launch, fact.attempt) : nullptr;
    }

    void note(std::string event, std::string text, const Launch* launch = nullptr) {
        fleet::note(step_, at_, std::move(event), std::move(text), launch);
    }

    void fail(const std::string& action, const std::string& reason) {
        auto& retry = record_.retries[action];
        ++retry.tries;
        retry.error = reason;
        retry.not_before =
            now_ + backoff(record_.uid, action, retry.tries, policy_.backoff_first, policy_.backoff_max);
    }

    void look_later(const std::string& what, const Launch& launch) {
        (*this)(NotYet{std::to_string(launch.generation) + "/" + what});
    }

    void give_machine(Launch& launch, Attempt& attempt, const std::string& machine) {
        if (launch.machine) {
            return;
        }
        launch.machine = machine;
        attempt.closed.reset();
        step_.pools.push_back(with_capacity(attempt.pool));
        note("machine_given", "spot request " + *attempt.request + " was fulfilled with machine " + machine,
             &launch);
        if (attempt.cancel_sent) {
            launch.abandoned = "its spot request had been cancelled when it was fulfilled";
        } else if (attempt.number != launch.attempts.back().number) {
            launch.abandoned = "a later attempt had been made when its spot request was fulfilled";
        }
    }

    /// The attempt will never have a machine: the next may be made, after a wait that grows.
    void close(Launch& launch, Attempt& attempt, const std::string& reason) {
        attempt.closed = at_;
        attempt.status = reason;
        auto& retry = record_.retries[relaunch_key(launch.generation)];
        ++retry.tries;
        retry.error = reason;
        retry.not_before = now_ + backoff(record_.uid, relaunch_key(launch.generation), retry.tries,
                                          policy_.relaunch_backoff_first, policy_.relaunch_backoff_max);
        note("attempt_closed", reason, &launch);
    }

    void claim(Launch& launch, Ec2State state) {
        if (state > launch.ec2_state && (!launch.claim || state > launch.claim->state)) {
            const Time since = launch.claim ? std::min(launch.claim->at, at_) : at_;
            launch.claim = Claim{state, since};
            record_.retries.erase(describe_key(launch));
        } else if (launch.claim) {
            launch.claim->at = std::min(launch.claim->at, at_);
        }
    }

    static std::string describe_key(const Launch& launch) {
        return std::to_string(launch.generation) + "/describe/" + *launch.machine;
    }

    void see_described(Launch& launch, Ec2State state) {
        const auto claimed = launch.claim;
        // The event tells better than our look when the loss began.
        see_state(launch, state, claimed && is_loss(state) ? std::min(claimed->at, at_) : at_);
        const bool confirmed = claimed && launch.ec2_state >= claimed->state;
        const bool refuted = claimed && at_ - claimed->at > claim_life;
        if (confirmed || refuted) {
            launch.claim.reset();
        }
        const bool told_to_run = launch.ec2_state == Ec2State::running || launch.report;
        const bool asked_again = launch.claim || (is_alive(launch) && told_to_run && !has_addresses(launch));
        if (asked_again) {
            fail(describe_key(launch),
                 "EC2 says " + std::string(boost::describe::enum_to_string(state, "?")));
        } else {
            record_.retries.erase(describe_key(launch));
        }
    }

    bool has_addresses(const Launch& launch) const {
        return launch.ec2_state == Ec2State::running && launch.addresses.private_ &&
               (!record_.spec.public_ip || launch.addresses.public_);
    }

    void see_state(Launch& launch, Ec2State state, Time at) {
        if (state == Ec2State::running) {
            keep_earliest(launch.running, at);
        }
        const bool was_lost = launch.lost.has_value();
        if (is_loss(state)) {
            keep_earliest(launch.lost, at);
        }
        if (state == Ec2State::terminated) {
            keep_earliest(launch.terminated, at);
        }
        if (state <= launch.ec2_state) {
            return;
        }
        launch.ec2_state = state;
        if (launch.lost && !was_lost) {
            ++record_.launches_lost;
        }
        note(launch.lost && !was_lost ? "machine_lost" : "machine_state",
             "machine " + *launch.machine + " is " + boost::describe::enum_to_string(state, "?"), &launch);
    }

    static void supersede(DnsState& dns, const std::optional<DnsWrite>& write) {
        if (write) {
            dns.superseded.push_back(*write);
        }
    }

    Step& step_;
    Record& record_;
    Time at_;
    const FleetView& view_;
    Time now_;
    const Policy& policy_;
};

}  // namespace

void learn(Step& step, const Fact& fact, const FleetView& view, Time now, const Policy& policy) {
    std::visit(Learner(step, fact.at, view, now, policy), fact.body);
}

}  // namespace fleet
