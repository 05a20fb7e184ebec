"""The happy path against moto, a second server that we did not write: it agrees on the wire. It fulfils at once, is
in sync at once, ignores client tokens and sends no events: those are put into its queue here."""

import json
import re
import threading
import uuid
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support import REGION, Manager, wait_until, web_session

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


NO_SPOT = """<CreateFleetResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><fleetId>fleet-none</fleetId><errorSet>
<item><lifecycle>spot</lifecycle><errorCode>InsufficientInstanceCapacity</errorCode><errorMessage>none left</errorMessage>
</item></errorSet><fleetInstanceSet/></CreateFleetResponse>""".encode()


@contextmanager
def in_front_of(cloud, change, answer_to=lambda body: None):
    """The URL of a server that passes calls on to moto's EC2, each body as `change` makes it, but for those that
    `answer_to` has an answer to."""
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = 200, answer_to(body)
            if answer is None:
                passed = web_session().post(cloud["server"].url, data=change(body), timeout=10,
                                            headers={name: value for name, value in self.headers.items()
                                                     if name.lower() != "content-length"})
                status, answer = passed.status_code, passed.content
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def ec2_without_spot(cloud):
    """The URL of a server that is moto's EC2, but where no fleet finds spot capacity: with moto, all do."""
    def none_left(body):
        return NO_SPOT if b"Action=CreateFleet&" in body and b"DefaultTargetCapacityType=spot" in body else None
    with in_front_of(cloud, lambda body: body, none_left) as url:
        yield url


def several_pools(cloud, **changes):
    return {
        "name": NAME,
        "image_id": cloud["image"],
        "instance_types": ["t3.micro", "t3a.micro"],
        "subnet_ids": [cloud["subnet"]["SubnetId"]],
        "security_group_ids": [cloud["group"]],
        "dns": {"private": {"name": f"{NAME}.internal.example.com", "zone_id": cloud["zones"]["private"]}},
        "readiness": {"report": False},
        **changes,
    }


def tags_of(machine):
    return {tag["Key"]: tag["Value"] for tag in machine.get("Tags", [])}


def serving(cloud, manager, market):
    def found():
        status = manager.instance(NAME)
        return (status["state"] == "serving" and status["market"] == market
                and next(machine for machine in machines(cloud) if machine["InstanceId"] == status["machine"]))
    return wait_until(found, what=f"{NAME} is served by a {market} machine")


def test_several_pools_are_asked_by_a_fleet(cloud, manager_on_moto):
    manager = manager_on_moto
    manager.register(several_pools(cloud))
    machine = serving(cloud, manager, "spot")
    assert machine["InstanceLifecycle"] == "spot"
    assert tags_of(machine)["spot-manager:name"] == NAME
    assert address_in(cloud, "private", f"{NAME}.internal.example.com") == [machine["PrivateIpAddress"]]
    [template] = cloud["ec2"].describe_launch_templates()["LaunchTemplates"]
    [version] = cloud["ec2"].describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"])["LaunchTemplateVersions"]
    assert version["LaunchTemplateData"]["MetadataOptions"]["HttpTokens"] == "required"
    assert len(machines(cloud)) == 1

    assert manager.delete(f"/instances/{NAME}").status_code == 202
    wait_until(lambda: manager.get(f"/instances/{NAME}").status_code == 404, what="the name is gone")
    assert not cloud["ec2"].describe_launch_templates()["LaunchTemplates"]


def test_without_spot_capacity_an_on_demand_machine_helps_out(build, cloud, ec2_without_spot, tmp_path):
    settings = {**cloud["server"].aws_settings, "AWS_ENDPOINT_URL_EC2": ec2_without_spot}
    with Manager(build / "src" / "spot-manager", tmp_path, settings, cloud["queue_url"]) as manager:
        manager.wait_until_up()
        manager.register(several_pools(cloud, fallback={"after": "1s"}))
        machine = serving(cloud, manager, "on_demand")
        assert "InstanceLifecycle" not in machine
        assert "because there was no spot machine for 1s (no spot capacity for" in manager.instance(NAME)["reason"]
        assert len(machines(cloud)) == 1


@pytest.fixture
def ec2_that_tags_no_snapshots(cloud):
    """The URL of a server that is moto's EC2, but leaves the tags of snapshots out of CreateImage: moto fails at them."""
    with in_front_of(cloud, lambda body: re.sub(rb"&TagSpecification\.2\.[^&]*", b"", body)
                     if b"Action=CreateImage&" in body else body) as url:
        yield url


def test_images_are_made_and_removed_against_moto(build, cloud, ec2_that_tags_no_snapshots, tmp_path):
    settings = {**cloud["server"].aws_settings, "AWS_ENDPOINT_URL_EC2": ec2_that_tags_no_snapshots}
    ec2 = cloud["ec2"]
    def account():
        """Our images, and the snapshots that were made for any of them."""
        images = ec2.describe_images(Owners=["self"])["Images"]
        snapshots = [found for found in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
                     if found["Description"].startswith("Created by CreateImage")]
        return images, {snapshot["SnapshotId"] for snapshot in snapshots}
    with Manager(build / "src" / "spot-manager", tmp_path, settings, cloud["queue_url"],
                 ["--image-every", "100ms", "--image-announce-every", "500ms"]) as manager:
        manager.wait_until_up()
        manager.register(several_pools(cloud, image={"schedule": "off", "retain": 1}))
        machine = serving(cloud, manager, "spot")
        seen = []
        for _ in range(2):
            assert manager.post(f"/instances/{NAME}/image").status_code == 202
            def only_the_newest():
                images, snapshots = account()
                return (len(images) == 1 and images[0]["ImageId"] not in seen and images[0]
                        and snapshots == {disk["Ebs"]["SnapshotId"] for disk in images[0]["BlockDeviceMappings"]}
                        and manager.get(f"/instances/{NAME}/images").json()["images"][0].get("announced") and images[0])
            image = wait_until(only_the_newest, what="the account has the newest image alone")
            seen.append(image["ImageId"])
            tags = tags_of(image)
            assert (tags["spot-manager:name"], tags["Name"]) == (NAME, NAME)
        assert manager.delete(f"/instances/{NAME}?remove_images=true").status_code == 202
        wait_until(lambda: manager.get(f"/instances/{NAME}").status_code == 404, what="the name is gone")
        assert account() == ([], set())
        assert [found["State"]["Name"] for found in machines(cloud) if found["InstanceId"] == machine["InstanceId"]] == \
            ["terminated"]
