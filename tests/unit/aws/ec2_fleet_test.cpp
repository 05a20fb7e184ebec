#include "aws/ec2_fleet.hpp"

#include "aws/ec2.hpp"
#include "samples.hpp"

namespace {

aws::CreateFleetInput example_fleet() {
    aws::CreateFleetInput input;
    input.client_token = "fleet-0001";
    input.template_id = "lt-0a1b2c3d4e5f60718";
    input.template_version = "1";
    input.overrides = {{"c7g.2xlarge", "subnet-0a1b2c3d"}, {"c6g.2xlarge", "subnet-0b2c3d4e"}};
    input.tags = {{"pool", "A"}};
    return input;
}

aws::LaunchTemplateData example_data() {
    aws::BlockDeviceMapping disk;
    disk.device_name = "/dev/xvda";
    disk.volume_size = 40;
    disk.volume_type = "gp3";
    disk.delete_on_termination = true;
    disk.encrypted = true;
    aws::LaunchTemplateData data;
    data.launch.image_id = "ami-0abcdef1234567890";
    data.launch.key_name = "ops";
    data.launch.iam_instance_profile = "worker";
    data.launch.user_data = "#!/bin/sh\necho hi\n";
    data.launch.security_group_ids = {"sg-0a1b2c3d", "sg-0b2c3d4e"};
    data.launch.block_device_mappings = {disk};
    return data;
}

/// What the example has and this client never sends.
std::set<std::string> without(std::set<std::string> parameters, const std::vector<std::string>& words) {
    std::erase_if(parameters, [&](const std::string& parameter) {
        return std::ranges::any_of(words, [&](const std::string& word) { return parameter.contains(word); });
    });
    return parameters;
}

std::set<std::string> parameters_of(const std::string& example) {
    return samples::parameters(samples::request_example("ec2/" + example + ".request.txt").body);
}

}  // namespace

TEST_CASE("ec2: a fleet asks for one machine from several pools, tagged at launch") {
    const auto call = aws::build_create_fleet(example_fleet());
    CHECK(call.operation == "CreateFleet");
    CHECK(call.repeatable);
    const auto sent = samples::parameters(call.request.body);
    const auto example = without(parameters_of("CreateFleet-instant"),
                                 {"WeightedCapacity", "Priority", "TotalTargetCapacity",
                                  "OnDemandTargetCapacity", "SpotTargetCapacity", "OnDemandOptions"});
    CHECK(without(sent, {"TotalTargetCapacity", "TagSpecification.3"}) == example);
    CHECK(sent.contains("TargetCapacitySpecification.TotalTargetCapacity=1"));
    CHECK(sent.contains("TagSpecification.3.ResourceType=volume"));
}

TEST_CASE("ec2: a fleet's price limit is each pool's, and an on-demand fleet has no spot options") {
    auto input = example_fleet();
    input.overrides[1].max_price = "0.05";
    input.overrides[1].image_id = "ami-2";
    auto sent = samples::parameters(aws::build_create_fleet(input).request.body);
    CHECK(sent.contains("LaunchTemplateConfigs.1.Overrides.2.MaxPrice=0.05"));
    CHECK(sent.contains("LaunchTemplateConfigs.1.Overrides.2.ImageId=ami-2"));
    CHECK_FALSE(sent.contains("LaunchTemplateConfigs.1.Overrides.1.MaxPrice=0.05"));

    input.overrides[1].max_price.clear();
    input.spot = false;
    sent = samples::parameters(aws::build_create_fleet(input).request.body);
    CHECK(sent.contains("TargetCapacitySpecification.DefaultTargetCapacityType=on-demand"));
    CHECK(sent.contains("OnDemandOptions.AllocationStrategy=lowest-price"));
    CHECK(without(sent, {"SpotOptions"}) == sent);
    input.client_token.clear();
    CHECK_FALSE(aws::build_create_fleet(input).repeatable);
}

TEST_CASE("ec2: a launch template is made as the example, and asks for version 2 of the metadata service") {
    aws::CreateLaunchTemplateInput input{.name = "workers", .data = example_data(), .tags = {{"pool", "A"}}};
    const auto sent = samples::parameters(aws::build_create_launch_template(input).request.body);
    auto example = without(
        parameters_of("CreateLaunchTemplate"),
        {"VersionDescription", "ClientToken", "HopLimit", "LaunchTemplateData.TagSpecification", "UserData"});
    CHECK(without(sent, {"UserData"}) == example);
    CHECK(sent.contains("LaunchTemplateData.UserData=IyEvYmluL3NoCmVjaG8gaGkK"));
    CHECK(sent.contains("LaunchTemplateData.MetadataOptions.HttpTokens=required"));

    input.data.interface_tags = {{"pool", "A"}};
    input.data.launch.associate_public_ip_address = true;
    const auto more = samples::parameters(aws::build_create_launch_template(input).request.body);
    for (const auto* wanted : {"LaunchTemplateData.TagSpecification.1.ResourceType=network-interface",
                               "LaunchTemplateData.NetworkInterface.1.AssociatePublicIpAddress=true",
                               "LaunchTemplateData.NetworkInterface.1.SecurityGroupId.2=sg-0b2c3d4e"}) {
        CHECK_MESSAGE(more.contains(wanted), wanted);
    }
    CHECK(without(more, {"SubnetId", "InstanceType"}) == more);
}

TEST_CASE("ec2: a version belongs to its template, and a template is deleted by its name") {
    aws::CreateLaunchTemplateVersionInput input;
    input.template_id = "lt-0a1b2c3d4e5f60718";
    input.client_token = "ltv-0002";
    input.data.launch.image_id = "ami-0fedcba9876543210";
    const auto sent = samples::parameters(aws::build_create_launch_template_version(input).request.body);
    CHECK(without(sent, {"HttpTokens"}) ==
          without(parameters_of("CreateLaunchTemplateVersion"), {"SourceVersion", "VersionDescription"}));
    const auto gone = samples::parameters(aws::build_delete_launch_template("workers").request.body);
    CHECK(gone.contains("LaunchTemplateName=workers"));
}

TEST_CASE("ec2: a fleet's answer tells of its machine and of the pools that had none") {
    const auto output = aws::parse_create_fleet(samples::example("ec2/CreateFleet-instant.response.xml"));
    REQUIRE(output.has_value());
    CHECK(output->fleet_id == "fleet-9a7c1234-5678-4abc-9def-0123456789ab");
    REQUIRE(output->instances.size() == 1);
    CHECK(output->instances[0].id == "i-0a1b2c3d4e5f60718");
    CHECK(output->instances[0].instance_type == "c7g.2xlarge");
    CHECK(output->instances[0].subnet_id == "subnet-0a1b2c3d");
    CHECK(output->instances[0].spot);
    REQUIRE(output->errors.size() == 1);
    CHECK(output->errors[0].subnet_id == "subnet-0b2c3d4e");
    CHECK(output->errors[0].error.kind == aws::ErrorClass::capacity);

    const auto nothing =
        aws::parse_create_fleet(samples::example("ec2/CreateFleet-nothing-launched.response.xml"));
    REQUIRE(nothing.has_value());
    CHECK(nothing->instances.empty());
    REQUIRE(nothing->errors.size() == 1);
    CHECK(nothing->errors[0].error.code == "InsufficientInstanceCapacity");
}

TEST_CASE("ec2: why a pool gave nothing is classified as a whole call's error would be") {
    const auto kind_of = [](const std::string& code) {
        const auto output = aws::parse_create_fleet(
            "<CreateFleetResponse><fleetId>fleet-1</fleetId><errorSet><item><errorCode>" + code +
            "</errorCode></item></errorSet></CreateFleetResponse>");
        REQUIRE(output.has_value());
        return output->errors.at(0).error.kind;
    };
    CHECK(kind_of("MaxSpotInstanceCountExceeded") == aws::ErrorClass::quota);
    CHECK(kind_of("VcpuLimitExceeded") == aws::ErrorClass::quota);
    CHECK(kind_of("UnfulfillableCapacity") == aws::ErrorClass::capacity);
    CHECK(kind_of("UnauthorizedOperation") == aws::ErrorClass::permission);
    CHECK(kind_of("InvalidFleetConfiguration") == aws::ErrorClass::invalid);
}

TEST_CASE("ec2: launch templates and their versions are read as in the examples") {
    const auto made =
        aws::parse_create_launch_template(samples::example("ec2/CreateLaunchTemplate.response.xml"));
    REQUIRE(made.has_value());
    CHECK(made->id == "lt-0a1b2c3d4e5f60718");
    CHECK(made->latest_version == 1);
    CHECK(aws::parse_create_launch_template_version(
              samples::example("ec2/CreateLaunchTemplateVersion.response.xml")) == 2);
    const auto page = aws::parse_describe_launch_templates(
        "<DescribeLaunchTemplatesResponse><launchTemplates><item><launchTemplateId>lt-1</launchTemplateId>"
        "<launchTemplateName>workers</launchTemplateName><latestVersionNumber>3</latestVersionNumber>"
        "<tagSet><item><key>pool</key><value>A</value></item></tagSet></item></launchTemplates>"
        "<nextToken>more</nextToken></DescribeLaunchTemplatesResponse>");
    REQUIRE(page.has_value());
    CHECK(page->next_token == "more");
    REQUIRE(page->templates.size() == 1);
    CHECK(page->templates[0].name == "workers");
    CHECK(page->templates[0].tags == aws::Tags{{"pool", "A"}});
}

TEST_CASE("ec2: an answer without ids is not taken for an answer") {
    CHECK_FALSE(aws::parse_create_fleet("<CreateFleetResponse/>").has_value());
    CHECK_FALSE(aws::parse_create_launch_template("<CreateLaunchTemplateResponse/>").has_value());
    CHECK_FALSE(
        aws::parse_create_launch_template_version("<CreateLaunchTemplateVersionResponse/>").has_value());
    CHECK_FALSE(aws::parse_describe_launch_templates(
                    "<DescribeLaunchTemplatesResponse><launchTemplates><item/></launchTemplates>"
                    "</DescribeLaunchTemplatesResponse>")
                    .has_value());
}
