#include <algorithm>
#include <array>

#include "fleet/launch.hpp"
#include "fleet/retirement.hpp"
#include "simulation/schedule.hpp"

/// The calls that the manager makes: with faults they fail, get lost, or their answers do.
namespace simulation {

using namespace fleet;
using namespace std::chrono_literals;

void Schedule::start(const Action& action) {
    switch (action.kind) {
        case ActionKind::request_spot:
            return request_spot(action);
        case ActionKind::look_up_attempt:
            return look_up(action);
        case ActionKind::cancel_request:
            return cancel(action);
        case ActionKind::terminate_machine:
            return terminate(action);
        case ActionKind::publish_dns:
            return publish(action);
        case ActionKind::remove_dns:
            return remove(action);
        default:
            break;
    }
    if (faults_ && chance(20)) {
        answer_with(action, ActionFailed{action.key, "the call failed"});
    } else {
        answer(action, ask(action));
    }
}

std::vector<Fact> Schedule::ask(const Action& action) {
    const Fact not_yet{now_, NotYet{action.key}};
    switch (action.kind) {
        case ActionKind::describe_request:
            return {{now_, aws_.describe_request(action.id)}};
        case ActionKind::describe_machine: {
            const auto described = aws_.describe_machine(action.id);
            return {described ? Fact{now_, *described} : not_yet};
        }
        case ActionKind::tag_machine:
            return {{now_, MachineTagged{action.id}}};
        case ActionKind::release_machine:
            if (const auto machine = aws_.machines.find(action.id); machine != aws_.machines.end()) {
                machine->second.released = true;
                return {{now_, Released{action.id}}};
            }
            return {{now_, ActionFailed{action.key, "InvalidInstanceID.NotFound"}}};
        case ActionKind::probe_machine:
            return {chance(70) ? Fact{now_, ProbePassed{action.id}} : not_yet};
        case ActionKind::find_zone:
            return {{now_, ZoneFound{action.side, "Z2"}}};
        case ActionKind::follow_change:
            return {aws_.changes.at(action.id) <= now_ ? Fact{now_, ChangeInSync{action.id}} : not_yet};
        default:
            return {};
    }
}

void Schedule::answer(const Action& action, std::vector<Fact> facts) {
    under_way_.push_back({action.key, std::move(facts)});
}

void Schedule::request_spot(const Action& action) {
    if (mutation_ != Mutation::sent_before_durable) {
        tell(AttemptSending{action.generation, action.attempt});
    }
    if (faults_ && chance(10)) {
        return crash();
    }
    const auto* launch = find_by_generation(record_, action.generation);
    const auto& attempt = *std::ranges::find(launch->attempts, action.attempt, &Attempt::number);
    if (!attempt.sent || attempt.token != attempt_token("uid-1", action.generation, action.attempt)) {
        return violated("rule 2: an attempt is sent before its parameters are durable");
    }
    const bool arrives = !faults_ || chance(80);
    if (attempt.valid_until <= now_ || (faults_ && arrives && chance(20))) {
        return answer_with(action, AttemptRefused{action.generation, action.attempt, chance(50), "refused"});
    }
    std::string id;
    if (arrives) {
        id = aws_.request(attempt.token, action.generation, attempt.valid_until, now_ + up_to(2s));
    }
    if (!arrives || (faults_ && chance(20))) {
        return answer_with(action, ActionFailed{action.key, "no answer"});
    }
    answer_with(action, AttemptAnswered{action.generation, action.attempt, id}, aws_.describe_request(id));
}

void Schedule::look_up(const Action& action) {
    const auto token = attempt_token("uid-1", action.generation, action.attempt);
    std::string id;
    if (faults_ && chance(20)) {
        answer_with(action, ActionFailed{action.key, "the call failed"});
    } else if (aws_.find_by_token(token, now_, id)) {
        answer_with(action, AttemptAnswered{action.generation, action.attempt, id},
                    aws_.describe_request(id));
    } else {
        answer_with(action, AttemptNotFound{action.generation, action.attempt});
    }
}

void Schedule::cancel(const Action& action) {
    tell(CancelSending{action.id});
    if (faults_ && chance(10)) {
        return crash();
    }
    auto& request = aws_.requests.at(action.id);
    if (request.state == RequestState::open && (!faults_ || chance(80))) {
        if (chance(30)) {
            // The fulfilment wins: the machine's id shows a moment later.
            aws_.fulfil(action.id, now_);
        }
        request.state = RequestState::cancelled;
    }
    if (faults_ && chance(20)) {
        answer_with(action, ActionFailed{action.key, "no answer"});
    } else {
        answer_with(action, CancelAnswered{action.id});
    }
}

void Schedule::terminate(const Action& action) {
    const auto machine = aws_.machines.find(action.id);
    if (machine == aws_.machines.end()) {
        return answer_with(action, ActionFailed{action.key, "InvalidInstanceID.NotFound"});
    }
    for (const auto& address : {machine->second.addresses.private_, machine->second.addresses.public_}) {
        const bool points_at_it =
            std::ranges::any_of(std::array{Side::private_, Side::public_}, [&](Side side) {
                const auto standing = aws_.standing(side);
                return standing && standing->address == *address;
            });
        // Resolvers are not waited for when its user has said that the name is to go.
        const bool held = record_.retirement ? points_at_it : aws_.resolves(*address, now_);
        if (machine->second.state < Ec2State::shutting_down && held) {
            return violated("rule 4: machine " + action.id + " is ended while DNS may point at it");
        }
    }
    if (machine->second.state < Ec2State::shutting_down) {
        aws_.set_state(action.id, Ec2State::shutting_down, now_);
    }
    if (faults_ && chance(20)) {
        answer_with(action, ActionFailed{action.key, "no answer"});
    } else {
        answer_with(action, StateChanged{action.id, machine->second.state}, NotYet{action.key});
    }
}

/// As the publisher does: what stands there is looked at, and deleted exactly as it stands.
void Schedule::remove(const Action& action) {
    if (faults_ && chance(10)) {
        return answer_with(action, ActionFailed{action.key, "the call failed"});
    }
    const auto standing = aws_.standing(action.side);
    const bool ours = standing && (is_ours(record_.dns(action.side), standing->address) ||
                                   mutation_ == Mutation::anything_is_deleted);
    if (!ours) {
        return answer_with(action, RecordLeft{action.side, "it is not ours"});
    }
    if (!standing->ours) {
        return violated("rule 8: another's record is deleted");
    }
    const bool applied = !faults_ || chance(80);
    if (applied) {
        aws_.remove(action.side, now_ + up_to(20s));
    }
    if (!applied || (faults_ && chance(20))) {
        return answer_with(action, ActionFailed{action.key, "no answer"});
    }
    answer_with(action, RecordDeleted{action.side, standing->address});
}

/// As the publisher does: EC2 is asked just before, and what is sent is durable first.
void Schedule::publish(const Action& action) {
    const auto* ready = ready_launch(record_);
    if (const auto described = ready ? aws_.describe_machine(*ready->machine) : std::nullopt) {
        tell(*described);
    }
    const auto write = wanted_write(record_, action.side);
    const auto* launch = ready_launch(record_);
    if (!write || launch->ec2_state != Ec2State::running || launch->described != now_) {
        return tell(NotYet{action.key});
    }
    tell(UpsertSending{action.side, write->generation, write->address, write->ttl});
    if (faults_ && chance(10)) {
        return crash();
    }
    const auto machine = aws_.machines.find(*launch->machine);
    if (machine == aws_.machines.end() || machine->second.state != Ec2State::running ||
        address_of(Launch{.addresses = machine->second.addresses}, action.side) != write->address ||
        machine->second.generation != write->generation) {
        return violated("rule 3: DNS is pointed at " + write->address +
                        ", which is not what EC2 gives for the machine");
    }
    if (faults_ && chance(15)) {
        return answer_with(action, UpsertRefused{action.side, "refused"});
    }
    std::string change;
    const bool applied = !faults_ || chance(80);
    if (applied) {
        change =
            aws_.upsert(action.side, write->address, std::chrono::seconds{write->ttl}, now_ + up_to(20s));
    }
    if (!applied || (faults_ && chance(20))) {
        return answer_with(action, ActionFailed{action.key, "no answer"});
    }
    answer_with(action, UpsertAccepted{action.side, write->generation, write->address, change});
}

}  // namespace simulation
