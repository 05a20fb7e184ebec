#include <fmt/format.h>

#include <utility>

#include "aws/ec2.hpp"
#include "aws/query.hpp"
#include "base/hash.hpp"

/// The request side of EC2.
namespace aws {
namespace {

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

void add_launch(QueryCall& call, const LaunchSpecification& launch) {
    const std::string prefix = "LaunchSpecification.";
    call.add(prefix + "ImageId", std::string_view(launch.image_id));
    call.add(prefix + "InstanceType", std::string_view(launch.instance_type));
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

Call build_describe(std::string operation, const DescribePageInput& input) {
    auto call = ec2_call(std::move(operation));
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

}  // namespace

Call build_request_spot_instances(const RequestSpotInstancesInput& input) {
    auto call = ec2_call("RequestSpotInstances");
    call.add_unless_empty("SpotPrice", input.max_price);
    call.add("InstanceCount", input.count);
    call.add("Type", std::string_view("one-time"));
    call.add("InstanceInterruptionBehavior", std::string_view("terminate"));
    call.add_unless_empty("ClientToken", input.client_token);
    if (input.valid_until) {
        // EC2 takes whole seconds.
        const auto second = std::chrono::floor<std::chrono::seconds>(*input.valid_until);
        call.add("ValidUntil", std::string_view(base::format_time(second)));
    }
    add_launch(call, input.launch);
    if (!input.request_tags.empty()) {
        call.add("TagSpecification.1.ResourceType", std::string_view("spot-instances-request"));
        add_tags(call, "TagSpecification.1.", input.request_tags);
    }
    auto built = std::move(call).build();
    built.repeatable = !input.client_token.empty();
    return built;
}

Call build_describe_spot_instance_requests(const DescribePageInput& input) {
    return build_describe("DescribeSpotInstanceRequests", input);
}

Call build_describe_instances(const DescribePageInput& input) {
    return build_describe("DescribeInstances", input);
}

Call build_cancel_spot_instance_requests(const std::vector<std::string>& ids) {
    auto call = ec2_call("CancelSpotInstanceRequests");
    call.add_list("SpotInstanceRequestId", ids);
    return std::move(call).build();
}

Call build_terminate_instances(const std::vector<std::string>& ids) {
    auto call = ec2_call("TerminateInstances");
    call.add_list("InstanceId", ids);
    return std::move(call).build();
}

Call build_create_tags(const CreateTagsInput& input) {
    auto call = ec2_call("CreateTags");
    call.add_list("ResourceId", input.resource_ids);
    add_tags(call, "", input.tags);
    return std::move(call).build();
}

}  // namespace aws
