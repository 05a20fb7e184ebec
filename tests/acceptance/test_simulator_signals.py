"""What EC2 says of its machines and does to them in the simulator: notices, planned changes, failed checks, addresses."""

import json

import pytest
from botocore.exceptions import ClientError

from support import wait_until, web_session
from wire import watch


@pytest.fixture
def ec2(simulator):
    client = simulator.client("ec2")
    unknown = watch(client)
    yield client
    assert not unknown, "elements that AWS does not have"


def booted(simulator, ec2, spot=True):
    """A machine with a public address that has booted, as the simulator tells of it."""
    market = {"InstanceMarketOptions": {"MarketType": "spot"}} if spot else {}
    [instance] = ec2.run_instances(
        ImageId="ami-1", InstanceType="t3.large", MinCount=1, MaxCount=1, **market,
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": "subnet-1", "AssociatePublicIpAddress": True}])["Instances"]
    return wait_until(lambda: (found := now(simulator, instance["InstanceId"]))["booted"] and found, what="it has booted")


def now(simulator, machine_id):
    return next(machine for machine in simulator.state()["machines"] if machine["id"] == machine_id)


def request_of(simulator, machine):
    found = next(request for request in simulator.state()["spot_requests"] if request["id"] == machine["spot_request"])
    return found["state"], found["status"]


def is_in(simulator, machine, state):
    wait_until(lambda: now(simulator, machine["id"])["state"] == state, what=f"{machine['id']} is {state}")


def events(simulator, kind):
    found = web_session().get(f"{simulator.settings['SIM_CONTROL_URL']}/events", timeout=10).json()["events"]
    return [event for event in found if event["detail-type"] == kind]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def statuses(ec2, **arguments):
    return ec2.describe_instance_status(**arguments)["InstanceStatuses"]


def test_a_notice_with_seconds_left_and_each_reason(simulator, ec2):
    for reason in ("no-capacity", "by-price", "capacity-oversubscribed"):
        machine = booted(simulator, ec2)
        simulator.do(machine["id"], "notice", **{"in": "300ms"}, reason=reason)
        assert request_of(simulator, machine) == ("active", "marked-for-termination")
        is_in(simulator, machine, "terminated")
        assert request_of(simulator, machine) == ("closed", f"instance-terminated-{reason}")


def test_an_end_is_held_until_it_is_released(simulator, ec2):
    machine = booted(simulator, ec2)
    other = booted(simulator, ec2)
    simulator.do(machine["id"], "notice", **{"in": "10ms"}, held=True, closes_request=True)
    simulator.do(other["id"], "notice", **{"in": "200ms"})
    assert request_of(simulator, machine) == ("closed", "instance-terminated-no-capacity")
    is_in(simulator, other, "terminated")
    assert now(simulator, machine["id"])["state"] == "running"
    assert machine["id"] in simulator.curl("any.name", machine["public_address"])
    simulator.do(machine["id"], "release")
    is_in(simulator, machine, "terminated")


@pytest.mark.parametrize("simulator_options", [["--notice-for", "300ms"]])
@pytest.mark.parametrize("action", ["stop", "hibernate"])
def test_a_notice_may_stop_the_machine(simulator, ec2, action):
    machine = booted(simulator, ec2)
    simulator.do(machine["id"], "notice", action=action)
    [warning] = events(simulator, "EC2 Spot Instance Interruption Warning")
    assert warning["detail"]["instance-action"] == action
    is_in(simulator, machine, "stopped")
    assert request_of(simulator, machine) == ("disabled", "instance-stopped-no-capacity")


def test_a_start_gives_another_address(simulator, ec2):
    machine = booted(simulator, ec2, spot=False)
    ec2.stop_instances(InstanceIds=[machine["id"]])
    is_in(simulator, machine, "stopped")
    assert now(simulator, machine["id"])["public_address"] == ""
    simulator.control("capacity", market="on-demand", available=False)
    assert refused(ec2.start_instances, InstanceIds=[machine["id"]]) == "InsufficientInstanceCapacity"
    simulator.control("capacity", market="on-demand", available=True)
    ec2.start_instances(InstanceIds=[machine["id"]])
    is_in(simulator, machine, "running")
    again = now(simulator, machine["id"])
    assert again["private_address"] == machine["private_address"]
    assert again["public_address"] not in ("", machine["public_address"])


def test_an_elastic_address_is_moved(simulator, ec2):
    first, second = booted(simulator, ec2), booted(simulator, ec2)
    made = ec2.allocate_address(Domain="vpc")
    def associate(machine, **more):
        return ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=machine["id"], **more)["AssociationId"]
    associate(first)
    assert now(simulator, first["id"])["public_address"] == made["PublicIp"]
    assert first["id"] in simulator.curl("any.name", made["PublicIp"])
    with pytest.raises(ClientError, match="already associated"):
        associate(second, AllowReassociation=False)
    association = associate(second)
    assert second["id"] in simulator.curl("any.name", made["PublicIp"])
    assert now(simulator, first["id"])["public_address"] not in ("", made["PublicIp"], first["public_address"])
    [address] = ec2.describe_addresses(AllocationIds=[made["AllocationId"]])["Addresses"]
    assert (address["InstanceId"], address["AssociationId"]) == (second["id"], association)
    assert refused(ec2.release_address, AllocationId=made["AllocationId"]) == "InvalidIPAddress.InUse"
    ec2.disassociate_address(AssociationId=association)
    ec2.release_address(AllocationId=made["AllocationId"])
    assert refused(ec2.describe_addresses, AllocationIds=[made["AllocationId"]]) == "InvalidAllocationID.NotFound"
    assert now(simulator, second["id"])["public_address"] not in ("", made["PublicIp"])


def test_failed_status_checks_are_described(simulator, ec2):
    machines = [booted(simulator, ec2) for _ in range(2)]
    well, unwell = machines
    assert {status["InstanceStatus"]["Status"] for status in statuses(ec2)} == {"ok"}
    simulator.do(unwell["id"], "impair", check="system")
    [found] = statuses(ec2, Filters=[{"Name": "system-status.status", "Values": ["impaired"]}])
    assert found["InstanceId"] == unwell["id"] and found["InstanceStatus"]["Status"] == "ok"
    [detail] = found["SystemStatus"]["Details"]
    assert detail["Status"] == "failed" and detail["ImpairedSince"]
    assert statuses(ec2, Filters=[{"Name": "instance-status.status", "Values": ["impaired"]}]) == []
    simulator.do(unwell["id"], "heal")
    assert statuses(ec2, Filters=[{"Name": "system-status.status", "Values": ["impaired"]}]) == []
    assert refused(ec2.describe_instance_status, Filters=[{"Name": "tag:a", "Values": ["b"]}]) == "InvalidParameterValue"
    simulator.do(well["id"], "terminate")
    is_in(simulator, well, "terminated")
    assert [status["InstanceId"] for status in statuses(ec2)] == [unwell["id"]]
    assert len(statuses(ec2, IncludeAllInstances=True)) == 2
    for _ in range(4):
        booted(simulator, ec2)
    pages = list(ec2.get_paginator("describe_instance_status").paginate(IncludeAllInstances=True,
                                                                        PaginationConfig={"PageSize": 5}))
    assert [len(page["InstanceStatuses"]) for page in pages] == [5, 1]


def test_a_scheduled_change_is_described_told_and_carried_out(simulator, ec2):
    machine, spared = booted(simulator, ec2), booted(simulator, ec2)
    simulator.do(spared["id"], "plan", code="instance-stop")
    simulator.do(spared["id"], "call-off")
    simulator.do(machine["id"], "plan", code="instance-retirement", **{"in": "1s"})
    [status] = statuses(ec2, Filters=[{"Name": "event.code", "Values": ["instance-retirement"]}])
    [event] = status["Events"]
    assert status["InstanceId"] == machine["id"] and event["NotBefore"] and not event["Description"].startswith("[")
    *_, told = events(simulator, "AWS Health Event")
    assert told["source"] == "aws.health" and told["resources"] == [machine["id"]]
    detail = told["detail"]
    assert (detail["service"], detail["eventTypeCategory"], detail["statusCode"]) == ("EC2", "scheduledChange", "upcoming")
    assert detail["eventTypeCode"] == "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED"
    assert detail["affectedEntities"][0]["entityValue"] == machine["id"]
    assert detail["startTime"].endswith(" GMT") and json.dumps(told)
    is_in(simulator, machine, "stopped")
    [status] = statuses(ec2, InstanceIds=[spared["id"]])
    assert status["Events"][0]["Description"].startswith("[Canceled] ")
    assert [told["detail"]["statusCode"] for told in events(simulator, "AWS Health Event")] == \
        ["upcoming", "closed", "upcoming", "closed"]


def test_the_web_answer_of_a_machine_fails(simulator, ec2):
    machine = booted(simulator, ec2)
    url = f"http://{machine['public_address']}:{simulator.settings['SIM_MACHINE_PORT']}/"
    simulator.do(machine["id"], "web", answer="error")
    assert web_session().get(url, timeout=5).status_code == 500
    simulator.do(machine["id"], "web", answer="reset")
    with pytest.raises(OSError):
        web_session().get(url, timeout=5)
    simulator.do(machine["id"], "web", answer="silence")
    with pytest.raises(OSError, match="timed out"):
        web_session().get(url, timeout=0.3)
    simulator.do(machine["id"], "web", answer="ok")
    assert web_session().get(url, timeout=5).ok
