"""The happy path against moto, a second server that we did not write: it agrees on the wire. It fulfils at once, is
in sync at once, ignores client tokens and sends no events: those are put into its queue here."""

import json
import uuid
from datetime import datetime, timezone

import pytest

from support import REGION, Manager, wait_until

ACCOUNT = "123456789012"
NAME = "lms-chen"


@pytest.fixture
def cloud(moto_server):
    """What moto offers: a network, an image, a queue and two zones."""
    ec2 = moto_server.client("ec2")
    sqs = moto_server.client("sqs")
    route53 = moto_server.client("route53")
    subnet = ec2.describe_subnets()["Subnets"][0]
    zones = {}
    for side, zone in {"public": "lms.example.com", "private": "internal.example.com"}.items():
        vpc = {"VPC": {"VPCRegion": REGION, "VPCId": subnet["VpcId"]}} if side == "private" else {}
        made = route53.create_hosted_zone(Name=zone, CallerReference=zone,
                                          HostedZoneConfig={"PrivateZone": side == "private"}, **vpc)
        zones[side] = made["HostedZone"]["Id"].split("/")[-1]
    return {
        "server": moto_server, "ec2": ec2, "sqs": sqs, "route53": route53, "subnet": subnet, "zones": zones,
        "image": ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
        "group": ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"],
        "queue_url": sqs.create_queue(QueueName="spot-manager")["QueueUrl"],
    }


@pytest.fixture
def manager_on_moto(build, cloud, tmp_path):
    manager = Manager(build / "src" / "spot-manager", tmp_path, cloud["server"].aws_settings, cloud["queue_url"])
    with manager:
        manager.wait_until_up()
        yield manager


def event(kind, detail):
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"version": "0", "id": str(uuid.uuid4()), "detail-type": kind, "source": "aws.ec2",
                       "account": ACCOUNT, "time": now, "region": REGION, "resources": [], "detail": detail})


def tell(cloud, kind, **detail):
    cloud["sqs"].send_message(QueueUrl=cloud["queue_url"], MessageBody=event(
        kind, {name.replace("_", "-"): value for name, value in detail.items()}))


def address_in(cloud, side, name):
    sets = cloud["route53"].list_resource_record_sets(HostedZoneId=cloud["zones"][side])["ResourceRecordSets"]
    return [value["Value"] for record in sets if record["Name"] == f"{name}." for value in record["ResourceRecords"]]


def machines(cloud):
    return [machine for reservation in cloud["ec2"].describe_instances()["Reservations"]
            for machine in reservation["Instances"]]


def published(cloud, other_than=None):
    """The machine that both names point at."""
    for machine in machines(cloud):
        if (machine["InstanceId"] != other_than and machine["State"]["Name"] == "running"
                and address_in(cloud, "public", f"{NAME}.lms.example.com") == [machine["PublicIpAddress"]]
                and address_in(cloud, "private", f"{NAME}.internal.example.com") == [machine["PrivateIpAddress"]]):
            return machine
    return None


def test_the_story_against_moto(cloud, manager_on_moto):
    manager = manager_on_moto
    manager.register({
        "name": NAME,
        "image_id": cloud["image"],
        "instance_types": ["t3.micro"],
        "subnet_ids": [cloud["subnet"]["SubnetId"]],
        "security_group_ids": [cloud["group"]],
        "public_ip": True,
        "dns": {"private": {"name": f"{NAME}.internal.example.com", "zone_id": cloud["zones"]["private"]},
                "public": {"name": f"{NAME}.lms.example.com", "zone_id": cloud["zones"]["public"]}},
        "readiness": {"report": False},
    })
    requests = wait_until(lambda: cloud["ec2"].describe_spot_instance_requests()["SpotInstanceRequests"],
                          what="a spot machine is asked for")
    assert len(requests) == 1
    request, machine = requests[0]["SpotInstanceRequestId"], requests[0]["InstanceId"]
    tell(cloud, "EC2 Spot Instance Request Fulfillment", spot_instance_request_id=request, instance_id=machine)
    tell(cloud, "EC2 Instance State-change Notification", instance_id=machine, state="pending")
    tell(cloud, "EC2 Instance State-change Notification", instance_id=machine, state="running")

    found = wait_until(lambda: published(cloud), what="both names point at the machine")
    assert found["InstanceId"] == machine
    manager.wait_for_state(NAME, "serving")
    wait_until(lambda: NAME in [tag["Value"] for tag in machines(cloud)[0].get("Tags", [])],
               what="the machine is tagged")

    cloud["ec2"].terminate_instances(InstanceIds=[machine])
    tell(cloud, "EC2 Instance State-change Notification", instance_id=machine, state="terminated")
    found = wait_until(lambda: published(cloud, other_than=machine), what="the names follow")
    requests = cloud["ec2"].describe_spot_instance_requests()["SpotInstanceRequests"]
    assert sorted(request["InstanceId"] for request in requests) == sorted([machine, found["InstanceId"]])
