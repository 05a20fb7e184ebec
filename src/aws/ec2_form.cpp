#include "aws/ec2_form.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/hash.hpp"

namespace aws {
namespace {

void add_block_device(QueryCall& call, const std::string& prefix, const BlockDeviceMapping& device) {
    call.add(prefix + ".DeviceName", std::string_view(device.device_name));
    call.add_unless_empty(prefix + ".VirtualName", device.virtual_name);
    const auto ebs = prefix + ".Ebs.";
    const auto add_number = [&](const char* name, const std::optional<int>& value) {
        if (value) {
            call.add(ebs + name, *value);
        }
    };
    const auto add_flag = [&](const char* name, const std::optional<bool>& value) {
        if (value) {
            call.add(ebs + name, *value);
        }
    };
    call.add_unless_empty(ebs + "SnapshotId", device.snapshot_id);
    call.add_unless_empty(ebs + "VolumeType", device.volume_type);
    add_number("VolumeSize", device.volume_size);
    add_number("Iops", device.iops);
    add_number("Throughput", device.throughput);
    add_flag("Encrypted", device.encrypted);
    add_flag("DeleteOnTermination", device.delete_on_termination);
}

/// A public address can only be asked for on a network interface, which then carries subnet and groups too.
void add_network(QueryCall& call, const std::string& prefix, const LaunchSpecification& launch) {
    if (!launch.associate_public_ip_address) {
        call.add_unless_empty(prefix + "SubnetId", launch.subnet_id);
        call.add_list(prefix + "SecurityGroupId", launch.security_group_ids);
        return;
    }
    const auto interface = prefix + "NetworkInterface.1.";
    call.add(interface + "DeviceIndex", 0);
    call.add_unless_empty(interface + "SubnetId", launch.subnet_id);
    call.add_list(interface + "SecurityGroupId", launch.security_group_ids);
    call.add(interface + "AssociatePublicIpAddress", *launch.associate_public_ip_address);
}

}  // namespace

QueryCall ec2_call(std::string operation) {
    return {Service::ec2, std::move(operation), "2016-11-15"};
}

void add_tags(QueryCall& call, std::string_view prefix, const Tags& tags) {
    int number = 0;
    for (const auto& [key, value] : tags) {
        const auto tag = fmt::format("{}Tag.{}", prefix, ++number);
        call.add(tag + ".Key", std::string_view(key));
        call.add(tag + ".Value", std::string_view(value));
    }
}

void add_launch(QueryCall& call, const std::string& prefix, const LaunchSpecification& launch) {
    call.add_unless_empty(prefix + "ImageId", launch.image_id);
    call.add_unless_empty(prefix + "InstanceType", launch.instance_type);
    call.add_unless_empty(prefix + "KeyName", launch.key_name);
    add_network(call, prefix, launch);
    if (!launch.user_data.empty()) {
        call.add(prefix + "UserData", std::string_view(base::base64_encode(launch.user_data)));
    }
    const bool arn = launch.iam_instance_profile.starts_with("arn:");
    call.add_unless_empty(prefix + (arn ? "IamInstanceProfile.Arn" : "IamInstanceProfile.Name"),
                          launch.iam_instance_profile);
    int number = 0;
    for (const auto& device : launch.block_device_mappings) {
        add_block_device(call, fmt::format("{}BlockDeviceMapping.{}", prefix, ++number), device);
    }
}

Call build_describe(std::string operation, const DescribePageInput& input,
                    const std::map<std::string, std::string>& parameters) {
    auto call = ec2_call(std::move(operation));
    for (const auto& [name, value] : parameters) {
        call.add(name, std::string_view(value));
    }
    int number = 0;
    for (const auto& filter : input.filters) {
        const auto prefix = fmt::format("Filter.{}.", ++number);
        call.add(prefix + "Name", std::string_view(filter.name));
        call.add_list(prefix + "Value", filter.values);
    }
    call.add("MaxResults", input.results_max);
    call.add_unless_empty("NextToken", input.next_token);
    return std::move(call).build();
}

}  // namespace aws
