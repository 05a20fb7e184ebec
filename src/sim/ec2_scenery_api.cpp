#include <fmt/core.h>

#include "sim/ec2_api.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/xml.hpp"

/// What stands around the machines and never changes: any subnet or group that is asked for by a
/// well-formed id exists.
namespace sim::ec2 {

namespace {

std::vector<std::string> zones(const Settings& settings) {
    return {settings.region + "a", settings.region + "b", settings.region + "c"};
}

Answer<std::vector<std::string>> well_formed(std::vector<std::string> ids, const std::string& prefix,
                                             const std::string& code) {
    for (const auto& id : ids) {
        if (!id.starts_with(prefix)) {
            return refuse(code, fmt::format("Invalid id: \"{}\" (expecting \"{}...\")", id, prefix));
        }
    }
    return ids;
}

}  // namespace

Answer<void> describe_subnets(Cloud& cloud, Form& form, pugi::xml_node response) {
    auto ids = well_formed(form.list("SubnetId"), "subnet-", "InvalidSubnetID.Malformed");
    if (!ids) {
        return std::unexpected(ids.error());
    }
    if (ids->empty()) {
        for (const auto& zone : zones(cloud.settings)) {
            ids->push_back(default_subnet(zone));
        }
    }
    auto set = response.append_child("subnetSet");
    for (const auto& id : *ids) {
        const auto zone = zone_of_subnet(id, cloud.settings);
        auto item = set.append_child("item");
        add(item, "subnetId", id);
        add(item, "state", "available");
        add(item, "vpcId", vpc_of_subnets());
        add(item, "cidrBlock", "127.16.0.0/12");
        add_number(item, "availableIpAddressCount", 4091);
        add(item, "availabilityZone", zone);
        add_flag(item, "defaultForAz", id == default_subnet(zone));
        add_flag(item, "mapPublicIpOnLaunch", id == default_subnet(zone));
        add(item, "ownerId", cloud.settings.account);
    }
    return {};
}

Answer<void> describe_security_groups(Cloud& cloud, Form& form, pugi::xml_node response) {
    const auto ids = well_formed(form.list("GroupId"), "sg-", "InvalidGroupId.Malformed");
    if (!ids) {
        return std::unexpected(ids.error());
    }
    auto set = response.append_child("securityGroupInfo");
    for (const auto& id : *ids) {
        auto item = set.append_child("item");
        add(item, "ownerId", cloud.settings.account);
        add(item, "groupId", id);
        add(item, "groupName", id);
        add(item, "groupDescription", "simulated");
        add(item, "vpcId", vpc_of_subnets());
        item.append_child("ipPermissions");
        item.append_child("ipPermissionsEgress");
    }
    return {};
}

Answer<void> describe_availability_zones(Cloud& cloud, Form& /*form*/, pugi::xml_node response) {
    auto set = response.append_child("availabilityZoneInfo");
    for (const auto& zone : zones(cloud.settings)) {
        auto item = set.append_child("item");
        add(item, "zoneName", zone);
        add(item, "zoneState", "available");
        add(item, "regionName", cloud.settings.region);
        item.append_child("messageSet");
    }
    return {};
}

}  // namespace sim::ec2
