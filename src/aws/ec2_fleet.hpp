#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"
#include "aws/ec2_types.hpp"

/// EC2's instant fleets, one machine each, and the launch templates that they need.
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFleet.html
namespace aws {

struct DescribePageInput;

struct FleetOverride {
    std::string instance_type;
    std::string subnet_id;
    std::string image_id = {};   ///< empty: the template's
    std::string max_price = {};  ///< USD an hour, of a spot machine; empty: capped at the on-demand price
};

struct CreateFleetInput {
    std::string client_token;  ///< makes a repeat safe
    std::string template_id;
    std::string template_version;
    std::vector<FleetOverride> overrides;  ///< where EC2 may take the machine from
    bool spot = true;                      ///< by price and capacity; else on-demand, by lowest price
    Tags tags;                             ///< of the fleet, the machine and its volumes
};

struct FleetInstance {
    std::string id;  ///< `i-...`
    std::string instance_type;
    std::string subnet_id;
    bool spot = false;
};

/// Why a pool gave nothing. The answer that holds it came with success.
struct FleetError {
    std::string instance_type;
    std::string subnet_id;
    Error error;
};

struct CreateFleetOutput {
    std::string fleet_id;
    std::vector<FleetInstance> instances;  ///< none: nothing was launched, and `errors` tell why
    std::vector<FleetError> errors;        ///< also beside instances
};

struct LaunchTemplateData {
    LaunchSpecification launch;  ///< without instance type and subnet: they are the fleet's overrides
    Tags interface_tags;         ///< of network interfaces, which CreateFleet does not tag
};

struct CreateLaunchTemplateInput {
    std::string name;  ///< 3 to 128 of `A-Za-z0-9().-/_`; taken: a repeat is a conflict
    LaunchTemplateData data;
    Tags tags;  ///< of the template
};

struct CreateLaunchTemplateVersionInput {
    std::string template_id;
    std::string client_token;  ///< makes a repeat safe
    LaunchTemplateData data;
};

struct LaunchTemplate {
    std::string id;  ///< `lt-...`
    std::string name;
    std::int64_t latest_version = 0;
    std::optional<base::Time> created;
    Tags tags;
};

struct DescribeLaunchTemplatesPage {
    std::vector<LaunchTemplate> templates;
    std::string next_token;
};

Call build_create_fleet(const CreateFleetInput& input);
Call build_create_launch_template(const CreateLaunchTemplateInput& input);
Call build_create_launch_template_version(const CreateLaunchTemplateVersionInput& input);
Call build_describe_launch_templates(const DescribePageInput& input);
Call build_delete_launch_template(const std::string& name);

Result<CreateFleetOutput> parse_create_fleet(std::string_view body);
Result<LaunchTemplate> parse_create_launch_template(std::string_view body);
/// The version's number.
Result<std::int64_t> parse_create_launch_template_version(std::string_view body);
Result<DescribeLaunchTemplatesPage> parse_describe_launch_templates(std::string_view body);

}  // namespace aws
