#include "sim/spot.hpp"

#include <utility>

#include "base/text.hpp"
#include "sim/ids.hpp"

namespace sim {

std::string_view status_message(std::string_view status) {
    static const std::map<std::string_view, std::string_view> messages = {
        {"pending-evaluation", "Your Spot request has been submitted for review, and is pending evaluation."},
        {"pending-fulfillment", "Your Spot request is pending fulfillment."},
        {"not-scheduled-yet", "Your Spot request will not be evaluated until the scheduled date."},
        {"capacity-not-available", "There is no Spot capacity available that matches your request."},
        {"price-too-low",
         "Your Spot request price is lower than the minimum required Spot request fulfillment price."},
        {"fulfilled", "Your Spot request is fulfilled."},
        {"marked-for-termination", "Your Spot Instance is marked for termination."},
        {"marked-for-stop", "Your Spot Instance is marked for stopping."},
        {"request-canceled-and-instance-running",
         "Your Spot request is canceled, but your instance(s) are still running."},
        {"schedule-expired",
         "Your Spot request expired because it was not fulfilled before the specified date."},
        {"canceled-before-fulfillment", "Your Spot request is canceled before it is fulfilled."},
        {"instance-terminated-by-user", "Spot Instance terminated due to user-initiated termination."},
        {"instance-terminated-no-capacity",
         "Your Spot instance was terminated because there is no Spot capacity available."},
        {"instance-terminated-by-price",
         "Your Spot instance was terminated because the Spot price exceeded your maximum price."},
        {"instance-terminated-capacity-oversubscribed",
         "Your Spot instance was terminated because the number of Spot requests exceeded the capacity."},
        {"instance-stopped-by-price",
         "Your Spot instance was stopped because the Spot price exceeded your maximum price."},
        {"instance-stopped-capacity-oversubscribed",
         "Your Spot instance was stopped because the number of Spot requests exceeded the capacity."},
        {"instance-stopped-by-user", "Spot Instance stopped due to user-initiated stop."},
        {"instance-stopped-no-capacity",
         "Your Spot instance was stopped because there is no Spot capacity available."},
    };
    const auto found = messages.find(status);
    return found == messages.end() ? status : found->second;
}

namespace {

/// Why a machine ends or stops, as the status of its request says.
std::string reason_of(const Machine& machine) {
    if (machine.end_reason && machine.end_reason->code.starts_with("Client.")) {
        return "by-user";
    }
    return machine.interruption_reason.empty() ? "no-capacity" : machine.interruption_reason;
}

}  // namespace

SpotRequests::SpotRequests(Timeline& timeline, const Settings& settings, Pools& pools, Machines& machines)
    : timeline_(timeline), settings_(settings), pools_(pools), machines_(machines) {}

std::vector<std::string> SpotRequests::request(const SpotAsk& ask, std::size_t count) {
    std::vector<std::string> ids;
    for (std::size_t made = 0; made < count; ++made) {
        auto& request = add(ask);
        ids.push_back(request.id);
        const auto until_valid = ask.valid_from ? *ask.valid_from - timeline_.now() : base::Duration{0};
        if (until_valid.count() > 0) {
            request.status = "not-scheduled-yet";
        }
        timeline_.after(std::max(until_valid, settings_.fulfil_after),
                        [this, id = request.id] { evaluate(id); });
        if (ask.valid_until) {
            timeline_.after(*ask.valid_until - timeline_.now(), [this, id = request.id] { expire(id); });
        }
    }
    return ids;
}

Answer<Machine*> SpotRequests::run(const SpotAsk& ask, const std::string& reservation_id) {
    const auto held = obstacle(ask);
    if (held == "price-too-low") {
        return refuse("SpotMaxPriceTooLow",
                      "Your Spot request price of " + ask.price +
                          " is lower than the minimum required Spot request fulfillment price of " +
                          pools_.price(ask.spec.machine_type, ask.spec.zone) + ".");
    }
    if (!held.empty()) {
        return refuse("InsufficientInstanceCapacity",
                      "There is no Spot capacity available that matches your request.", 500);
    }
    return &fulfil(add(ask), reservation_id);
}

SpotRequest* SpotRequests::find(std::string_view id) {
    const auto found = requests_.find(id);
    return found == requests_.end() ? nullptr : &found->second;
}

bool SpotRequests::visible(const SpotRequest& request) const {
    return request.created + settings_.visible_after <= timeline_.now();
}

void SpotRequests::cancel(SpotRequest& request) {
    if (request.state == "open" || request.state == "disabled") {
        enter(request, "cancelled", "canceled-before-fulfillment");
    } else if (request.state == "active") {
        enter(request, "cancelled", "request-canceled-and-instance-running");
    }
}

void SpotRequests::follow(const Machine& machine) {
    auto* request = find(machine.spot_request_id);
    if (request == nullptr) {
        return;
    }
    const bool by_user = machine.end_reason && machine.end_reason->code.starts_with("Client.");
    const bool living = request->state == "active" || request->state == "disabled" ||
                        request->status == "request-canceled-and-instance-running";
    if (machine.state == MachineState::shutting_down && living) {
        // A request that was cancelled stays so; only its status says that the machine has ended too.
        const auto* const state = request->state == "cancelled" ? "cancelled" : "closed";
        enter(*request, state, "instance-terminated-" + reason_of(machine));
        if (request->ask.persistent && !by_user && request->state == "closed") {
            reopen(*request);
        }
    } else if (machine.state == MachineState::stopping && living) {
        enter(*request, "disabled", "instance-stopped-" + reason_of(machine));
    } else if (machine.state == MachineState::running && request->state == "disabled") {
        enter(*request, "active", "fulfilled");
    }
}

void SpotRequests::mark(const Machine& machine, bool closes) {
    auto* request = find(machine.spot_request_id);
    if (request == nullptr || request->state != "active") {
        return;
    }
    const bool ends = machine.interruption_action == "terminate";
    if (closes) {
        enter(*request, ends ? "closed" : "disabled",
              (ends ? "instance-terminated-" : "instance-stopped-") + reason_of(machine));
    } else {
        enter(*request, "active", ends ? "marked-for-termination" : "marked-for-stop");
    }
}

void SpotRequests::look_again() {
    for (const auto& [id, request] : requests_) {
        if (request.state == "open" && request.status != "not-scheduled-yet") {
            timeline_.after(settings_.fulfil_after, [this, open = id] { evaluate(open); });
        }
    }
}

void SpotRequests::evaluate(const std::string& id) {
    auto* request = find(id);
    if (request == nullptr || request->state != "open") {
        return;
    }
    if (is_bad && is_bad(request->ask)) {
        enter(*request, "closed", "bad-parameters");
        return;
    }
    if (const auto held = obstacle(request->ask); !held.empty()) {
        enter(*request, "open", held);
        return;
    }
    fulfil(*request, resource_id("r-"));
    if (on_fulfilled) {
        on_fulfilled(*request);
    }
}

void SpotRequests::expire(const std::string& id) {
    auto* request = find(id);
    if (request != nullptr && request->state == "open") {
        enter(*request, "cancelled", "schedule-expired");
    }
}

void SpotRequests::enter(SpotRequest& request, std::string state, std::string status) {
    request.state = std::move(state);
    request.status = std::move(status);
    request.status_time = timeline_.now();
    if (request.state == "closed" || request.state == "cancelled") {
        timeline_.after(settings_.ended_request_for, [this, id = request.id, at = request.status_time] {
            const auto* ended = find(id);
            if (ended != nullptr && ended->status_time == at) {
                requests_.erase(id);
            }
        });
    }
}

std::string SpotRequests::obstacle(const SpotAsk& ask) const {
    if (!pools_.available({.machine_type = ask.spec.machine_type, .zone = ask.spec.zone})) {
        return "capacity-not-available";
    }
    const auto market = dollars(pools_.price(ask.spec.machine_type, ask.spec.zone));
    if (!ask.price.empty() && dollars(ask.price) < market) {
        return "price-too-low";
    }
    return {};
}

Machine& SpotRequests::fulfil(SpotRequest& request, const std::string& reservation_id) {
    pools_.take({.machine_type = request.ask.spec.machine_type, .zone = request.ask.spec.zone});
    auto& machine = machines_.launch(request.ask.spec, request.id, reservation_id);
    machine.persistent = request.ask.persistent;
    request.machine_id = machine.id;
    enter(request, "active", "fulfilled");
    return machine;
}

SpotRequest& SpotRequests::add(const SpotAsk& ask) {
    SpotRequest request;
    request.id = base::to_lower(alphanumeric_id("sir-", 8));
    request.ask = ask;
    request.tags = ask.tags;
    request.created = timeline_.now();
    request.status = "pending-evaluation";
    request.status_time = request.created;
    return requests_.emplace(request.id, std::move(request)).first->second;
}

void SpotRequests::reopen(SpotRequest& request) {
    request.machine_id.clear();
    enter(request, "open", "pending-evaluation");
    timeline_.after(settings_.fulfil_after, [this, id = request.id] { evaluate(id); });
}

}  // namespace sim
