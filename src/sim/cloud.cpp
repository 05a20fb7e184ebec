#include "sim/cloud.hpp"

#include <utility>

#include "sim/user_data.hpp"

namespace sim {

Cloud::Cloud(Settings given_settings, base::Time start)
    : settings(std::move(given_settings)),
      timeline(start),
      faults(timeline),
      identities(timeline, settings),
      queues(timeline, settings, faults),
      events(timeline, settings, queues, faults),
      pools(settings),
      machines(timeline, settings),
      images(timeline, settings, events),
      spot_requests(timeline, settings, pools, machines),
      quotas(machines, spot_requests),
      launch_templates(timeline, settings),
      fleets(timeline, settings, pools, quotas, images, machines, spot_requests),
      addresses(machines),
      interruptions(timeline, settings, machines, spot_requests, events),
      zones(timeline, settings, faults) {
    quotas.set(Market::spot, settings.spot_vcpus_max);
    quotas.set(Market::on_demand, settings.on_demand_vcpus_max);
    machines.on_made = [this](Machine& machine) { images.install(machine); };
    machines.on_reboot = [this](const Machine& machine) {
        if (on_machine_down) {
            on_machine_down(machine);
        }
    };
    machines.on_state = [this](const Machine& machine) { follow(machine); };
    machines.on_booted = [this](const Machine& machine) { report(machine); };
    spot_requests.on_fulfilled = [this](const SpotRequest& request) { events.fulfilment(request); };
    spot_requests.is_bad = [this](const SpotAsk& ask) { return !images.check_launch(ask.spec.image_id); };
    pools.on_change = [this] { spot_requests.look_again(); };
}

Answer<void> Cloud::room_for(const Machine& machine) {
    const auto market = machine.spot_request_id.empty() ? Market::on_demand : Market::spot;
    if (!pools.available({machine.spec.machine_type, machine.spec.zone, market})) {
        return refuse("InsufficientInstanceCapacity",
                      "Insufficient capacity to start the instance '" + machine.id + "'.", 500);
    }
    return quotas.check(market, machine.spec.machine_type, 1);
}

Shown Cloud::present() {
    return {.time = timeline.now(),
            .machines = machines.all(),
            .spot_requests = spot_requests.all(),
            .images = images.all(),
            .snapshots = images.snapshots()};
}

Shown Cloud::show(std::string_view operation) {
    const auto now = present();
    if (!faults.any(FaultKind::stale)) {
        return now;
    }
    past.remember(now);
    const auto strike = faults.strike("ec2", operation, {FaultKind::stale});
    return strike ? past.at(timeline.now() - strike->by) : now;
}

void Cloud::follow(const Machine& machine) {
    spot_requests.follow(machine);
    addresses.follow(machine);
    images.follow(machine);
    events.state_change(machine);
    if (machine.state != MachineState::pending && machine.state != MachineState::running && on_machine_down) {
        on_machine_down(machine);
    }
}

void Cloud::report(const Machine& machine) {
    const auto report = report_of(machine, settings.legacy_reports);
    if (!report) {
        return;
    }
    const auto note = [&](const std::string& sentence) {
        if (on_note) {
            on_note("machine " + machine.id + " " + sentence);
        }
    };
    if (machine.spec.instance_profile.empty()) {
        note("cannot report: it has no instance profile, so no credentials");
        return;
    }
    const auto sender = role_session(settings, machine.spec.instance_profile, machine.id);
    const auto sent =
        queues.send(queue_name(report->queue_url),
                    {.body = report->body, .sender_id = sender.user_id, .attributes = {}, .delay = {}});
    note(sent ? "reported that it has booted"
              : "cannot report: the queue " + report->queue_url + " does not exist");
}

}  // namespace sim
