#include "sim/ec2_api.hpp"

#include <algorithm>
#include <string_view>

#include "sim/xml.hpp"

namespace sim {

namespace {

struct Route {
    std::string_view operation;
    Answer<void> (*handler)(Cloud&, Form&, pugi::xml_node);
};

constexpr Route routes[] = {
    {"AllocateAddress", ec2::allocate_address},
    {"AssociateAddress", ec2::associate_address},
    {"CancelSpotInstanceRequests", ec2::cancel_spot_instance_requests},
    {"CreateFleet", ec2::create_fleet},
    {"CreateImage", ec2::create_image},
    {"CreateLaunchTemplate", ec2::create_launch_template},
    {"CreateLaunchTemplateVersion", ec2::create_launch_template_version},
    {"CreateTags", ec2::create_tags},
    {"DeleteLaunchTemplate", ec2::delete_launch_template},
    {"DeleteSnapshot", ec2::delete_snapshot},
    {"DeleteTags", ec2::delete_tags},
    {"DeregisterImage", ec2::deregister_image},
    {"DescribeAddresses", ec2::describe_addresses},
    {"DescribeAvailabilityZones", ec2::describe_availability_zones},
    {"DescribeImages", ec2::describe_images},
    {"DescribeInstanceStatus", ec2::describe_instance_status},
    {"DescribeInstances", ec2::describe_instances},
    {"DescribeLaunchTemplateVersions", ec2::describe_launch_template_versions},
    {"DescribeLaunchTemplates", ec2::describe_launch_templates},
    {"DescribeSecurityGroups", ec2::describe_security_groups},
    {"DescribeSnapshots", ec2::describe_snapshots},
    {"DescribeSpotInstanceRequests", ec2::describe_spot_instance_requests},
    {"DescribeSubnets", ec2::describe_subnets},
    {"DescribeTags", ec2::describe_tags},
    {"DisassociateAddress", ec2::disassociate_address},
    {"RebootInstances", ec2::reboot_instances},
    {"ReleaseAddress", ec2::release_address},
    {"RequestSpotInstances", ec2::request_spot_instances},
    {"RunInstances", ec2::run_instances},
    {"StartInstances", ec2::start_instances},
    {"StopInstances", ec2::stop_instances},
    {"TerminateInstances", ec2::terminate_instances},
};

}  // namespace

http::Response answer_ec2(Cloud& cloud, const Call& call) {
    auto form = Form::parse(call.request.body);
    const auto operation = form.text("Action");
    const auto fail = [&](const Fault& fault) {
        return write_fault(Service::ec2, fault, call.request_id, call.request);
    };
    const auto* const route = std::ranges::find(routes, operation, &Route::operation);
    if (route == std::end(routes)) {
        return fail({.code = "InvalidAction",
                     .message = "The action " + operation + " is not valid for this web service."});
    }
    if (form.boolean("DryRun")) {
        return fail({.code = "DryRunOperation",
                     .message = "Request would have succeeded, but DryRun flag is set.",
                     .status = 412});
    }
    pugi::xml_document document;
    auto response = document.append_child((operation + "Response").c_str());
    response.append_attribute("xmlns") = "http://ec2.amazonaws.com/doc/2016-11-15/";
    add(response, "requestId", call.request_id);
    const auto answer = route->handler(cloud, form, response);
    if (!answer) {
        return fail(answer.error());
    }
    return xml_response(print(document), call.request_id);
}

}  // namespace sim
