#include "sim/ec2_api.hpp"

#include <doctest/doctest.h>

#include <pugixml.hpp>

#include "base/text.hpp"
#include "sim/ec2_filters.hpp"

using namespace std::chrono_literals;

namespace {

struct Fixture {
    sim::Cloud cloud{sim::Settings{}, base::Time{base::Duration{1'000'000'000}}};
    pugi::xml_document document;

    void pass(base::Duration time) { cloud.timeline.advance_to(cloud.timeline.now() + time); }

    /// The error code of the answer; empty when it succeeded. The answer itself is in `document`.
    std::string call(const std::string& parameters) {
        sim::Call call;
        call.request.method = "POST";
        call.request.body = "Version=2016-11-15&Action=" + parameters;
        const auto response = sim::answer_ec2(cloud, call);
        REQUIRE(document.load_string(response.body.c_str()));
        return text("/Response/Errors/Error/Code");
    }

    std::string text(const char* path) const { return document.select_node(path).node().text().get(); }
    std::size_t count(const char* path) const { return document.select_nodes(path).size(); }

    std::string request(const std::string& more = "") {
        REQUIRE(call("RequestSpotInstances&LaunchSpecification.ImageId=ami-1"
                     "&LaunchSpecification.InstanceType=c7g.large&LaunchSpecification.SubnetId=subnet-1" +
                     more) == "");
        return text("//spotInstanceRequestSet/item/spotInstanceRequestId");
    }

    std::string run(const std::string& more = "") {
        REQUIRE(call("RunInstances&ImageId=ami-1&InstanceType=c7g.large&MinCount=1&MaxCount=1" + more) == "");
        return text("//instancesSet/item/instanceId");
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "sim ec2: a token finds what it made, and refuses other parameters") {
    const auto id = request("&ClientToken=t");
    CHECK(request("&ClientToken=t") == id);
    CHECK(cloud.spot_requests.all().size() == 1);
    CHECK(call("RequestSpotInstances&LaunchSpecification.ImageId=ami-2&ClientToken=t") ==
          "IdempotentParameterMismatch");
    CHECK(request("&ClientToken=u") != id);
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: a repeat by token is answered even after its ValidUntil") {
    const auto until = "&ClientToken=t&ValidUntil=" + base::format_time(cloud.timeline.now() + 5s);
    const auto id = request(until);
    pass(10s);
    CHECK(request(until) == id);
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: wrong spot requests are refused") {
    const std::string spec = "&LaunchSpecification.ImageId=ami-1&LaunchSpecification.InstanceType=c7g.large";
    const auto refused = [&](const std::string& more) { return call("RequestSpotInstances" + more); };
    CHECK(refused("") == "MissingParameter");
    CHECK(refused("&LaunchSpecification.ImageId=x&LaunchSpecification.InstanceType=c7g.large") ==
          "InvalidAMIID.Malformed");
    CHECK(refused(spec + "&SpotPrice=-1") == "InvalidParameterValue");
    CHECK(refused(spec + "&SpotPrice=cheap") == "InvalidParameterValue");
    CHECK(refused(spec + "&ValidUntil=1970-01-01T00:00:00Z") == "InvalidParameterValue");
    CHECK(refused(spec + "&LaunchSpecification.UserData=%21") == "InvalidParameterValue");
    CHECK(refused(spec + "&LaunchSpecification.SubnetId=net") == "InvalidSubnetID.Malformed");
    CHECK(refused(spec + "&InstanceInterruptionBehavior=stop") == "InvalidParameterCombination");
    CHECK(refused(spec + "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a") ==
          "InvalidParameterValue");
    CHECK(refused(spec +
                  "&LaunchSpecification.SubnetId=subnet-1&LaunchSpecification.NetworkInterface.1.SubnetId="
                  "subnet-1") == "InvalidParameterCombination");
    CHECK(cloud.spot_requests.all().empty());
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: one unknown id fails the call, a filter does not") {
    const auto id = run();
    CHECK(call("DescribeInstances&InstanceId.1=" + id) == "");
    CHECK(call("DescribeInstances&InstanceId.1=" + id + "&InstanceId.2=i-2") == "InvalidInstanceID.NotFound");
    CHECK(call("DescribeInstances&InstanceId.1=x") == "InvalidInstanceID.Malformed");
    CHECK(call("DescribeInstances&Filter.1.Name=instance-id&Filter.1.Value.1=i-2") == "");
    CHECK(count("//reservationSet/item") == 0);
    CHECK(call("TerminateInstances&InstanceId.1=" + id + "&InstanceId.2=i-2") ==
          "InvalidInstanceID.NotFound");
    CHECK(cloud.machines.find(id)->state == sim::MachineState::pending);
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: filters are alternatives inside and all needed outside") {
    const auto id =
        run("&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=name"
            "&TagSpecification.1.Tag.1.Value=lms");
    run();
    CHECK(call("DescribeInstances&Filter.1.Name=tag:name&Filter.1.Value.1=x&Filter.1.Value.2=l*") == "");
    CHECK(text("//instancesSet/item/instanceId") == id);
    CHECK(count("//instancesSet/item") == 1);
    CHECK(
        call("DescribeInstances&Filter.1.Name=tag:name&Filter.1.Value.1=lms&Filter.2.Name=instance-state-name"
             "&Filter.2.Value.1=running") == "");
    CHECK(count("//instancesSet/item") == 0);
    CHECK(call("DescribeInstances&Filter.1.Name=shape&Filter.1.Value.1=x") == "InvalidParameterValue");
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: pages hold every machine once") {
    for (int made = 0; made < 12; ++made) {
        run();
    }
    std::set<std::string> ids;
    std::string token;
    int pages = 0;
    do {
        REQUIRE(call("DescribeInstances&MaxResults=5&NextToken=" + base::percent_encode(token)) == "");
        for (const auto& node : document.select_nodes("//instancesSet/item/instanceId")) {
            CHECK(ids.insert(node.node().text().get()).second);
        }
        token = text("/DescribeInstancesResponse/nextToken");
        ++pages;
    } while (!token.empty());
    CHECK(ids.size() == 12);
    CHECK(pages == 3);
    CHECK(call("DescribeInstances&MaxResults=4") == "InvalidParameterValue");
    CHECK(call("DescribeInstances&MaxResults=5&InstanceId.1=" + *ids.begin()) ==
          "InvalidParameterCombination");
    CHECK(call("DescribeInstances&NextToken=x") == "InvalidNextToken");
}

TEST_CASE_FIXTURE(Fixture,
                  "sim ec2: addresses are there while the machine is, the public one from running on") {
    const auto id = run();
    CHECK(call("DescribeInstances") == "");
    CHECK(text("//privateIpAddress") == "127.16.0.1");
    CHECK(count("//ipAddress") == 0);
    pass(1s);
    CHECK(call("DescribeInstances") == "");
    CHECK(text("//ipAddress") == "127.32.0.1");
    CHECK(call("TerminateInstances&InstanceId.1=" + id) == "");
    CHECK(text("//currentState/name") == "shutting-down");
    CHECK(text("//previousState/code") == "16");
    pass(1s);
    CHECK(call("DescribeInstances") == "");
    CHECK(text("//instanceState/name") == "terminated");
    CHECK(count("//privateIpAddress") == 0);
    CHECK(text("//stateReason/code") == "Client.UserInitiatedShutdown");
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: a one-time spot machine cannot be stopped") {
    request();
    pass(3s);
    const auto& machine = cloud.machines.all().begin()->second;
    CHECK(call("StopInstances&InstanceId.1=" + machine.id) == "UnsupportedOperation");
    const auto on_demand = run();
    CHECK(call("StopInstances&InstanceId.1=" + on_demand) == "IncorrectInstanceState");
    pass(1s);
    CHECK(call("StopInstances&InstanceId.1=" + on_demand) == "");
    CHECK(call("StartInstances&InstanceId.1=" + on_demand) == "IncorrectInstanceState");
    pass(1s);
    CHECK(call("StartInstances&InstanceId.1=" + on_demand) == "");
    CHECK(text("//currentState/name") == "pending");
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: tags are set on machines and requests that exist") {
    const auto id = run();
    const auto asked = request(
        "&TagSpecification.1.ResourceType=spot-instances-request"
        "&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=1");
    CHECK(call("CreateTags&ResourceId.1=" + id + "&ResourceId.2=" + asked + "&Tag.1.Key=b&Tag.1.Value=2") ==
          "");
    CHECK(text("//return") == "true");
    CHECK(cloud.spot_requests.find(asked)->tags == sim::Tags{{"a", "1"}, {"b", "2"}});
    CHECK(call("DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1=" + id) == "");
    CHECK(text("//tagSet/item/resourceType") == "instance");
    CHECK(call("CreateTags&ResourceId.1=i-2&Tag.1.Key=b") == "InvalidInstanceID.NotFound");
    CHECK(call("CreateTags&ResourceId.1=" + id + "&Tag.1.Key=aws:b") == "InvalidParameterValue");
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: RunInstances on the spot market takes capacity at once or not at all") {
    const std::string spot = "&InstanceMarketOptions.MarketType=spot&Placement.AvailabilityZone=us-east-1b";
    const auto id = run(spot + "&ClientToken=t");
    CHECK(run(spot + "&ClientToken=t") == id);
    const auto& machine = *cloud.machines.find(id);
    CHECK(cloud.spot_requests.find(machine.spot_request_id)->state == "active");
    cloud.pools.set_capacity({.machine_type = "*", .zone = "us-east-1b"}, false);
    CHECK(call("RunInstances&ImageId=ami-1&InstanceType=c7g.large&MinCount=1&MaxCount=1" + spot) ==
          "InsufficientInstanceCapacity");
    CHECK(call("TerminateInstances&InstanceId.1=" + id) == "");
    pass(1s);
    CHECK(call("RunInstances&ImageId=ami-1&InstanceType=c7g.large&MinCount=1&MaxCount=1&ClientToken=t" +
               spot) == "IdempotentInstanceTerminated");
}

TEST_CASE_FIXTURE(Fixture, "sim ec2: unknown actions and dry runs") {
    CHECK(call("MakeCoffee") == "InvalidAction");
    CHECK(call("DescribeInstances&DryRun=true") == "DryRunOperation");
}

TEST_CASE("sim ec2: wildcards in filters") {
    CHECK(sim::matches_wildcards("abc", "abc"));
    CHECK(sim::matches_wildcards("abc", "a*"));
    CHECK(sim::matches_wildcards("abcbc", "*bc"));
    CHECK(sim::matches_wildcards("abc", "a?c*"));
    CHECK(sim::matches_wildcards("", "*"));
    CHECK_FALSE(sim::matches_wildcards("abc", "b*"));
    CHECK_FALSE(sim::matches_wildcards("abc", "ab"));
    CHECK_FALSE(sim::matches_wildcards("", "?"));
}
