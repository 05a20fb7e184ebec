#include "aws/ec2_form.hpp"

/// The request side of EC2.
namespace aws {

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
    add_launch(call, "LaunchSpecification.", input.launch);
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

Call build_describe_instance_status(const DescribePageInput& input) {
    return build_describe("DescribeInstanceStatus", input);
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
