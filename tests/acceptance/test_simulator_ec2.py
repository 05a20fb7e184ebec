"""The simulator's EC2, driven by boto3 and the AWS CLI; botocore checks the form of every answer."""

import base64
import json
import time

import pytest
from botocore.exceptions import ClientError

from support import wait_until
from wire import watch

SPEC = {"ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.large", "SubnetId": "subnet-0a1b2c3d",
        "SecurityGroupIds": ["sg-0a1b2c3d"], "IamInstanceProfile": {"Name": "lms"}}


@pytest.fixture
def ec2(simulator):
    client = simulator.client("ec2")
    unknown = watch(client)
    yield client
    assert not unknown, "elements that AWS does not have"


def request(ec2, **arguments):
    return ec2.request_spot_instances(**{"LaunchSpecification": SPEC, **arguments})["SpotInstanceRequests"][0]


def look(ec2, sir):
    return ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[sir])["SpotInstanceRequests"][0]


def machine(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def fulfilled(ec2, sir):
    return wait_until(lambda: look(ec2, sir).get("InstanceId"), what="the spot request is fulfilled")


def state(ec2, instance_id, wanted):
    wait_until(lambda: machine(ec2, instance_id)["State"]["Name"] == wanted, what=f"{instance_id} is {wanted}")


def run(ec2, **arguments):
    return ec2.run_instances(**{"ImageId": "ami-1", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                                **arguments})["Instances"][0]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_a_spot_request_becomes_a_machine(ec2, simulator):
    script = "#!/bin/sh\nSPOT_MANAGER_NAME='lms'\n" \
             f"SPOT_MANAGER_QUEUE_URL='{simulator.queue_url}'\nSPOT_MANAGER_TOKEN='t'\n"
    asked = request(ec2, SpotPrice="0.1", LaunchSpecification={**SPEC, "UserData": base64.b64encode(script.encode()).decode()},
                    TagSpecifications=[{"ResourceType": "spot-instances-request", "Tags": [{"Key": "a", "Value": "<1>"}]}])
    assert asked["State"] == "open"
    assert asked["Status"]["Code"] == "pending-evaluation"
    assert asked["Tags"] == [{"Key": "a", "Value": "<1>"}]
    sir = asked["SpotInstanceRequestId"]
    instance_id = fulfilled(ec2, sir)
    assert look(ec2, sir)["State"] == "active"
    state(ec2, instance_id, "running")
    made = machine(ec2, instance_id)
    assert made["SpotInstanceRequestId"] == sir
    assert made["InstanceLifecycle"] == "spot"
    assert made["PrivateIpAddress"].startswith("127.")
    assert "PublicIpAddress" not in made
    assert "Tags" not in made

    # Its events and its own report are in the queue, each from whom it should be.
    sqs = simulator.client("sqs")
    messages = []
    def all_there():
        messages.extend(sqs.receive_message(QueueUrl=simulator.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                            MessageSystemAttributeNames=["SenderId"]).get("Messages", []))
        return len(messages) >= 4
    wait_until(all_there, what="three events and a report")
    bodies = [json.loads(message["Body"]) for message in messages]
    assert {body["detail"].get("state", "fulfilled") for body in bodies if "detail" in body} == \
        {"pending", "running", "fulfilled"}
    assert {"spot_manager": 1, "report": "booted", "name": "lms", "machine": instance_id, "token": "t"} in bodies
    sender = next(message["Attributes"]["SenderId"] for message, body in zip(messages, bodies) if "report" in body)
    assert sender.startswith("AROA") and sender.endswith(f":{instance_id}")


def test_events_are_as_eventbridge_writes_them(ec2, simulator, build):
    instance_id = fulfilled(ec2, request(ec2)["SpotInstanceRequestId"])
    event = json.loads(simulator.client("sqs").receive_message(QueueUrl=simulator.queue_url, WaitTimeSeconds=5)
                       ["Messages"][0]["Body"])
    assert event.pop("id") and event.pop("time").endswith("Z")
    assert event == {"version": "0", "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2",
                     "account": "123456789012", "region": "us-east-1",
                     "resources": [f"arn:aws:ec2:us-east-1:123456789012:instance/{instance_id}"],
                     "detail": {"instance-id": instance_id, "state": "pending"}}


def test_the_same_token_asks_once(ec2):
    first = request(ec2, ClientToken="token")
    assert request(ec2, ClientToken="token")["SpotInstanceRequestId"] == first["SpotInstanceRequestId"]
    assert refused(ec2.request_spot_instances, ClientToken="token", LaunchSpecification={**SPEC, "InstanceType": "t3.small"}) \
        == "IdempotentParameterMismatch"
    assert len(ec2.describe_spot_instance_requests()["SpotInstanceRequests"]) == 1
    ran = run(ec2, ClientToken="token")
    assert run(ec2, ClientToken="token")["InstanceId"] == ran["InstanceId"]
    found = ec2.describe_instances(Filters=[{"Name": "client-token", "Values": ["token"]}])["Reservations"]
    assert [instance["InstanceId"] for reservation in found for instance in reservation["Instances"]] == [ran["InstanceId"]]


def test_a_cancel_before_and_after_the_fulfilment(ec2, simulator):
    late = request(ec2)["SpotInstanceRequestId"]
    instance_id = fulfilled(ec2, late)
    cancelled = ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[late])["CancelledSpotInstanceRequests"]
    assert cancelled == [{"SpotInstanceRequestId": late, "State": "cancelled"}]
    assert look(ec2, late)["Status"]["Code"] == "request-canceled-and-instance-running"
    state(ec2, instance_id, "running")
    assert refused(ec2.cancel_spot_instance_requests, SpotInstanceRequestIds=["sir-nobody"]) == \
        "InvalidSpotInstanceRequestID.NotFound"


def test_an_open_request_is_cancelled_or_expires(ec2, simulator):
    simulator.control("capacity", instance_type="t3.large", available=False)
    sir = request(ec2)["SpotInstanceRequestId"]
    wait_until(lambda: look(ec2, sir)["Status"]["Code"] == "capacity-not-available")
    ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[sir])
    assert look(ec2, sir)["State"] == "cancelled"
    assert look(ec2, sir)["Status"]["Code"] == "canceled-before-fulfillment"
    short = request(ec2, ValidUntil=time.time() + 2)["SpotInstanceRequestId"]
    wait_until(lambda: look(ec2, short)["Status"]["Code"] == "schedule-expired")
    patient = request(ec2)["SpotInstanceRequestId"]
    simulator.control("capacity", instance_type="t3.large", available=True)
    fulfilled(ec2, patient)


def test_pages_and_filters(ec2):
    ids = {run(ec2, TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "n", "Value": str(n)}]}])["InstanceId"]
           for n in range(12)}
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    assert len(pages) == 3
    found = [instance["InstanceId"] for page in pages for reservation in page["Reservations"]
             for instance in reservation["Instances"]]
    assert len(found) == 12 and set(found) == ids
    some = ec2.describe_instances(Filters=[{"Name": "tag:n", "Values": ["1*"]}])["Reservations"]
    assert len(some) == 3
    requests = {request(ec2)["SpotInstanceRequestId"] for _ in range(6)}
    pages = ec2.get_paginator("describe_spot_instance_requests").paginate(PaginationConfig={"PageSize": 5})
    assert {item["SpotInstanceRequestId"] for page in pages for item in page["SpotInstanceRequests"]} == requests
    assert refused(ec2.describe_instances, InstanceIds=[*ids, "i-0000000000000dead"]) == "InvalidInstanceID.NotFound"
    assert refused(ec2.describe_instances, Filters=[{"Name": "colour", "Values": ["red"]}]) == "InvalidParameterValue"


def test_one_bad_id_terminates_nothing(ec2):
    good = run(ec2)["InstanceId"]
    assert refused(ec2.terminate_instances, InstanceIds=[good, "i-0000000000000dead"]) == "InvalidInstanceID.NotFound"
    state(ec2, good, "running")
    [change] = ec2.terminate_instances(InstanceIds=[good])["TerminatingInstances"]
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("running", "shutting-down")
    state(ec2, good, "terminated")
    [change] = ec2.terminate_instances(InstanceIds=[good])["TerminatingInstances"]
    assert change["CurrentState"]["Name"] == "terminated"


def test_stop_and_start(ec2):
    on_demand = run(ec2)["InstanceId"]
    state(ec2, on_demand, "running")
    ec2.stop_instances(InstanceIds=[on_demand])
    state(ec2, on_demand, "stopped")
    ec2.start_instances(InstanceIds=[on_demand])
    state(ec2, on_demand, "running")
    spot = run(ec2, InstanceMarketOptions={"MarketType": "spot"})["InstanceId"]
    state(ec2, spot, "running")
    assert refused(ec2.stop_instances, InstanceIds=[spot]) == "UnsupportedOperation"


def test_status_tags_and_scenery(ec2):
    instance_id = run(ec2)["InstanceId"]
    state(ec2, instance_id, "running")
    def passed():
        [status] = ec2.describe_instance_status(InstanceIds=[instance_id])["InstanceStatuses"]
        return status["SystemStatus"]["Status"] == "ok"
    wait_until(passed, what="the status checks pass")
    ec2.create_tags(Resources=[instance_id], Tags=[{"Key": "k", "Value": "ü & <v>"}])
    [tag] = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [instance_id]}])["Tags"]
    assert tag["Value"] == machine(ec2, instance_id)["Tags"][0]["Value"] == "ü & <v>"
    ec2.delete_tags(Resources=[instance_id], Tags=[{"Key": "k"}])
    assert ec2.describe_tags()["Tags"] == []
    assert len(ec2.describe_subnets()["Subnets"]) == 3
    assert len(ec2.describe_availability_zones()["AvailabilityZones"]) == 3
    assert ec2.describe_images(ImageIds=["ami-1"])["Images"][0]["State"] == "available"
    assert ec2.describe_security_groups(GroupIds=["sg-1"])["SecurityGroups"][0]["GroupId"] == "sg-1"
    assert refused(ec2.describe_volumes) == "InvalidAction"
    assert refused(ec2.describe_instances, DryRun=True) == "DryRunOperation"


def test_wrong_requests_are_refused(ec2):
    for changes, code in [
        ({"ImageId": "image"}, "InvalidAMIID.Malformed"),
        ({"InstanceType": "large"}, "InvalidParameterValue"),
        ({"SubnetId": "net"}, "InvalidSubnetID.Malformed"),
        ({"SecurityGroupIds": ["web"]}, "InvalidGroupId.Malformed"),
        ({"UserData": base64.b64encode(b"x" * 16385).decode()}, "InvalidParameterValue"),
    ]:
        assert refused(ec2.request_spot_instances, LaunchSpecification={**SPEC, **changes}) == code
    assert refused(ec2.request_spot_instances, LaunchSpecification=SPEC, SpotPrice="free") == "InvalidParameterValue"
    assert refused(ec2.request_spot_instances, LaunchSpecification=SPEC, TagSpecifications=[
        {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]) == "InvalidParameterValue"
    assert ec2.describe_spot_instance_requests()["SpotInstanceRequests"] == []


def test_the_command_line_drives_it(simulator, tmp_path):
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(SPEC))
    [asked] = simulator.aws("ec2", "request-spot-instances", "--instance-count", "1",
                            "--launch-specification", f"file://{spec}")["SpotInstanceRequests"]
    def running():
        found = simulator.aws("ec2", "describe-instances", "--filters", "Name=instance-state-name,Values=running",
                              f"Name=spot-instance-request-id,Values={asked['SpotInstanceRequestId']}")["Reservations"]
        return found and found[0]["Instances"][0]["InstanceId"]
    instance_id = wait_until(running, timeout=60, what="the machine runs")
    ended = simulator.aws("ec2", "terminate-instances", "--instance-ids", instance_id)["TerminatingInstances"]
    assert ended[0]["CurrentState"]["Name"] == "shutting-down"
