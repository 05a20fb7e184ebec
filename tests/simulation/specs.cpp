#include "simulation/specs.hpp"

#include "simulation/messages.hpp"

namespace simulation {

namespace json = base::json;

json::object make_spec(const std::string& name, Chance& chance) {
    json::object spec{{"name", name},
                      {"image_id", "ami-1"},
                      {"instance_types", json::array{"t3.small"}},
                      {"subnet_ids", json::array{"subnet-1"}},
                      {"security_group_ids", json::array{"sg-1"}},
                      {"user_data", std::string("#!/bin/sh\necho ") + user_secret}};
    if (chance.percent(50)) {
        spec["instance_types"] = json::array{"t3.small", "t3a.small", "m5.large"};
        spec["subnet_ids"] = json::array{"subnet-1", "subnet-2"};
    } else if (chance.percent(50)) {
        spec["instance_types"] = json::array{"m5.large"};
    }
    if (chance.percent(30)) {
        spec["fallback"] = json::object{{"after", chance.percent(50) ? "1m" : "5m"},
                                        {"max_hours_per_month", chance.percent(50) ? 1 : 100}};
    }
    if (chance.percent(50)) {
        spec["on_rebalance"] = "replace";
    }
    if (chance.percent(30)) {
        spec["replace"] = "stop_first";
    }
    if (chance.percent(20)) {
        spec["on_impaired"] = "note";
        spec["on_scheduled_change"] = "note";
    }
    if (chance.percent(50)) {
        spec["group"] = "ensemble";
        spec["max_unavailable"] = chance.percent(80) ? 1 : 2;
    }
    spec["image"] = json::object{{"schedule", chance.percent(30) ? "off" : "*/20 * * * *"},
                                 {"spread", "2m"},
                                 {"retain", chance.percent(50) ? 1 : 2},
                                 {"reboot", chance.percent(30)}};
    if (chance.percent(50)) {
        spec["image"].as_object()["test"] =
            json::object{{"after_each", chance.percent(50)}, {"security_group_ids", json::array{"sg-test"}}};
    }
    json::object dns;
    const auto kind = chance.below(4);
    if (kind != 0) {
        dns["private"] = json::object{{"name", name + ".internal.example.com"}, {"zone_id", "Z1"}};
    }
    if (kind > 1) {
        dns["public"] = json::object{{"name", name + ".example.com"}, {"ttl", chance.percent(50) ? 30 : 60}};
    }
    spec["public_ip"] = dns.contains("public") || chance.percent(50);
    if (!dns.empty()) {
        spec["dns"] = std::move(dns);
    }
    json::object readiness{{"patience", chance.percent(50) ? "3m" : "10m"}};
    if (chance.percent(50)) {
        readiness["tcp"] = json::object{{"port", 22}};
        readiness["report"] = chance.percent(70);
    }
    spec["readiness"] = std::move(readiness);
    return spec;
}

json::object change_spec(const json::object& spec, Chance& chance) {
    const std::string name(spec.at("name").as_string());
    auto changed = make_spec(name, chance);
    // Other machines, so that it is seen by the machine which spec it was asked for with.
    const bool was_small = spec.at("instance_types").as_array().front() == "t3.small";
    changed["instance_types"] = was_small ? json::array{"t3a.small", "m5.large"} : json::array{"t3.small"};
    changed["image_id"] = chance.percent(70) ? spec.at("image_id").as_string()
                                             : json::string(chance.percent(70) ? "ami-2" : "latest");
    changed.erase("dns");
    if (const auto* dns = spec.if_contains("dns")) {
        changed["dns"] = *dns;
        changed["public_ip"] = dns->as_object().contains("public") || changed.at("public_ip").as_bool();
    }
    return changed;
}

}  // namespace simulation
