#include "sim/machines.hpp"

#include <utility>

#include "sim/ids.hpp"

namespace sim {

namespace {

std::string address(unsigned first, unsigned number) {
    // .0 and .255 are left out, so that no address looks like a network or a broadcast.
    const auto last = number % 254 + 1;
    const auto rest = number / 254;
    return "127." + std::to_string(first + rest / 256 % 16) + "." + std::to_string(rest % 256) + "." +
           std::to_string(last);
}

bool ending(MachineState state) {
    return state == MachineState::shutting_down || state == MachineState::terminated;
}

}  // namespace

std::string private_address(unsigned number) {
    return address(16, number);
}
std::string public_address(unsigned number) {
    return address(32, number);
}

std::string elastic_address(unsigned number) {
    return address(48, number);
}

std::string_view name_of(MachineState state) {
    switch (state) {
        case MachineState::pending:
            return "pending";
        case MachineState::running:
            return "running";
        case MachineState::shutting_down:
            return "shutting-down";
        case MachineState::terminated:
            return "terminated";
        case MachineState::stopping:
            return "stopping";
        case MachineState::stopped:
            return "stopped";
    }
    return "";
}

EndReason user_initiated() {
    return {.code = "Client.UserInitiatedShutdown",
            .message = "Client.UserInitiatedShutdown: User initiated shutdown"};
}

EndReason spot_interruption() {
    return {.code = "Server.SpotInstanceTermination",
            .message = "Server.SpotInstanceTermination: Spot instance termination"};
}

Machines::Machines(Timeline& timeline, const Settings& settings) : timeline_(timeline), settings_(settings) {}

Machine& Machines::launch(LaunchSpec spec, std::string spot_request_id, std::string reservation_id) {
    Machine machine;
    machine.id = resource_id("i-");
    machine.reservation_id = std::move(reservation_id);
    machine.spec = std::move(spec);
    machine.spot_request_id = std::move(spot_request_id);
    machine.launched = timeline_.now();
    machine.private_address = private_address(launched_++);
    auto& placed = machines_.emplace(machine.id, std::move(machine)).first->second;
    if (on_made) {
        on_made(placed);
    }
    boot(placed);
    return placed;
}

Machine* Machines::find(std::string_view id) {
    const auto found = machines_.find(id);
    return found == machines_.end() ? nullptr : &found->second;
}

Machine* Machines::at_address(std::string_view address) {
    for (auto& [id, machine] : machines_) {
        if (machine.private_address == address || machine.public_address == address) {
            return &machine;
        }
    }
    return nullptr;
}

bool Machines::visible(const Machine& machine) const {
    return machine.launched + settings_.visible_after <= timeline_.now();
}

void Machines::terminate(Machine& machine, EndReason reason) {
    if (ending(machine.state)) {
        return;
    }
    machine.end_reason = std::move(reason);
    enter(machine, MachineState::shutting_down);
    plan(machine, settings_.shutdown_for, [this](Machine& ended) {
        ended.private_address.clear();
        ended.public_address.clear();
        enter(ended, MachineState::terminated);
        plan(ended, settings_.terminated_for, [this](const Machine& old) { machines_.erase(old.id); });
    });
}

void Machines::stop(Machine& machine, EndReason reason) {
    if (ending(machine.state)) {
        return;
    }
    machine.end_reason = std::move(reason);
    enter(machine, MachineState::stopping);
    plan(machine, settings_.stop_for, [this](Machine& stopped) {
        // An elastic address stays; a start gives another one of EC2's.
        if (!stopped.has_elastic_address) {
            stopped.public_address.clear();
        }
        enter(stopped, MachineState::stopped);
    });
}

void Machines::start(Machine& machine) {
    machine.end_reason.reset();
    machine.interruption_action.clear();
    boot(machine);
}

void Machines::reboot(Machine& machine) {
    if (machine.state != MachineState::running) {
        return;
    }
    const bool again = machine.booted;
    machine.booted = false;
    ++machine.step;
    if (on_reboot) {
        on_reboot(machine);
    }
    plan(machine, settings_.reboot_for, [this, again](Machine& up) { come_up(up, again); });
}

void Machines::give_public_address(Machine& machine) {
    if (machine.has_elastic_address) {
        return;
    }
    const bool lives = machine.state == MachineState::pending || machine.state == MachineState::running;
    machine.public_address = machine.spec.public_address && lives ? public_address(public_addresses_++) : "";
}

void Machines::boot(Machine& machine) {
    enter(machine, MachineState::pending);
    plan(machine, settings_.pending_for, [this](Machine& up) {
        // EC2 gives the public address while the machine starts, not at once.
        give_public_address(up);
        enter(up, MachineState::running);
        plan(up, settings_.boot_for, [this](Machine& ready) { come_up(ready, false); });
    });
}

void Machines::come_up(Machine& machine, bool again) {
    machine.booted = !machine.spoiled;
    if (machine.booted && !again && on_booted) {
        on_booted(machine);
    }
}

void Machines::enter(Machine& machine, MachineState state) {
    machine.state = state;
    machine.booted = false;
    ++machine.step;
    if (on_state) {
        on_state(machine);
    }
}

void Machines::plan(const Machine& machine, base::Duration delay, std::function<void(Machine&)> action) {
    timeline_.after(delay, [this, id = machine.id, step = machine.step, action = std::move(action)] {
        auto* found = find(id);
        if (found != nullptr && found->step == step) {
            action(*found);
        }
    });
}

}  // namespace sim
