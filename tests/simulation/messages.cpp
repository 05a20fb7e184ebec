#include "simulation/messages.hpp"

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
