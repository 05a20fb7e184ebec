#include "aws/ec2.hpp"

#include "base/hash.hpp"
#include "samples.hpp"

namespace {

void check_call(const aws::Call& call, const std::string& name) {
    INFO(name);
    const auto example = samples::request_example("ec2/" + name + ".request.txt");
    CHECK(samples::parameters(call.request.body) == samples::parameters(example.body));
    CHECK(http::find_header(call.request.headers, "Content-Type") ==
          base::trim(http::find_header(example.headers, "Content-Type").value()));
    CHECK(call.request.method == "POST");
    CHECK(call.request.target == "/");
    CHECK(call.repeatable);
}

aws::RequestSpotInstancesInput example_request() {
    aws::BlockDeviceMapping disk;
    disk.device_name = "/dev/xvda";
    disk.volume_size = 40;
    disk.volume_type = "gp3";
    disk.delete_on_termination = true;
    aws::RequestSpotInstancesInput input;
    input.client_token = "req-0001";
    input.valid_until = base::parse_time("2026-01-15T12:10:00.5Z");
    input.max_price = "0.289";
    input.count = 2;
    input.launch.image_id = "ami-0abcdef1234567890";
    input.launch.instance_type = "c7g.2xlarge";
    input.launch.subnet_id = "subnet-0a1b2c3d";
    input.launch.security_group_ids = {"sg-0a1b2c3d"};
    input.launch.key_name = "ops";
    input.launch.iam_instance_profile = "worker";
    input.launch.user_data = "#!/bin/sh\necho hi\n";
    input.launch.block_device_mappings = {disk};
    input.request_tags = {{"pool", "A"}};
    return input;
}

/// Compares what was read with the model's terms.
void check_instance(const aws::Instance& read, const boost::json::value& model) {
    const auto text = [&](const char* key) {
        const auto* found = model.as_object().if_contains(key);
        return found != nullptr ? std::string(found->as_string()) : std::string();
    };
    CHECK(read.id == text("InstanceId"));
    CHECK(aws::to_string(read.state) == std::string(model.at("State").at("Name").as_string()));
    CHECK(read.private_address == text("PrivateIpAddress"));
    CHECK(read.public_address == text("PublicIpAddress"));
    CHECK(read.instance_type == text("InstanceType"));
    CHECK(read.image_id == text("ImageId"));
    CHECK(read.subnet_id == text("SubnetId"));
    CHECK(read.spot_request_id == text("SpotInstanceRequestId"));
    CHECK(read.spot == (text("InstanceLifecycle") == "spot"));
    CHECK(read.client_token == text("ClientToken"));
    CHECK(read.launched == base::parse_time(text("LaunchTime")));
    aws::Tags tags;
    if (const auto* list = model.as_object().if_contains("Tags")) {
        for (const auto& tag : list->as_array()) {
            tags[std::string(tag.at("Key").as_string())] = tag.at("Value").as_string();
        }
    }
    CHECK(read.tags == tags);
}

/// How many of the parsers take this body for their answer.
int readers_of(const std::string& body) {
    return int{aws::parse_describe_instances(body).has_value()} +
           int{aws::parse_describe_spot_instance_requests(body).has_value()} +
           int{aws::parse_request_spot_instances(body).has_value()} +
           int{aws::parse_cancel_spot_instance_requests(body).has_value()} +
           int{aws::parse_describe_instance_status(body).has_value()} +
           int{aws::parse_terminate_instances(body).has_value()};
}

}  // namespace

TEST_CASE("ec2: calls are built as the examples are") {
    check_call(aws::build_request_spot_instances(example_request()), "RequestSpotInstances");
    check_call(aws::build_cancel_spot_instance_requests({"sir-3hxr5tpn", "sir-8kxr6mzq"}),
               "CancelSpotInstanceRequests");
    check_call(aws::build_terminate_instances({"i-0a1b2c3d4e5f60718", "i-0fedcba9876543210"}),
               "TerminateInstances");
    check_call(aws::build_create_tags({{"i-0a1b2c3d4e5f60718", "vol-0a1b2c3d4e5f60718"},
                                       {{"Name", "worker-1"}, {"empty", ""}, {"ünïcode key", "a=b&c+d %"}}}),
               "CreateTags");
    check_call(aws::build_describe_instances(
                   {{{"tag:pool", {"A", "B"}}, {"instance-state-name", {"pending", "running"}}}, 5, ""}),
               "DescribeInstances-filter-page1");
    check_call(
        aws::build_describe_spot_instance_requests(
            {{{"tag:pool", {"A"}}, {"state", {"open", "active"}}}, 1000, "eyJOZXh0VG9rZW4iOiBudWxsfQ=="}),
        "DescribeSpotInstanceRequests-filter-page");
}

TEST_CASE("ec2: a public address is asked for on the network interface, with subnet and groups") {
    auto input = example_request();
    input.launch.associate_public_ip_address = true;
    input.launch.iam_instance_profile = "arn:aws:iam::123456789012:instance-profile/worker";
    const auto sent = samples::parameters(aws::build_request_spot_instances(input).request.body);
    const std::string interface = "LaunchSpecification.NetworkInterface.1.";
    for (const auto& wanted :
         {interface + "DeviceIndex=0", interface + "SubnetId=subnet-0a1b2c3d",
          interface + "SecurityGroupId.1=sg-0a1b2c3d", interface + "AssociatePublicIpAddress=true",
          std::string("LaunchSpecification.IamInstanceProfile.Arn="
                      "arn:aws:iam::123456789012:instance-profile/worker")}) {
        CHECK_MESSAGE(sent.contains(wanted), wanted);
    }
    CHECK_FALSE(sent.contains("LaunchSpecification.SubnetId=subnet-0a1b2c3d"));
    CHECK_FALSE(sent.contains("LaunchSpecification.SecurityGroupId.1=sg-0a1b2c3d"));
}

TEST_CASE("ec2: a request without a token is not repeated") {
    auto input = example_request();
    input.client_token.clear();
    CHECK_FALSE(aws::build_request_spot_instances(input).repeatable);
}

TEST_CASE("ec2: spot requests are read as in the examples") {
    const auto output =
        aws::parse_request_spot_instances(samples::example("ec2/RequestSpotInstances.response.xml"));
    REQUIRE(output.has_value());
    REQUIRE(output->requests.size() == 1);
    const auto& request = output->requests.front();
    CHECK(request.id == "sir-3hxr5tpn");
    CHECK(request.state == aws::SpotRequestState::open);
    CHECK(request.status_code == "pending-evaluation");
    CHECK(request.instance_id.empty());
    CHECK(request.max_price == "0.289000");
    CHECK(request.created == base::parse_time("2026-01-15T11:49:58Z"));
    CHECK(request.tags.empty());

    const auto empty = aws::parse_describe_spot_instance_requests(
        samples::example("ec2/DescribeSpotInstanceRequests-filter-page.response.xml"));
    REQUIRE(empty.has_value());
    CHECK(empty->requests.empty());
    CHECK(empty->next_token.empty());

    const auto page = aws::parse_describe_spot_instance_requests(
        samples::example("ec2/DescribeSpotInstanceRequests-ids.response.xml"));
    const auto model = samples::json_example("ec2/DescribeSpotInstanceRequests-ids.output.json");
    const auto& items = model.at("SpotInstanceRequests").as_array();
    REQUIRE(page.has_value());
    REQUIRE(page->requests.size() == items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto text = [&](const char* key) {
            const auto* found = items[i].as_object().if_contains(key);
            return found != nullptr ? std::string(found->as_string()) : std::string();
        };
        CHECK(page->requests[i].id == text("SpotInstanceRequestId"));
        CHECK(aws::to_string(page->requests[i].state) == text("State"));
        CHECK(page->requests[i].status_code == std::string(items[i].at("Status").at("Code").as_string()));
        CHECK(page->requests[i].instance_id == text("InstanceId"));
        CHECK(page->requests[i].availability_zone == text("LaunchedAvailabilityZone"));
        CHECK(page->requests[i].valid_until == base::parse_time(text("ValidUntil")));
    }
}

TEST_CASE("ec2: machines are read as in the examples") {
    for (const std::string name : {"ids", "filter-page1", "filter-page2"}) {
        INFO(name);
        const auto page = aws::parse_describe_instances(
            samples::example("ec2/DescribeInstances-" + name + ".response.xml"));
        const auto model = samples::json_example("ec2/DescribeInstances-" + name + ".output.json");
        REQUIRE(page.has_value());
        const auto* token = model.as_object().if_contains("NextToken");
        CHECK(page->next_token == (token != nullptr ? std::string(token->as_string()) : std::string()));
        std::size_t number = 0;
        for (const auto& reservation : model.at("Reservations").as_array()) {
            for (const auto& instance : reservation.at("Instances").as_array()) {
                REQUIRE(number < page->instances.size());
                check_instance(page->instances[number++], instance);
            }
        }
        CHECK(number == page->instances.size());
    }
}

TEST_CASE("ec2: cancel and terminate are read as in the examples") {
    const auto cancelled = aws::parse_cancel_spot_instance_requests(
        samples::example("ec2/CancelSpotInstanceRequests.response.xml"));
    REQUIRE(cancelled.has_value());
    REQUIRE(cancelled->size() == 2);
    CHECK(cancelled->at(0).state == "cancelled");
    CHECK(cancelled->at(1).id == "sir-8kxr6mzq");

    const auto changes =
        aws::parse_terminate_instances(samples::example("ec2/TerminateInstances.response.xml"));
    REQUIRE(changes.has_value());
    REQUIRE(changes->size() == 2);
    CHECK(changes->at(0).previous == aws::InstanceState::running);
    CHECK(changes->at(0).current == aws::InstanceState::shutting_down);
    CHECK(changes->at(1).current == aws::InstanceState::terminated);
}

TEST_CASE("ec2: recorded answers of any kind, whole or cut, are read by their own parser or by none") {
    std::size_t recorded = 0;
    for (const std::string folder : {"recorded-responses", "ec2", "errors", "route53", "sts"}) {
        const auto path = std::filesystem::path(TEST_DATA) / "examples" / folder;
        for (const auto& entry : std::filesystem::directory_iterator(path)) {
            const auto text = samples::read(entry.path());
            INFO(entry.path().string());
            ++recorded;
            CHECK(readers_of(text) <= 1);
            CHECK(readers_of(text.substr(0, text.size() / 2)) == 0);
            CHECK(readers_of(text.substr(text.size() / 3)) == 0);
        }
    }
    CHECK(recorded > 100);

    const auto instances =
        aws::parse_describe_instances(samples::example("recorded-responses/ec2-describe-instances.xml"));
    REQUIRE(instances.has_value());
    CHECK_FALSE(instances->instances.empty());
    const auto requests = aws::parse_describe_spot_instance_requests(
        samples::example("recorded-responses/ec2-describe-spot-instance-requests.xml"));
    REQUIRE(requests.has_value());
    CHECK_FALSE(requests->requests.empty());
}

TEST_CASE("ec2: what is not the answer is not taken for an empty one") {
    CHECK(aws::parse_describe_instances("<html/>").error().message ==
          "instead of DescribeInstancesResponse came html");
    CHECK_FALSE(aws::parse_describe_instances("").has_value());
    CHECK(
        aws::parse_describe_instances("<DescribeInstancesResponse><reservationSet><item><instancesSet><item/>"
                                      "</instancesSet></item></reservationSet></DescribeInstancesResponse>")
            .error()
            .message == "DescribeInstancesResponse: an item has no instanceId");
}

TEST_CASE("ec2: status checks and planned events are read as in the example") {
    const auto page =
        aws::parse_describe_instance_status(samples::example("ec2/DescribeInstanceStatus.response.xml"));
    REQUIRE(page.has_value());
    REQUIRE(page->statuses.size() == 1);
    const auto& status = page->statuses.front();
    CHECK(status.id == "i-0a1b2c3d4e5f60718");
    CHECK(status.instance_status == "ok");
    CHECK(status.system_status == "ok");
    REQUIRE(status.events.size() == 1);
    CHECK(status.events[0].code == "system-reboot");
    CHECK(status.events[0].description == "The instance is scheduled for a reboot");
    CHECK(status.events[0].not_before == base::parse_time("2026-01-22T10:00:00Z"));
    CHECK(page->next_token.empty());
    const auto call = aws::build_describe_instance_status({{{"event.code", {"instance-stop"}}}, 200, "next"});
    for (const auto* wanted : {"Action=DescribeInstanceStatus", "Filter.1.Name=event.code",
                               "Filter.1.Value.1=instance-stop", "MaxResults=200", "NextToken=next"}) {
        CHECK_MESSAGE(samples::parameters(call.request.body).contains(wanted), wanted);
    }
}
