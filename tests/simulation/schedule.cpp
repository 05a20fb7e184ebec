#include "simulation/schedule.hpp"

#include <algorithm>
#include <iterator>

#include "base/contains.hpp"
#include "base/json.hpp"
#include "fleet/launch.hpp"
#include "fleet/retirement.hpp"
#include "fleet/status.hpp"

namespace simulation {

using namespace fleet;
using namespace std::chrono_literals;

namespace {

constexpr int steps_with_faults = 150;
/// After faults stop: a request open too long and the longest back-offs, and some room.
constexpr Duration serves_within = 1h;
constexpr int actions_at_one_moment = 60;

Spec a_spec(bool probed) {
    Spec spec;
    spec.name = "lms-chen";
    spec.image_id = "ami-1";
    spec.instance_types = {"t3.small"};
    spec.subnet_ids = {"subnet-1"};
    spec.public_ip = true;
    spec.dns.private_ = DnsName{.name = "lms-chen.internal.example.com", .zone_id = "Z1"};
    spec.dns.public_ = DnsName{.name = "lms-chen.example.com"};
    if (probed) {
        spec.readiness.tcp = TcpProbe{22};
    }
    return spec;
}

}  // namespace

Schedule::Schedule(std::uint64_t seed, Mutation mutation)
    : random_(seed), mutation_(mutation), now_(*base::parse_time("2026-01-15T12:00:00Z")) {
    policy_.attempts_max = 3;
    policy_.history_max = 4;
    auto step = begin(a_spec(chance(50)), "uid-1", now_, view_, now_, policy_);
    record_ = std::move(step.record);
    stale_since_ = now_;
    retires_at_ = chance(40) ? static_cast<int>(below(steps_with_faults)) : -1;
}

std::optional<std::string> Schedule::run() {
    for (int step = 0; step < steps_with_faults && !violation_; ++step) {
        if (step == retires_at_) {
            retire();
        }
        step_with_faults();
        check();
    }
    if (!violation_) {
        calm_down();
    }
    return violation_;
}

bool Schedule::chance(int percent) {
    return below(100) < static_cast<std::uint64_t>(percent);
}

std::uint64_t Schedule::below(std::uint64_t bound) {
    return random_() % bound;
}

Duration Schedule::up_to(Duration longest) {
    return Duration{1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(longest.count())))};
}

void Schedule::learn(const Fact& fact) {
    if (gone_) {
        return;
    }
    auto step = advance(std::move(record_), fact, view_, now_, policy_);
    record_ = std::move(step.record);
    std::ranges::move(step.journal, std::back_inserter(journal_));
    for (const auto& health : step.pools) {
        std::erase_if(view_.pools, [&](const PoolHealth& known) { return known.pool == health.pool; });
        view_.pools.push_back(health);
    }
    mutate(fact);
    if (is_over(record_) || (mutation_ == Mutation::retiring_ends_early && record_.retirement)) {
        gone_ = true;
        check_end();
    }
}

void Schedule::retire() {
    tell(RetirementAsked{"uid-2", chance(30)});
    // A second word comes too late.
    tell(RetirementAsked{"uid-3", chance(50)});
}

void Schedule::mutate(const Fact& fact) {
    auto& launch = record_.launches.back();
    switch (mutation_) {
        case Mutation::cancel_is_believed:
            if (auto* attempt = newest_attempt(launch); attempt && attempt->cancelled && !launch.machine) {
                attempt->closed = now_;
            }
            break;
        case Mutation::claims_are_published:
            if (launch.report) {
                launch.addresses = launch.report->claimed;
            }
            break;
        case Mutation::dns_is_left_at_once:
            record_.dns_private.superseded.clear();
            record_.dns_public.superseded.clear();
            break;
        case Mutation::loss_is_not_confirmed:
            if (launch.claim && !launch.lost) {
                launch.lost = fact.at;
            }
            break;
        case Mutation::failures_are_not_delayed:
            for (auto& [key, retry] : record_.retries) {
                retry.not_before = {};
            }
            break;
        case Mutation::publishing_is_forgotten:
            if (const auto retry = record_.retries.find("publish/public"); retry != record_.retries.end()) {
                retry->second.not_before = now_ + 100h;
            }
            break;
        case Mutation::machine_goes_first:
            if (record_.retirement) {
                record_.dns_private.cleared = now_;
                record_.dns_public.cleared = now_;
            }
            break;
        case Mutation::none:
        case Mutation::retiring_ends_early:
        case Mutation::anything_is_deleted:
        case Mutation::sent_before_durable:
            break;
    }
}

/// What was not durable is gone; the record is read again.
void Schedule::crash() {
    under_way_.clear();
    const auto stored = base::to_json(record_);
    auto read = base::from_json<Record>(stored, base::UnknownKeys::ignore);
    if (!read || *read != record_) {
        violated("a record is not read back as it was stored");
        return;
    }
    record_ = std::move(*read);
}

bool Schedule::knows(const std::string& id) const {
    const auto keys = keys_of(record_);
    return base::contains(keys.requests, id) || base::contains(keys.machines, id);
}

void Schedule::start_something() {
    auto actions = gone_ ? std::vector<Action>{} : pending(record_, now_, policy_);
    std::erase_if(actions, [&](const Action& action) {
        return std::ranges::any_of(under_way_, [&](const Answer& other) { return other.key == action.key; });
    });
    if (actions.empty()) {
        return;
    }
    if (++at_this_moment_ > actions_at_one_moment) {
        violated("an action is repeated without a back-off: " + actions.front().key);
        return;
    }
    start(actions[below(actions.size())]);
}

void Schedule::finish_something() {
    if (under_way_.empty()) {
        return;
    }
    const auto index = static_cast<std::ptrdiff_t>(below(under_way_.size()));
    const auto answer = std::move(under_way_[static_cast<std::size_t>(index)]);
    under_way_.erase(under_way_.begin() + index);
    for (const auto& fact : answer.facts) {
        learn(fact);
    }
}

void Schedule::send(Fact fact, std::string id, bool is_report) {
    queue_.push_back({std::move(fact), std::move(id), now_, is_report});
}

void Schedule::send_state(const std::string& machine, Ec2State state) {
    send({now_, StateChanged{machine, state}}, machine);
}

/// Any message of the queue: lost, doubled, early or late. One about an id that nobody knows waits for it.
void Schedule::receive_something() {
    if (queue_.empty()) {
        return;
    }
    const auto index = static_cast<std::ptrdiff_t>(below(queue_.size()));
    const auto queued = queue_[static_cast<std::size_t>(index)];
    const bool waits = !knows(queued.id);
    if (waits && (queued.is_report || now_ - queued.sent < 2min)) {
        return;
    }
    const bool doubled = faults_ && chance(20);
    if (!doubled) {
        queue_.erase(queue_.begin() + index);
    }
    const bool lost = faults_ && !queued.is_report && chance(20);
    if (!waits && !lost) {
        learn(queued.fact);
    }
}

void Schedule::sweep(const ModelAws& seen) {
    const auto keys = keys_of(record_);
    for (const auto& id : keys.requests) {
        if (seen.requests.contains(id)) {
            tell(seen.describe_request(id));
        }
    }
    for (const auto& id : keys.machines) {
        if (const auto described = seen.describe_machine(id)) {
            tell(*described);
        } else {
            tell(MachineAbsent{id});
        }
    }
}

void Schedule::pass(Duration duration) {
    now_ += duration;
    at_this_moment_ = 0;
    aws_.pass_time(now_);
    if (now_ - stale_since_ > 30s) {
        stale_ = aws_;
        stale_since_ = now_;
    }
    tell(TimePassed{});
}

/// Something happens in AWS: always what must happen some time, with faults also what should not.
void Schedule::move_world() {
    for (auto& [id, request] : aws_.requests) {
        if (request.state == RequestState::open && chance(faults_ ? 15 : 100)) {
            send({now_, Fulfilled{id, aws_.fulfil(id, now_)}}, id);
            return;
        }
    }
    for (auto& [id, machine] : aws_.machines) {
        if (machine.state == Ec2State::pending && chance(50)) {
            send_state(id, Ec2State::pending);
            aws_.set_state(id, Ec2State::running, now_);
            send_state(id, Ec2State::running);
            return;
        }
        if (machine.state == Ec2State::running && !machine.reported && chance(50)) {
            machine.reported = true;
            const auto kind = chance(50) ? ReportKind::booted : ReportKind::legacy;
            const Addresses claimed{.private_ = "192.0.2.66", .public_ = "192.0.2.67"};
            send({now_, Reported{id, kind, claimed}}, id, true);
            return;
        }
        if (machine.state == Ec2State::shutting_down && chance(50)) {
            aws_.set_state(id, Ec2State::terminated, now_);
            send_state(id, Ec2State::terminated);
            return;
        }
        if (faults_ && machine.state <= Ec2State::running && chance(10)) {
            const auto lost = chance(50) && machine.state == Ec2State::running ? Ec2State::stopped
                                                                               : Ec2State::shutting_down;
            aws_.set_state(id, lost, now_);
            send_state(id, lost);
            return;
        }
        if (faults_ && chance(5)) {
            // An event that is not true.
            send_state(id, Ec2State::terminated);
        }
        if (faults_ && chance(1)) {
            // Another writes over our record.
            aws_.dns[chance(50) ? Side::private_ : Side::public_].push_back(
                {.address = "198.51.100.66", .ttl = 30s, .in_sync_from = now_, .ours = false});
        }
        if (faults_ && chance(5)) {
            send({now_, Interrupted{id, "terminate", now_ + 2min}}, id);
        }
    }
}

void Schedule::step_with_faults() {
    switch (below(10)) {
        case 0:
            return pass(up_to(chance(10) ? 20min : 1min));
        case 1:
            return pass(up_to(500ms));
        case 2:
        case 3:
            return move_world();
        case 4:
            return start_something();
        case 5:
            return finish_something();
        case 6:
            return receive_something();
        case 7:
            if (const auto when = deadline(record_, now_, policy_)) {
                pass(std::max<Duration>(*when - now_, 1ms));
            }
            return;
        case 8:
            return chance(30) ? sweep(chance(50) ? aws_ : stale_) : start_something();
        default:
            if (chance(10)) {
                crash();
            } else {
                start_something();
                finish_something();
            }
    }
}

/// No faults from here on: the name must serve, or be gone, in time.
void Schedule::calm_down() {
    faults_ = false;
    crash();
    const Time stopped = now_;
    Time next_sweep = now_;
    while (!violation_) {
        while (!gone_ && !pending(record_, now_, policy_).empty() && !violation_) {
            start_something();
            finish_something();
            check();
        }
        if (violation_ || gone_ || status_of(record_).state == State::serving) {
            return;
        }
        if (now_ - stopped > serves_within) {
            return violated(std::string(record_.retirement ? "retiring does not end: "
                                                           : "rule 9: the name does not serve: ") +
                            status_of(record_).reason);
        }
        move_world();
        receive_something();
        if (now_ >= next_sweep) {
            next_sweep = now_ + 1min;
            sweep(aws_);
        }
        const auto when = deadline(record_, now_, policy_).value_or(now_ + 1s);
        pass(std::clamp<Duration>(when - now_, 1ms, 1s));
        check();
    }
}

}  // namespace simulation
