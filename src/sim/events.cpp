#include "sim/events.hpp"

#include <fmt/chrono.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "sim/ids.hpp"

namespace sim {

namespace {
constexpr std::size_t history_max = 1000;
/// EventBridge sends as a principal of AWS's own, never as one of the account.
constexpr std::string_view sender = "AIDASIMEVENTBRIDGE000";

/// What AWS Health calls EC2's planned changes.
std::string health_code(std::string_view code) {
    static constexpr std::pair<std::string_view, std::string_view> codes[] = {
        {"instance-retirement", "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED"},
        {"instance-stop", "AWS_EC2_INSTANCE_STOP_SCHEDULED"},
        {"instance-reboot", "AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED"},
        {"system-reboot", "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED"},
        {"system-maintenance", "AWS_EC2_INSTANCE_POWER_MAINTENANCE_SCHEDULED"},
    };
    for (const auto& [of_ec2, of_health] : codes) {
        if (of_ec2 == code) {
            return std::string(of_health);
        }
    }
    return std::string(code);
}
}  // namespace

Events::Events(Timeline& timeline, const Settings& settings, Queues& queues, Faults& faults)
    : timeline_(timeline), settings_(settings), queues_(queues), faults_(faults) {}

void Events::state_change(const Machine& machine) {
    publish("EC2 Instance State-change Notification", instance_arn(machine),
            {{"instance-id", machine.id}, {"state", name_of(machine.state)}});
}

void Events::image_change(const std::string& image_id, std::string_view state, std::string_view error) {
    publish("EC2 AMI State Change", "arn:aws:ec2:" + settings_.region + "::image/" + image_id,
            {{"RequestId", uuid()}, {"ImageId", image_id}, {"State", state}, {"ErrorMessage", error}});
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

void Events::scheduled_change(const Machine& machine, const PlannedChange& change, std::string_view status) {
    const auto code = health_code(change.code);
    const auto in_words = [](base::Time time) {
        return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(base::Time::clock::to_time_t(time)));
    };
    publish("AWS Health Event", machine.id,
            {{"eventArn", fmt::format("arn:aws:health:{}::event/EC2/{}/{}_{}", settings_.region, code, code,
                                      change.id.substr(change.id.rfind('-') + 1))},
             {"service", "EC2"},
             {"eventTypeCode", code},
             {"eventTypeCategory", "scheduledChange"},
             {"eventScopeCode", "ACCOUNT_SPECIFIC"},
             {"communicationId", uuid() + "-1"},
             {"startTime", in_words(change.not_before)},
             {"endTime", in_words(change.not_after)},
             {"lastUpdatedTime", in_words(timeline_.now())},
             {"statusCode", status},
             {"eventRegion", settings_.region},
             {"eventDescription", boost::json::array{boost::json::object{
                                      {"language", "en_US"}, {"latestDescription", change.description}}}},
             {"affectedEntities",
              boost::json::array{boost::json::object{{"entityValue", machine.id},
                                                     {"lastUpdatedTime", in_words(timeline_.now())},
                                                     {"status", "PENDING"}}}},
             {"page", "1"},
             {"totalPages", "1"},
             {"backupEvent", "false"},
             {"affectedAccount", settings_.account},
             {"personas", boost::json::array{"OPERATIONS"}},
             {"actionability", "ACTION_REQUIRED"}},
            "aws.health");
}

void Events::publish(std::string_view detail_type, const std::string& resource, boost::json::object detail,
                     std::string_view source) {
    // EventBridge tells whole seconds.
    const auto time = std::chrono::floor<std::chrono::seconds>(timeline_.now());
    const boost::json::object event = {
        {"version", "0"},
        {"id", uuid()},
        {"detail-type", detail_type},
        {"source", source},
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
