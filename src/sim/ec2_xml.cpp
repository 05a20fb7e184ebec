#include "sim/ec2_xml.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "sim/ec2_launch.hpp"
#include "sim/ids.hpp"
#include "sim/xml.hpp"

namespace sim {

namespace {

/// An id that belongs to another one: the network interface of a machine.
std::string related_id(const char* prefix, const std::string& id) {
    return prefix + base::sha256_hex(prefix + id).substr(0, 17);
}

std::string dashed(std::string address) {
    std::ranges::replace(address, '.', '-');
    return address;
}

std::string private_dns_name(const Machine& machine, const Settings& settings) {
    if (machine.private_address.empty()) {
        return {};
    }
    const auto domain = settings.region == "us-east-1" ? std::string("ec2") : settings.region + ".compute";
    return "ip-" + dashed(machine.private_address) + "." + domain + ".internal";
}

std::string public_dns_name(const Machine& machine, const Settings& settings) {
    if (machine.public_address.empty()) {
        return {};
    }
    const auto domain =
        settings.region == "us-east-1" ? std::string("compute-1") : settings.region + ".compute";
    return "ec2-" + dashed(machine.public_address) + "." + domain + ".amazonaws.com";
}

void write_groups(pugi::xml_node parent, const LaunchSpec& spec) {
    auto groups = parent.append_child("groupSet");
    for (const auto& id : spec.group_ids) {
        auto group = groups.append_child("item");
        add(group, "groupId", id);
        add(group, "groupName", id);
    }
}

void write_interface(pugi::xml_node item, const Machine& machine, const Settings& settings) {
    auto attachment = item.append_child("attachment");
    add_time(attachment, "attachTime", machine.launched);
    add(attachment, "attachmentId", related_id("eni-attach-", machine.id));
    add_flag(attachment, "deleteOnTermination", true);
    add_number(attachment, "deviceIndex", 0);
    add(attachment, "status", "attached");
    add_number(attachment, "networkCardIndex", 0);
    write_groups(item, machine.spec);
    add(item, "networkInterfaceId", related_id("eni-", machine.id));
    add(item, "ownerId", settings.account);
    add(item, "privateIpAddress", machine.private_address);
    add_flag(item, "sourceDestCheck", true);
    add(item, "status", "in-use");
    add(item, "subnetId", machine.spec.subnet_id);
    add(item, "vpcId", vpc_of_subnets());
    add(item, "interfaceType", "interface");
    if (!machine.public_address.empty()) {
        auto association = item.append_child("association");
        add(association, "ipOwnerId", "amazon");
        add(association, "publicDnsName", public_dns_name(machine, settings));
        add(association, "publicIp", machine.public_address);
    }
}

void write_volume(pugi::xml_node item, const Machine& machine, const Disk& disk) {
    add(item, "deviceName", disk.device_name);
    auto ebs = item.append_child("ebs");
    add_time(ebs, "attachTime", machine.launched);
    add_flag(ebs, "deleteOnTermination", true);
    add(ebs, "status", "attached");
    add(ebs, "volumeId", disk.volume_id);
}

void write_end(pugi::xml_node item, const Machine& machine) {
    if (!machine.end_reason) {
        add(item, "reason", "");
        return;
    }
    const bool by_user = machine.end_reason->code.starts_with("Client.");
    add(item, "reason", by_user ? "User initiated" : machine.end_reason->code);
    auto reason = item.append_child("stateReason");
    add(reason, "code", machine.end_reason->code);
    add(reason, "message", machine.end_reason->message);
}

void write_network(pugi::xml_node item, const Machine& machine, const Settings& settings) {
    auto interfaces = item.append_child("networkInterfaceSet");
    auto mapping = item.append_child("blockDeviceMapping");
    add(item, "privateDnsName", private_dns_name(machine, settings));
    add(item, "dnsName", public_dns_name(machine, settings));
    if (machine.state == MachineState::terminated) {
        return;
    }
    write_interface(interfaces.append_child("item"), machine, settings);
    for (const auto& disk : machine.disks) {
        write_volume(mapping.append_child("item"), machine, disk);
    }
    add(item, "subnetId", machine.spec.subnet_id);
    add(item, "vpcId", vpc_of_subnets());
    add(item, "privateIpAddress", machine.private_address);
    if (!machine.public_address.empty()) {
        add(item, "ipAddress", machine.public_address);
    }
}

void write_placement(pugi::xml_node item, const std::string& zone) {
    auto placement = item.append_child("placement");
    add(placement, "availabilityZone", zone);
    add(placement, "groupName", "");
    add(placement, "tenancy", "default");
}

}  // namespace

void write_machine(pugi::xml_node item, const Machine& machine, const Settings& settings) {
    const auto& spec = machine.spec;
    add(item, "instanceId", machine.id);
    add(item, "imageId", spec.image_id);
    write_state(item, "instanceState", machine.state);
    write_end(item, machine);
    write_network(item, machine, settings);
    if (!spec.key_name.empty()) {
        add(item, "keyName", spec.key_name);
    }
    add_number(item, "amiLaunchIndex", 0);
    item.append_child("productCodes");
    add(item, "instanceType", spec.machine_type);
    add_time(item, "launchTime", machine.launched);
    write_placement(item, spec.zone);
    add(item.append_child("monitoring"), "state", spec.monitoring ? "enabled" : "disabled");
    add(item, "architecture", "x86_64");
    add(item, "rootDeviceType", "ebs");
    add(item, "rootDeviceName", "/dev/xvda");
    add(item, "virtualizationType", "hvm");
    add(item, "hypervisor", "xen");
    add_flag(item, "ebsOptimized", spec.ebs_optimized);
    add_flag(item, "enaSupport", true);
    add_flag(item, "sourceDestCheck", true);
    add(item, "clientToken", machine.client_token);
    if (!machine.spot_request_id.empty()) {
        add(item, "instanceLifecycle", "spot");
        add(item, "spotInstanceRequestId", machine.spot_request_id);
    }
    write_groups(item, spec);
    if (!machine.tags.empty()) {
        write_tags(item, machine.tags);
    }
    if (!spec.instance_profile.empty()) {
        auto profile = item.append_child("iamInstanceProfile");
        add(profile, "arn",
            "arn:aws:iam::" + settings.account + ":instance-profile/" + spec.instance_profile);
        add(profile, "id", principal_id("AIPASIM", spec.instance_profile));
    }
    auto metadata = item.append_child("metadataOptions");
    add(metadata, "state", "applied");
    add(metadata, "httpTokens", spec.http_tokens);
    add_number(metadata, "httpPutResponseHopLimit", 1);
    add(metadata, "httpEndpoint", "enabled");
}

void write_spot_request(pugi::xml_node item, const SpotRequest& request) {
    const auto& spec = request.ask.spec;
    add(item, "spotInstanceRequestId", request.id);
    if (!request.ask.price.empty()) {
        add(item, "spotPrice", request.ask.price);
    }
    add(item, "type", request.ask.persistent ? "persistent" : "one-time");
    add(item, "state", request.state);
    auto status = item.append_child("status");
    add(status, "code", request.status);
    add_time(status, "updateTime", request.status_time);
    add(status, "message", status_message(request.status));
    auto launch = item.append_child("launchSpecification");
    add(launch, "imageId", spec.image_id);
    if (!spec.key_name.empty()) {
        add(launch, "keyName", spec.key_name);
    }
    write_groups(launch, spec);
    add(launch, "instanceType", spec.machine_type);
    write_placement(launch, spec.zone);
    add(launch, "subnetId", spec.subnet_id);
    if (!spec.instance_profile.empty()) {
        add(launch.append_child("iamInstanceProfile"), "name", spec.instance_profile);
    }
    add_flag(launch, "ebsOptimized", spec.ebs_optimized);
    add_flag(launch.append_child("monitoring"), "enabled", spec.monitoring);
    if (!request.machine_id.empty()) {
        add(item, "instanceId", request.machine_id);
        add(item, "launchedAvailabilityZone", spec.zone);
    }
    add_time(item, "createTime", request.created);
    add(item, "productDescription", "Linux/UNIX");
    if (request.ask.valid_from) {
        add_time(item, "validFrom", *request.ask.valid_from);
    }
    if (request.ask.valid_until) {
        add_time(item, "validUntil", *request.ask.valid_until);
    }
    write_tags(item, request.tags);
    add(item, "instanceInterruptionBehavior", request.ask.interruption_behavior);
}

void write_state(pugi::xml_node parent, const char* name, MachineState state) {
    auto node = parent.append_child(name);
    add_number(node, "code", static_cast<int>(state));
    add(node, "name", name_of(state));
}

void write_tags(pugi::xml_node parent, const Tags& tags) {
    auto set = parent.append_child("tagSet");
    for (const auto& [key, value] : tags) {
        auto item = set.append_child("item");
        add(item, "key", key);
        add(item, "value", value);
    }
}

}  // namespace sim
