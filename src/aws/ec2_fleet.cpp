#include "aws/ec2_fleet.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "aws/ec2_form.hpp"
#include "aws/xml.hpp"

namespace aws {
namespace {

void add_tagged(QueryCall& call, const std::string& prefix, std::string_view resource, const Tags& tags) {
    if (!tags.empty()) {
        call.add(prefix + "ResourceType", resource);
        add_tags(call, prefix, tags);
    }
}

void add_data(QueryCall& call, const LaunchTemplateData& data) {
    const std::string prefix = "LaunchTemplateData.";
    add_launch(call, prefix, data.launch);
    // What runs on the machine cannot take the role's credentials by a forged call.
    call.add(prefix + "MetadataOptions.HttpTokens", std::string_view("required"));
    add_tagged(call, prefix + "TagSpecification.1.", "network-interface", data.interface_tags);
}

pugi::xml_node overrides_of(const pugi::xml_node& item) {
    return item.child("launchTemplateAndOverrides").child("overrides");
}

LaunchTemplate read_template(const pugi::xml_node& item) {
    LaunchTemplate read;
    read.id = xml::text(item, "launchTemplateId");
    read.name = xml::text(item, "launchTemplateName");
    read.latest_version = xml::integer(item, "latestVersionNumber").value_or(0);
    read.created = xml::time(item, "createTime");
    for (const auto& tag : item.child("tagSet").children("item")) {
        read.tags.insert_or_assign(xml::text(tag, "key"), xml::text(tag, "value"));
    }
    return read;
}

std::unexpected<Error> missing(const char* root, const char* field) {
    return unreadable(fmt::format("{}: no {}", root, field));
}

}  // namespace

Call build_create_fleet(const CreateFleetInput& input) {
    auto call = ec2_call("CreateFleet");
    call.add("Type", std::string_view("instant"));
    call.add_unless_empty("ClientToken", input.client_token);
    const std::string config = "LaunchTemplateConfigs.1.";
    call.add(config + "LaunchTemplateSpecification.LaunchTemplateId", std::string_view(input.template_id));
    call.add(config + "LaunchTemplateSpecification.Version", std::string_view(input.template_version));
    int number = 0;
    for (const auto& pool : input.overrides) {
        const auto prefix = fmt::format("{}Overrides.{}.", config, ++number);
        call.add(prefix + "InstanceType", std::string_view(pool.instance_type));
        call.add(prefix + "SubnetId", std::string_view(pool.subnet_id));
        call.add_unless_empty(prefix + "ImageId", pool.image_id);
        call.add_unless_empty(prefix + "MaxPrice", pool.max_price);
    }
    call.add("TargetCapacitySpecification.TotalTargetCapacity", 1);
    call.add("TargetCapacitySpecification.DefaultTargetCapacityType",
             std::string_view(input.spot ? "spot" : "on-demand"));
    if (input.spot) {
        call.add("SpotOptions.AllocationStrategy", std::string_view("price-capacity-optimized"));
        call.add("SpotOptions.InstanceInterruptionBehavior", std::string_view("terminate"));
    } else {
        call.add("OnDemandOptions.AllocationStrategy", std::string_view("lowest-price"));
    }
    number = 0;
    for (const char* resource : std::array{"fleet", "instance", "volume"}) {
        add_tagged(call, fmt::format("TagSpecification.{}.", ++number), resource, input.tags);
    }
    auto built = std::move(call).build();
    built.repeatable = !input.client_token.empty();
    return built;
}

Call build_create_launch_template(const CreateLaunchTemplateInput& input) {
    auto call = ec2_call("CreateLaunchTemplate");
    call.add("LaunchTemplateName", std::string_view(input.name));
    add_data(call, input.data);
    add_tagged(call, "TagSpecification.1.", "launch-template", input.tags);
    return std::move(call).build();
}

Call build_create_launch_template_version(const CreateLaunchTemplateVersionInput& input) {
    auto call = ec2_call("CreateLaunchTemplateVersion");
    call.add("LaunchTemplateId", std::string_view(input.template_id));
    call.add_unless_empty("ClientToken", input.client_token);
    add_data(call, input.data);
    auto built = std::move(call).build();
    built.repeatable = !input.client_token.empty();
    return built;
}

Call build_describe_launch_templates(const DescribePageInput& input) {
    return build_describe("DescribeLaunchTemplates", input);
}

Call build_delete_launch_template(const std::string& name) {
    auto call = ec2_call("DeleteLaunchTemplate");
    call.add("LaunchTemplateName", std::string_view(name));
    return std::move(call).build();
}

Result<CreateFleetOutput> parse_create_fleet(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "CreateFleetResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    CreateFleetOutput output;
    output.fleet_id = xml::text(*root, "fleetId");
    for (const auto& item : root->child("fleetInstanceSet").children("item")) {
        const auto pool = overrides_of(item);
        for (const auto& id : item.child("instanceIds").children("item")) {
            FleetInstance instance;
            instance.id = id.text().get();
            instance.instance_type = xml::text(item, "instanceType");
            instance.subnet_id = xml::text(pool, "subnetId");
            instance.spot = xml::text(item, "lifecycle") == "spot";
            if (instance.id.empty()) {
                return missing(root->name(), "instanceId");
            }
            output.instances.push_back(std::move(instance));
        }
    }
    for (const auto& item : root->child("errorSet").children("item")) {
        FleetError failed;
        failed.instance_type = xml::text(overrides_of(item), "instanceType");
        failed.subnet_id = xml::text(overrides_of(item), "subnetId");
        failed.error.code = xml::text(item, "errorCode");
        failed.error.message = xml::text(item, "errorMessage");
        failed.error.kind = classify(failed.error.code, failed.error.message, 0);
        failed.error.request_id = xml::text(*root, "requestId");
        output.errors.push_back(std::move(failed));
    }
    if (output.fleet_id.empty() && output.instances.empty() && output.errors.empty()) {
        return missing(root->name(), "fleetId");
    }
    return output;
}

Result<LaunchTemplate> parse_create_launch_template(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "CreateLaunchTemplateResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    auto made = read_template(root->child("launchTemplate"));
    if (made.id.empty()) {
        return missing(root->name(), "launchTemplateId");
    }
    return made;
}

Result<std::int64_t> parse_create_launch_template_version(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "CreateLaunchTemplateVersionResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    const auto number = xml::integer(root->child("launchTemplateVersion"), "versionNumber");
    if (!number) {
        return missing(root->name(), "versionNumber");
    }
    return *number;
}

Result<DescribeLaunchTemplatesPage> parse_describe_launch_templates(std::string_view body) {
    pugi::xml_document document;
    const auto root = xml::load(document, body, "DescribeLaunchTemplatesResponse");
    if (!root) {
        return std::unexpected(root.error());
    }
    DescribeLaunchTemplatesPage page;
    page.next_token = xml::text(*root, "nextToken");
    for (const auto& item : root->child("launchTemplates").children("item")) {
        page.templates.push_back(read_template(item));
        if (page.templates.back().id.empty()) {
            return missing(root->name(), "launchTemplateId");
        }
    }
    return page;
}

}  // namespace aws
