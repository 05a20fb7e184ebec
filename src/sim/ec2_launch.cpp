#include "sim/ec2_launch.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace sim {

namespace {

constexpr std::size_t user_data_bytes_max = 16UL * 1024;

/// `ami-` and 8 or 17 hexadecimal digits; any number of them is let pass, so that tests may use short ids.
bool well_formed(std::string_view id, std::string_view prefix) {
    return id.starts_with(prefix) && id.size() > prefix.size() &&
           std::ranges::all_of(id.substr(prefix.size()), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
           });
}

bool is_machine_type(std::string_view type) {
    const auto [family, size] = base::split_once(type, '.');
    const auto fine = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'; };
    return !family.empty() && !size.empty() && std::ranges::all_of(family, fine) &&
           std::ranges::all_of(size, fine);
}

void check_id(Form& form, const std::string& id, std::string_view prefix, const char* code) {
    if (!id.empty() && !well_formed(id, prefix)) {
        form.refuse(code, "Invalid id: \"" + id + "\" (expecting \"" + std::string(prefix) + "...\")");
    }
}

void read_network(Form& form, LaunchSpec& spec) {
    spec.subnet_id = form.text("SubnetId");
    spec.group_ids = form.list("SecurityGroupId");
    // In the default network every machine has a public address; in a subnet of one's own only on request.
    spec.public_address = spec.subnet_id.empty();
    const auto interfaces = form.groups("NetworkInterface");
    if (interfaces.empty()) {
        return;
    }
    if (!spec.subnet_id.empty() || !spec.group_ids.empty()) {
        form.refuse(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level subnet ID or security groups may not be specified on "
            "the same request");
    }
    auto first = interfaces.front();
    spec.subnet_id = first.text("SubnetId");
    spec.group_ids = first.list("SecurityGroupId");
    spec.public_address = first.has("AssociatePublicIpAddress") ? first.boolean("AssociatePublicIpAddress")
                                                                : spec.subnet_id.empty();
}

void read_zone(Form& form, LaunchSpec& spec, const Settings& settings) {
    spec.zone = form.text("Placement.AvailabilityZone");
    if (!spec.zone.empty() && (!spec.zone.starts_with(settings.region) || spec.zone == settings.region)) {
        form.refuse("InvalidParameterValue", "Invalid availability zone: [" + spec.zone + "]");
    }
    if (!spec.subnet_id.empty()) {
        spec.zone = zone_of_subnet(spec.subnet_id, settings);
    } else if (spec.zone.empty()) {
        spec.zone = settings.region + "a";
    }
    if (spec.subnet_id.empty()) {
        spec.subnet_id = default_subnet(spec.zone);
    }
}

void read_user_data(Form& form, LaunchSpec& spec) {
    const auto decoded = base::base64_decode(form.text("UserData"));
    if (!decoded) {
        form.refuse("InvalidParameterValue", "Invalid BASE64 encoding of user data");
        return;
    }
    if (decoded->size() > user_data_bytes_max) {
        form.refuse("InvalidParameterValue", "User data is limited to 16384 bytes");
    }
    spec.user_data = *decoded;
}

void read_profile(Form& form, LaunchSpec& spec, const Settings& settings) {
    spec.instance_profile = form.text("IamInstanceProfile.Name");
    if (const auto arn = form.text("IamInstanceProfile.Arn"); !arn.empty()) {
        const auto prefix = "arn:aws:iam::" + settings.account + ":instance-profile/";
        if (!arn.starts_with(prefix)) {
            form.refuse("InvalidIamInstanceProfileArn.Malformed", "The ARN '" + arn + "' is malformed");
            return;
        }
        spec.instance_profile = arn.substr(arn.rfind('/') + 1);
    }
}

void read_disks(Form& form, LaunchSpec& spec) {
    for (auto& device : form.groups("BlockDeviceMapping")) {
        if (device.group("Ebs").names().empty()) {
            continue;  // an instance store, or none
        }
        spec.disks.push_back({.device_name = device.text("DeviceName"),
                              .gib = device.number("Ebs.VolumeSize", 1, 65'536).value_or(0),
                              .volume_id = {}});
        if (device.fault()) {
            form.refuse(device.fault()->code, device.fault()->message);
        }
    }
}

}  // namespace

Answer<LaunchSpec> read_launch_spec(Form launch, const Settings& settings) {
    LaunchSpec spec;
    spec.image_id = launch.required("ImageId");
    check_id(launch, spec.image_id, "ami-", "InvalidAMIID.Malformed");
    spec.machine_type = launch.has("InstanceType") ? launch.text("InstanceType") : "m1.small";
    if (!is_machine_type(spec.machine_type)) {
        launch.refuse("InvalidParameterValue", "Invalid value '" + spec.machine_type + "' for InstanceType.");
    }
    spec.key_name = launch.text("KeyName");
    read_network(launch, spec);
    check_id(launch, spec.subnet_id, "subnet-", "InvalidSubnetID.Malformed");
    for (const auto& group : spec.group_ids) {
        check_id(launch, group, "sg-", "InvalidGroupId.Malformed");
    }
    read_zone(launch, spec, settings);
    read_user_data(launch, spec);
    read_profile(launch, spec, settings);
    read_disks(launch, spec);
    spec.ebs_optimized = launch.boolean("EbsOptimized");
    spec.monitoring = launch.boolean("Monitoring.Enabled");
    if (const auto tokens = launch.text("MetadataOptions.HttpTokens"); !tokens.empty()) {
        spec.http_tokens = tokens;
    }
    if (launch.fault()) {
        return std::unexpected(*launch.fault());
    }
    return spec;
}

Answer<Tags> read_tag_specification(const Form& form, const std::string& resource_type,
                                    const std::vector<std::string>& allowed) {
    Tags tags;
    for (const auto& group : form.groups("TagSpecification")) {
        const auto type = group.text("ResourceType");
        if (std::ranges::find(allowed, type) == allowed.end()) {
            return refuse("InvalidParameterValue",
                          "'" + type + "' is not a valid taggable resource type for this operation.");
        }
        const auto read = read_tags(group);
        if (!read) {
            return read;
        }
        if (type == resource_type) {
            tags = *read;
        }
    }
    return tags;
}

Answer<Tags> read_tags(const Form& form) {
    Tags tags;
    for (const auto& tag : form.groups("Tag")) {
        const auto key = tag.text("Key");
        const auto value = tag.text("Value");
        if (key.empty() || key.size() > 128 || value.size() > 256) {
            return refuse("InvalidParameterValue",
                          "Tag keys must have 1 to 128 characters and tag values at most 256");
        }
        if (base::to_lower(key).starts_with("aws:")) {
            return refuse("InvalidParameterValue",
                          "Tag keys starting with 'aws:' are reserved for internal use");
        }
        tags[key] = value;
    }
    if (tags.size() > 50) {
        return refuse("TagLimitExceeded", "More than 50 tags were given for one resource");
    }
    return tags;
}

std::string vpc_of_subnets() {
    return "vpc-0a1b2c3d4e5f60718";
}

std::string zone_of_subnet(const std::string& subnet_id, const Settings& settings) {
    for (const char letter : {'a', 'b', 'c'}) {
        const auto zone = settings.region + letter;
        if (subnet_id == default_subnet(zone)) {
            return zone;
        }
    }
    return settings.region + static_cast<char>('a' + base::sha256(subnet_id)[0] % 3);
}

std::string default_subnet(const std::string& zone) {
    return "subnet-" + base::sha256_hex(zone).substr(0, 17);
}

}  // namespace sim
