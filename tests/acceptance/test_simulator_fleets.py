"""The simulator's launch templates and fleets, driven by boto3 and the AWS CLI."""

import pytest
from botocore.exceptions import ClientError

from support import wait_until
from wire import watch

DATA = {"ImageId": "ami-0123456789abcdef0", "KeyName": "ops", "UserData": "IyEvYmluL3NoCg==",
        "IamInstanceProfile": {"Name": "lms"}, "MetadataOptions": {"HttpTokens": "required"},
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": ["sg-1"]}],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "of", "Value": "template"}]},
                              {"ResourceType": "spot-instances-request", "Tags": [{"Key": "of", "Value": "request"}]}]}


@pytest.fixture
def ec2(simulator):
    client = simulator.client("ec2")
    unknown = watch(client)
    yield client
    assert not unknown, "elements that AWS does not have"


@pytest.fixture
def template(ec2):
    return ec2.create_launch_template(LaunchTemplateName="lms", LaunchTemplateData=DATA)["LaunchTemplate"]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def subnets(ec2):
    """One subnet of each zone, in order of the zones."""
    return [subnet["SubnetId"] for subnet in sorted(ec2.describe_subnets()["Subnets"], key=lambda s: s["AvailabilityZone"])]


def fleet(ec2, pools, market="spot", capacity=1, **changes):
    """CreateFleet over pools of (type, subnet)."""
    return ec2.create_fleet(**{
        "Type": "instant", "SpotOptions": {"AllocationStrategy": "price-capacity-optimized"},
        "LaunchTemplateConfigs": [{
            "LaunchTemplateSpecification": {"LaunchTemplateName": "lms", "Version": "1"},
            "Overrides": [{"InstanceType": kind, "SubnetId": subnet} for kind, subnet in pools]}],
        "TargetCapacitySpecification": {"TotalTargetCapacity": capacity, "DefaultTargetCapacityType": market}, **changes})


def pool_of(item):
    overrides = item["LaunchTemplateAndOverrides"]["Overrides"]
    return overrides["InstanceType"], overrides["SubnetId"]


def described(ec2, answer):
    [launched] = answer["Instances"]
    [instance] = launched["InstanceIds"]
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]


def tags_of(resource):
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


def test_templates_and_their_versions(ec2, template, simulator):
    assert template["LatestVersionNumber"] == 1
    same = {"LaunchTemplateName": "other", "LaunchTemplateData": DATA, "ClientToken": "t" * 128,
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}]}
    other = ec2.create_launch_template(**same)["LaunchTemplate"]
    assert ec2.create_launch_template(**same)["LaunchTemplate"]["LaunchTemplateId"] == other["LaunchTemplateId"]
    assert refused(ec2.create_launch_template, **{**same, "LaunchTemplateName": "third"}) == "IdempotentParameterMismatch"
    assert refused(ec2.create_launch_template, **{**same, "ClientToken": "new"}) == \
        "InvalidLaunchTemplateName.AlreadyExistsException"
    made = ec2.create_launch_template_version(LaunchTemplateName="lms", SourceVersion="1",
                                              LaunchTemplateData={"ImageId": "ami-2"})["LaunchTemplateVersion"]
    assert made["VersionNumber"] == 2 and made["LaunchTemplateData"] == {**DATA, "ImageId": "ami-2"}
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="lms", Versions=["$Default", "$Latest"])
    assert [version["VersionNumber"] for version in versions["LaunchTemplateVersions"]] == [1, 2]
    found = ec2.describe_launch_templates(Filters=[{"Name": "tag:a", "Values": ["b"]}])["LaunchTemplates"]
    assert [item["LaunchTemplateName"] for item in found] == ["other"]
    ec2.create_tags(Resources=[template["LaunchTemplateId"]], Tags=[{"Key": "c", "Value": "d"}])
    assert tags_of(ec2.describe_launch_templates(LaunchTemplateNames=["lms"])["LaunchTemplates"][0]) == {"c": "d"}
    pages = ec2.get_paginator("describe_launch_templates").paginate(PaginationConfig={"PageSize": 1})
    assert len(list(pages)) == 2
    ec2.delete_launch_template(LaunchTemplateName="other")
    assert refused(ec2.delete_launch_template, LaunchTemplateId=other["LaunchTemplateId"]) == \
        "InvalidLaunchTemplateId.NotFound"
    assert refused(ec2.describe_launch_template_versions, LaunchTemplateName="lms", Versions=["3"]) == \
        "InvalidLaunchTemplateId.VersionNotFound"
    assert len(simulator.aws("ec2", "describe-launch-templates")["LaunchTemplates"]) == 1


def test_a_fleet_launches_what_the_template_says(ec2, template):
    [subnet, *_] = subnets(ec2)
    answer = fleet(ec2, [("t3.large", subnet)], TagSpecifications=[
        {"ResourceType": "fleet", "Tags": [{"Key": "token", "Value": "x"}]},
        {"ResourceType": "instance", "Tags": [{"Key": "token", "Value": "x"}]}])
    assert answer["Errors"] == [] and answer["Instances"][0]["Lifecycle"] == "spot"
    assert pool_of(answer["Instances"][0]) == ("t3.large", subnet)
    instance = described(ec2, answer)
    assert (instance["InstanceType"], instance["SubnetId"], instance["ImageId"]) == ("t3.large", subnet, DATA["ImageId"])
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert tags_of(instance) == {"of": "template", "token": "x", "aws:ec2:fleet-id": answer["FleetId"],
                                 "aws:ec2launchtemplate:id": template["LaunchTemplateId"],
                                 "aws:ec2launchtemplate:version": "1"}
    [request] = ec2.describe_spot_instance_requests()["SpotInstanceRequests"]
    assert request["SpotInstanceRequestId"] == instance["SpotInstanceRequestId"]
    assert request["InstanceId"] == instance["InstanceId"] and tags_of(request) == {"of": "request"}
    wait_until(lambda: described(ec2, answer)["PublicIpAddress"], what="it gets its public address")
    on_demand = described(ec2, fleet(ec2, [("t3.large", subnet)], "on-demand"))
    assert "SpotInstanceRequestId" not in on_demand and "InstanceLifecycle" not in on_demand
    assert len(ec2.describe_spot_instance_requests()["SpotInstanceRequests"]) == 1


def test_a_fleet_passes_over_pools_without_capacity(ec2, template, simulator):
    first, second, third = subnets(ec2)
    pools = [("t3.large", first), ("t3.large", second), ("t3.large", third)]
    simulator.control("capacity", availability_zone="us-east-1a", available=False)
    simulator.control("capacity", availability_zone="us-east-1b", price="0.02")
    simulator.control("capacity", availability_zone="us-east-1c", price="0.01", instances=1)
    answer = fleet(ec2, pools, capacity=2)
    assert [pool_of(item) for item in answer["Instances"]] == [pools[2], pools[1]]
    [error] = answer["Errors"]
    assert pool_of(error) == pools[2] and error["ErrorCode"] == "InsufficientInstanceCapacity"
    simulator.control("capacity", availability_zone="us-east-1b", available=False)
    nothing = fleet(ec2, pools)
    assert nothing["Instances"] == [] and len(nothing["Errors"]) == 3
    assert {error["Lifecycle"] for error in nothing["Errors"]} == {"spot"}
    # The other market has capacity of its own.
    assert len(fleet(ec2, pools, "on-demand")["Instances"]) == 1
    simulator.control("capacity", market="on-demand", available=False)
    assert len(fleet(ec2, pools, "on-demand")["Errors"]) == 3


def test_price_caps_and_quotas_are_errors_of_the_pools(ec2, template, simulator):
    [subnet, *_] = subnets(ec2)
    config = {"LaunchTemplateSpecification": {"LaunchTemplateName": "lms", "Version": "$Latest"},
              "Overrides": [{"InstanceType": "t3.large", "SubnetId": subnet, "MaxPrice": "0.001"}]}
    [error] = fleet(ec2, [], LaunchTemplateConfigs=[config])["Errors"]
    assert error["ErrorCode"] == "SpotMaxPriceTooLow"
    simulator.control("quotas", spot_vcpus=2, on_demand_vcpus=0)
    assert fleet(ec2, [("t3.large", subnet)])["Errors"] == []
    [error] = fleet(ec2, [("t3.large", subnet)])["Errors"]
    assert error["ErrorCode"] == "MaxSpotInstanceCountExceeded"
    [error] = fleet(ec2, [("t3.large", subnet)], "on-demand")["Errors"]
    assert error["ErrorCode"] == "VcpuLimitExceeded"
    assert refused(ec2.request_spot_instances, LaunchSpecification={"ImageId": "ami-1", "InstanceType": "t3.large"}) == \
        "MaxSpotInstanceCountExceeded"


def test_the_same_token_launches_once(ec2, template, simulator):
    [subnet, *_] = subnets(ec2)
    first = fleet(ec2, [("t3.large", subnet)], ClientToken="token")
    again = fleet(ec2, [("t3.large", subnet)], ClientToken="token")
    assert (first["FleetId"], first["Instances"]) == (again["FleetId"], again["Instances"])
    assert len(simulator.state()["machines"]) == 1
    assert refused(fleet, ec2=ec2, pools=[("t3.micro", subnet)], ClientToken="token") == "IdempotentParameterMismatch"
    # What launched nothing is a result too.
    simulator.control("capacity", available=False)
    assert fleet(ec2, [("t3.large", subnet)], ClientToken="empty")["Instances"] == []
    simulator.control("capacity", available=True)
    assert fleet(ec2, [("t3.large", subnet)], ClientToken="empty")["Instances"] == []


def test_wrong_fleets_are_refused(ec2, template):
    first, second, _ = subnets(ec2)
    def config(overrides, **named):
        return [{"LaunchTemplateSpecification": named or {"LaunchTemplateName": "lms", "Version": "1"}, "Overrides": overrides}]
    pool = {"InstanceType": "t3.large", "SubnetId": first}
    for wrong, code in [
        ({"Type": "maintain"}, "UnsupportedOperation"),
        ({"LaunchTemplateConfigs": config([pool], LaunchTemplateName="none", Version="1")},
         "InvalidLaunchTemplateName.NotFoundException"),
        ({"LaunchTemplateConfigs": config([pool], LaunchTemplateId="lt-0", Version="1")}, "InvalidLaunchTemplateId.NotFound"),
        ({"LaunchTemplateConfigs": config([pool], LaunchTemplateName="lms", Version="2")},
         "InvalidLaunchTemplateId.VersionNotFound"),
        ({"LaunchTemplateConfigs": config([pool], LaunchTemplateName="lms")}, "MissingParameter"),
        ({"LaunchTemplateConfigs": config([pool, pool])}, "InvalidParameterValue"),
        ({"LaunchTemplateConfigs": config([{**pool, "AvailabilityZone": "us-east-1a"}])}, "InvalidParameterCombination"),
        ({"TagSpecifications": [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}]},
         "InvalidParameterValue"),
    ]:
        assert refused(fleet, ec2=ec2, pools=[("t3.large", first)], **wrong) == code
    same_zone = next(f"subnet-{number}" for number in range(100)
                     if ec2.describe_subnets(SubnetIds=[f"subnet-{number}"])["Subnets"][0]["AvailabilityZone"] == "us-east-1a")
    assert refused(fleet, ec2=ec2, pools=[("t3.large", first), ("t3.micro", same_zone)]) == "InvalidParameterValue"
    assert ec2.describe_instances()["Reservations"] == []


@pytest.mark.parametrize("simulator_options", [["--visible-after", "1s"]])
def test_a_new_template_is_not_found_at_once(ec2, template):
    def missing():
        return refused(fleet, ec2=ec2, pools=[("t3.large", "subnet-1")])
    assert missing() == "InvalidLaunchTemplateName.NotFoundException"
    wait_until(lambda: ec2.describe_launch_templates()["LaunchTemplates"], what="the template is found")
    assert len(fleet(ec2, [("t3.large", "subnet-1")])["Instances"]) == 1
