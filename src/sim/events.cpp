#include "sim/events.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "sim/ids.hpp"

namespace sim {

namespace {
constexpr std::size_t history_max = 1000;
/// EventBridge sends as a principal of AWS's own, never as one of the account.
constexpr std::string_view sender = "AIDASIMEVENTBRIDGE000";
}  // namespace

Events::Events(Timeline& timeline, const Settings& settings, Queues& queues, Faults& faults)
    : timeline_(timeline), settings_(settings), queues_(queues), faults_(faults) {}

void Events::state_change(const Machine& machine) {
    publish("EC2 Instance State-change Notification", instance_arn(machine),
            {{"instance-id", machine.id}, {"state", name_of(machine.state)}});
}

void Events::fulfilment(const SpotRequest& request) {
    publish("EC2 Spot Instance Request Fulfillment",
            "arn:aws:ec2:" + settings_.region + ":" + settings_.account + ":instance/" + request.machine_id,
            {{"spot-instance-request-id", request.id}, {"instance-id", request.machine_id}});
}

void Events::interruption_warning(const Machine& machine) {
    // This kind names the zone and no account in its ARN.
    publish("EC2 Spot Instance Interruption Warning",
            "arn:aws:ec2:" + machine.spec.zone + ":instance/" + machine.id,
            {{"instance-id", machine.id}, {"instance-action", machine.interruption_action}});
}

void Events::rebalance_recommendation(const Machine& machine) {
    publish("EC2 Instance Rebalance Recommendation", instance_arn(machine), {{"instance-id", machine.id}});
}

void Events::publish(std::string_view detail_type, const std::string& resource, boost::json::object detail) {
    // EventBridge tells whole seconds.
    const auto time = std::chrono::floor<std::chrono::seconds>(timeline_.now());
    const boost::json::object event = {
        {"version", "0"},
        {"id", uuid()},
        {"detail-type", detail_type},
        {"source", "aws.ec2"},
        {"account", settings_.account},
        {"time", base::format_time(time)},
        {"region", settings_.region},
        {"resources", boost::json::array{resource}},
        {"detail", std::move(detail)},
    };
    deliver(detail_type, boost::json::serialize(event));
}

void Events::deliver(std::string_view detail_type, const std::string& body) {
    history_.push_back(body);
    if (history_.size() > history_max) {
        history_.pop_front();
    }
    const auto strike =
        faults_.strike("events", detail_type, {FaultKind::drop, FaultKind::delay, FaultKind::duplicate});
    if (strike && strike->kind == FaultKind::drop) {
        return;
    }
    if (strike && strike->kind == FaultKind::delay) {
        timeline_.after(strike->by, [this, body] { put_into_queues(body); });
        return;
    }
    put_into_queues(body);
    if (strike) {
        put_into_queues(body);
    }
}

void Events::put_into_queues(const std::string& body) {
    for (const auto& queue : settings_.events_to_queues) {
        // A rule whose queue is gone loses its events, as EventBridge's do.
        [[maybe_unused]] const auto sent = queues_.send(
            queue, {.body = body, .sender_id = std::string(sender), .attributes = {}, .delay = {}});
    }
}

std::string Events::instance_arn(const Machine& machine) const {
    return "arn:aws:ec2:" + settings_.region + ":" + settings_.account + ":instance/" + machine.id;
}

}  // namespace sim
