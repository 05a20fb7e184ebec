#include <algorithm>

#include "fleet/launch.hpp"
#include "simulation/manager.hpp"

/// The calls about spot requests and machines: they fail, get lost, or their answers do.
namespace simulation {

using namespace fleet;

Duration Manager::latency() {
    return stage_.chance.between(10ms, 400ms);
}

/// What leaves may arrive though its sender has died meanwhile; its answer finds nobody then.
void Manager::call(const Work& work, CarryOut carry_out) {
    const auto& how = stage_.settings;
    auto& chance = stage_.chance;
    const bool failed = chance.percent(how.failed);
    const bool unanswered = chance.percent(how.unanswered);
    const bool arrives = !failed && (!unanswered || chance.percent(50));
    const auto back = unanswered || chance.percent(how.slow) ? chance.between(1s, 60s) : latency();
    stage_.timeline.after(latency(), [this, work, arrives, unanswered, back, process = process_,
                                      carry_out = std::move(carry_out)] {
        auto facts = arrives ? carry_out() : Facts{};
        if (process != process_) {
            return;
        }
        after(back, [this, work, arrives, unanswered, facts = std::move(facts)] {
            if (arrives && !unanswered) {
                conclude(work, facts);
            } else {
                fail(work, unanswered ? "no answer" : "the call failed");
            }
        });
    });
}

void Manager::perform(const Work& work) {
    switch (work.action.kind) {
        case ActionKind::request_spot:
        case ActionKind::create_fleet:
            return ask_for_machine(work);
        case ActionKind::make_template:
            return call(work, [this, work] { return take_template(work); });
        case ActionKind::look_up_attempt:
            return look_up(work);
        case ActionKind::cancel_request:
            return cancel(work);
        case ActionKind::terminate_machine:
            return terminate(work);
        case ActionKind::publish_dns:
            return publish(work);
        case ActionKind::remove_dns:
            return remove_record(work);
        case ActionKind::create_image:
            return create_image(work);
        case ActionKind::announce_image:
            return announce_image(work);
        case ActionKind::deregister_image:
            return deregister_image(work);
        case ActionKind::delete_snapshot:
            return call(work, [this, work] { return take_deletion(work.action); });
        case ActionKind::follow_image:
            return call(work, [this, work] { return answer_about_image(work.action); });
        default:
            return ask(work);
    }
}

void Manager::ask(const Work& work) {
    call(work, [this, work, asked = stage_.now()] { return answer_to(work, asked); });
}

Manager::Facts Manager::answer_to(const Work& work, Time asked) {
    const auto& action = work.action;
    const auto& uid = work.record->uid;
    const auto not_yet = now_that(NotYet{action.key});
    auto& ec2 = world_.ec2;
    switch (action.kind) {
        case ActionKind::describe_request: {
            const auto& seen = world_.read();
            if (!seen.requests.contains(action.id)) {
                return {not_yet, now_that(RequestAbsent{action.id})};
            }
            return {now_that(seen.describe_request(action.id))};
        }
        case ActionKind::describe_machine: {
            const auto described = world_.read().describe_machine(action.id);
            return {described ? Fact{asked, *described} : Fact{asked, NotYet{action.key}}};
        }
        case ActionKind::tag_machine:
            return {now_that(MachineTagged{action.id})};
        case ActionKind::release_machine: {
            const auto machine = ec2.machines.find(action.id);
            if (machine == ec2.machines.end()) {
                return {now_that(ActionFailed{action.key, "InvalidInstanceID.NotFound"})};
            }
            machine->second.released = true;
            if (const auto request = ec2.requests.find(machine->second.request);
                request != ec2.requests.end()) {
                request->second.tags = {};
            }
            return {now_that(Released{action.id})};
        }
        case ActionKind::probe_machine: {
            const auto machine = ec2.machines.find(action.id);
            const bool answers = machine != ec2.machines.end() && machine->second.serves();
            return {answers ? now_that(ProbePassed{action.id}) : not_yet};
        }
        case ActionKind::find_zone:
            return {now_that(ZoneFound{action.side, action.side == Side::private_ ? "Z1" : "Z2"})};
        case ActionKind::delete_template:
            ec2.templates.erase(uid);
            return {now_that(TemplateGone{})};
        case ActionKind::follow_change:
            return {world_.dns.is_in_sync(action.id, stage_.now()) ? now_that(ChangeInSync{action.id})
                                                                   : not_yet};
        default:
            return {};
    }
}

void Manager::cancel(const Work& work) {
    tell(work.name(), {now_that(CancelSending{work.action.id})});
    after(1ms, [this, work] { call(work, [this, id = work.action.id] { return take_cancel(id); }); });
}

Manager::Facts Manager::take_cancel(const std::string& id) {
    const auto found = world_.ec2.requests.find(id);
    if (found == world_.ec2.requests.end()) {
        return {now_that(RequestAbsent{id}), now_that(CancelAnswered{id})};
    }
    auto& request = found->second;
    if (request.machine && world_.ec2.machines.contains(*request.machine)) {
        // It came too late: it is given up for another.
        world_.ec2.machines.at(*request.machine).may_be_replaced = true;
    }
    if (request.state == RequestState::open) {
        request.state = RequestState::cancelled;
        request.status = "canceled-before-fulfillment";
        if (stage_.chance.percent(stage_.settings.unanswered)) {
            // The fulfilment wins the race.
            request.status = "request-canceled-and-instance-running";
            world_.start_machine({.request = id,
                                  .image = request.image,
                                  .public_ip = request.public_ip,
                                  .tags = request.tags,
                                  .pool = request.pool,
                                  .may_be_replaced = true});
        }
    }
    return {now_that(CancelAnswered{id})};
}

void Manager::terminate(const Work& work) {
    call(work, [this, action = work.action]() -> Facts {
        const auto machine = world_.ec2.machines.find(action.id);
        if (machine == world_.ec2.machines.end()) {
            return {now_that(ActionFailed{action.key, "InvalidInstanceID.NotFound"})};
        }
        checks_.ending(action.id);
        world_.end_machine(action.id);
        return {now_that(StateChanged{action.id, machine->second.state}), now_that(NotYet{action.key})};
    });
}

}  // namespace simulation
