#include "simulation/messages.hpp"

#include <fmt/chrono.h>

#include <boost/json/serialize.hpp>

#include "fleet/command.hpp"

namespace simulation {

namespace json = base::json;

std::string event(const std::string& id, base::Time at, const std::string& type, json::object detail) {
    return json::serialize(json::object{{"version", "0"},
                                        {"id", id},
                                        {"detail-type", type},
                                        {"source", type.starts_with("AWS Health") ? "aws.health" : "aws.ec2"},
                                        {"account", account},
                                        {"time", base::format_time(at)},
                                        {"region", region},
                                        {"resources", json::array{}},
                                        {"detail", std::move(detail)}});
}

std::string planned_stop(const std::string& id, base::Time at, const std::string& machine,
                         base::Time begins) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(begins);
    return event(id, at, "AWS Health Event",
                 {{"service", "EC2"},
                  {"eventTypeCode", "AWS_EC2_INSTANCE_STOP_SCHEDULED"},
                  {"eventTypeCategory", "scheduledChange"},
                  {"startTime", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                                            fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)))},
                  {"statusCode", "upcoming"},
                  {"eventRegion", region},
                  {"affectedEntities", json::array{json::object{{"entityValue", machine}}}}});
}

std::string booted(const std::string& name, const std::string& uid, const std::string& machine) {
    return json::serialize(json::object{{"spot_manager", 1},
                                        {"report", "booted"},
                                        {"name", name},
                                        {"machine", machine},
                                        {"token", fleet::report_token(store_key, uid)}});
}

std::string session_of(const std::string& machine) {
    return "AROAMACHINE:" + machine;
}

}  // namespace simulation
