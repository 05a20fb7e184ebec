#include "sim/interruptions.hpp"

#include "sim/ids.hpp"

namespace sim {

namespace {

EndReason scheduled_stop() {
    return {.code = "Server.ScheduledStop",
            .message = "Server.ScheduledStop: Stopped due to a scheduled retirement"};
}

}  // namespace

Interruptions::Interruptions(Timeline& timeline, const Settings& settings, Machines& machines,
                             SpotRequests& spot_requests, Events& events)
    : timeline_(timeline),
      settings_(settings),
      machines_(machines),
      spot_requests_(spot_requests),
      events_(events) {}

void Interruptions::warn(Machine& machine, const Notice& notice) {
    if (!machine.interruption_action.empty()) {
        return;
    }
    // Hibernation begins with the notice.
    const auto otherwise = notice.action == "hibernate" ? base::Duration{0} : settings_.notice_for;
    const auto left = notice.left.value_or(otherwise);
    machine.interruption_action = notice.action;
    machine.interruption_reason = notice.reason;
    machine.interruption_time = timeline_.now() + left;
    machine.end_held = notice.held;
    spot_requests_.mark(machine, notice.closes_request);
    events_.interruption_warning(machine);
    timeline_.after(left, [this, id = machine.id] {
        auto* warned = machines_.find(id);
        if (warned != nullptr && !warned->end_held) {
            take(*warned);
        }
    });
}

void Interruptions::release(Machine& machine) {
    machine.end_held = false;
    take(machine);
}

void Interruptions::take(Machine& machine) {
    const auto& action = machine.interruption_action;
    if (action == "stop" || action == "hibernate") {
        machines_.stop(machine, spot_interruption());
    } else {
        machines_.terminate(machine, spot_interruption());
    }
}

void Interruptions::recommend_rebalance(Machine& machine) {
    machine.rebalance_time = timeline_.now();
    events_.rebalance_recommendation(machine);
}

void Interruptions::plan_change(Machine& machine, const std::string& code, base::Duration in) {
    const auto begins = timeline_.now() + in;
    machine.planned.push_back({.id = resource_id("instance-event-"),
                               .code = code,
                               .description = "The instance is scheduled for " + code,
                               .not_before = begins,
                               .not_after = begins + std::chrono::hours{2}});
    events_.scheduled_change(machine, machine.planned.back(), "upcoming");
    timeline_.after(in, [this, id = machine.id, change_id = machine.planned.back().id] {
        if (auto* found = machines_.find(id)) {
            carry_out(*found, change_id);
        }
    });
}

void Interruptions::call_off(Machine& machine) {
    for (auto& change : machine.planned) {
        if (!change.over()) {
            change.description = "[Canceled] " + change.description;
            events_.scheduled_change(machine, change, "closed");
        }
    }
}

void Interruptions::carry_out(Machine& machine, const std::string& change_id) {
    for (auto& change : machine.planned) {
        if (change.id != change_id || change.over() || machine.state != MachineState::running) {
            continue;
        }
        change.description = "[Completed] " + change.description;
        events_.scheduled_change(machine, change, "closed");
        if (change.code == "instance-retirement" || change.code == "instance-stop") {
            machines_.stop(machine, scheduled_stop());
        }
        return;
    }
}

}  // namespace sim
