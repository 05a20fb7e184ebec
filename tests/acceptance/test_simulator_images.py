"""The simulator's images and snapshots, driven by boto3 and the AWS CLI."""

import subprocess

import pytest
from botocore.exceptions import ClientError

from support import wait_until, web_session
from wire import watch

OURS = [{"ResourceType": kind, "Tags": [{"Key": "of", "Value": kind}]} for kind in ("image", "snapshot")]


@pytest.fixture
def simulator_options():
    return ["--image-for", "100ms", "--snapshot-held-for", "300ms"]


@pytest.fixture
def ec2(simulator):
    client = simulator.client("ec2")
    unknown = watch(client)
    yield client
    assert not unknown, "elements that AWS does not have"


def launch(ec2, image="ami-1", **more):
    return ec2.run_instances(ImageId=image, InstanceType="t3.large", MinCount=1, MaxCount=1,
                             **more)["Instances"][0]["InstanceId"]


def state_of(simulator, machine):
    return next(found for found in simulator.state()["machines"] if found["id"] == machine)


@pytest.fixture
def machine(ec2, simulator):
    """A machine with two disks that has booted."""
    made = launch(ec2, BlockDeviceMappings=[{"DeviceName": "/dev/xvdb", "Ebs": {"VolumeSize": 20}}])
    wait_until(lambda: state_of(simulator, made)["booted"], what="it has booted")
    return made


def make(ec2, machine, name="daily", **more):
    return ec2.create_image(InstanceId=machine, Name=name, NoReboot=True, TagSpecifications=OURS, **more)["ImageId"]


def wait_for(ec2, image, state="available"):
    def there():
        [found] = ec2.describe_images(ImageIds=[image])["Images"]
        return found["State"] == state and found
    return wait_until(there, what=f"{image} is {state}")


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def deleted(ec2, snapshot):
    try:
        ec2.delete_snapshot(SnapshotId=snapshot)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidSnapshot.InUse"
        return False
    return True


def tagged(ec2, what, value):
    """Snapshots or images of this account with our tag."""
    owner = {"snapshots": "OwnerIds", "images": "Owners"}[what]
    return getattr(ec2, f"describe_{what}")(Filters=[{"Name": "tag:of", "Values": [value]}],
                                            **{owner: ["self"]})[what.capitalize()]


def test_an_image_is_made_and_removed(ec2, simulator, machine):
    image = make(ec2, machine, Description="nightly")
    assert refused(ec2.create_image, InstanceId=machine, Name="daily") == "InvalidAMIName.Duplicate"
    made = wait_for(ec2, image)
    assert (made["Name"], made["Description"], made["OwnerId"]) == ("daily", "nightly", "123456789012")
    assert made["Tags"] == [{"Key": "of", "Value": "image"}]
    disks = [(disk["DeviceName"], disk["Ebs"]["VolumeSize"]) for disk in made["BlockDeviceMappings"]]
    assert disks == [("/dev/xvda", 8), ("/dev/xvdb", 20)]
    snapshots = [disk["Ebs"]["SnapshotId"] for disk in made["BlockDeviceMappings"]]
    found = {found["SnapshotId"]: found for found in tagged(ec2, "snapshots", "snapshot")}
    assert sorted(found) == sorted(snapshots)
    assert {snapshot["State"] for snapshot in found.values()} == {"completed"}
    [described] = ec2.describe_instances(InstanceIds=[machine])["Reservations"][0]["Instances"]
    volumes = {disk["Ebs"]["VolumeId"] for disk in described["BlockDeviceMappings"]}
    assert {snapshot["VolumeId"] for snapshot in found.values()} == volumes
    assert [found["ImageId"] for found in simulator.aws("ec2", "describe-images", "--owners", "self")["Images"]] == [image]
    assert refused(ec2.delete_snapshot, SnapshotId=snapshots[0]) == "InvalidSnapshot.InUse"
    ec2.deregister_image(ImageId=image)
    assert refused(ec2.delete_snapshot, SnapshotId=snapshots[0]) == "InvalidSnapshot.InUse", "for a while"
    for snapshot in snapshots:
        wait_until(lambda: deleted(ec2, snapshot), what="the snapshot can be deleted")
    assert not tagged(ec2, "images", "image") and not tagged(ec2, "snapshots", "snapshot")
    assert refused(ec2.deregister_image, ImageId=image) == "InvalidAMIID.Unavailable"
    assert refused(ec2.delete_snapshot, SnapshotId=snapshots[0]) == "InvalidSnapshot.NotFound"
    assert refused(ec2.describe_images, ImageIds=[image]) == "InvalidAMIID.NotFound"
    assert simulator.state()["images"] == simulator.state()["snapshots"] == []


def test_images_are_found_by_name_and_on_pages(ec2, simulator, machine):
    made = [make(ec2, machine, f"image {number}") for number in range(3)]
    [found] = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": ["image 1"]}])["Images"]
    assert found["ImageId"] == made[1]
    pages = list(ec2.get_paginator("describe_images").paginate(Owners=["self"], PaginationConfig={"PageSize": 2}))
    assert sorted(image["ImageId"] for page in pages for image in page["Images"]) == sorted(made)
    assert len(pages) == 2
    assert not ec2.describe_images(Owners=["amazon"])["Images"]
    # What has always been there is found by id alone.
    assert ec2.describe_images(ImageIds=["ami-1"])["Images"][0]["State"] == "available"
    [found] = ec2.describe_images(Filters=[{"Name": "image-id", "Values": ["ami-1"]}])["Images"]
    assert found["ImageId"] == "ami-1"
    ec2.create_tags(Resources=[made[0]], Tags=[{"Key": "of", "Value": "another"}])
    assert [image["ImageId"] for image in tagged(ec2, "images", "another")] == [made[0]]
    filters = [{"Name": "resource-type", "Values": ["snapshot"]}]
    assert len(ec2.describe_tags(Filters=filters)["Tags"]) == 6


def told(simulator):
    """Image and state of each event about images."""
    events = web_session().get(f"{simulator.settings['SIM_CONTROL_URL']}/events", timeout=10).json()["events"]
    return [(event["detail"]["ImageId"], event["detail"]["State"]) for event in events
            if event["detail-type"] == "EC2 AMI State Change"]


def test_an_image_that_is_made_next_fails_or_stays_pending(ec2, simulator, machine):
    simulator.control("images", next="hold")
    held = make(ec2, machine, "held")
    simulator.control("images", next="fail")
    failing = make(ec2, machine, "failing")
    assert "Client.InternalError" in wait_for(ec2, failing, "failed")["StateReason"]["Message"]
    [pending] = ec2.describe_images(ImageIds=[held])["Images"]
    assert pending["State"] == "pending" and "SnapshotId" not in pending["BlockDeviceMappings"][0]["Ebs"]
    simulator.control(f"images/{held}/release")
    assert wait_for(ec2, held)["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    ec2.deregister_image(ImageId=held)
    assert told(simulator) == [(failing, "failed"), (held, "available"), (held, "deregistered")]


def test_a_machine_is_launched_only_from_an_image_that_is_available(ec2, simulator, machine):
    simulator.control("images", next="hold")
    image = make(ec2, machine)
    ec2.create_launch_template(LaunchTemplateName="lms", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.large"})

    def attempts():
        fleet = ec2.create_fleet(
            Type="instant", TargetCapacitySpecification={"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "spot"},
            LaunchTemplateConfigs=[{"LaunchTemplateSpecification": {"LaunchTemplateName": "lms", "Version": "1"}}])
        return {*[error["ErrorCode"] for error in fleet["Errors"]],
                refused(ec2.run_instances, ImageId=image, InstanceType="t3.large", MinCount=1, MaxCount=1),
                refused(ec2.request_spot_instances, LaunchSpecification={"ImageId": image, "InstanceType": "t3.large"})}
    assert attempts() == {"InvalidAMIID.Unavailable"}
    simulator.control(f"images/{image}/release")
    again = launch(ec2, image)
    [described] = ec2.describe_instances(InstanceIds=[again])["Reservations"][0]["Instances"]
    assert [disk["Ebs"].get("VolumeId", "")[:4] for disk in described["BlockDeviceMappings"]] == ["vol-", "vol-"]
    ec2.deregister_image(ImageId=image)
    assert attempts() == {"InvalidAMIID.NotFound"}
    simulator.control("images/ami-1/deregister")
    assert refused(launch, ec2=ec2) == "InvalidAMIID.NotFound"


def test_a_reboot_takes_the_machine_away_until_it_has_booted(ec2, simulator, machine):
    address = state_of(simulator, machine)["private_address"]

    def answers():
        asked = subprocess.run(["curl", "--noproxy", "*", "-sS", "-m", "5",
                                f"http://{address}:{simulator.settings['SIM_MACHINE_PORT']}/"], capture_output=True)
        return asked.returncode == 0
    make(ec2, machine)
    assert answers(), "NoReboot"
    # It does not come back before it is asked to.
    simulator.do(machine, "disk", spoiled=True)
    wait_for(ec2, ec2.create_image(InstanceId=machine, Name="at rest")["ImageId"])
    assert not answers() and state_of(simulator, machine)["state"] == "running"
    simulator.do(machine, "disk", spoiled=False)
    simulator.aws("ec2", "reboot-instances", "--instance-ids", machine)
    wait_until(answers, what="it has booted again")


def test_a_machine_from_the_image_of_a_spoiled_disk_never_boots(ec2, simulator, machine):
    simulator.do(machine, "disk", spoiled=True)
    bad = make(ec2, machine, "bad")
    simulator.do(machine, "disk", spoiled=False)
    good = make(ec2, machine, "good")
    wait_for(ec2, bad), wait_for(ec2, good)
    assert {image["name"]: image["spoiled"] for image in simulator.state()["images"]} == {"bad": True, "good": False}
    dead, alive = launch(ec2, bad), launch(ec2, good)
    wait_until(lambda: state_of(simulator, alive)["booted"], what="the good one has booted")
    assert state_of(simulator, dead)["state"] == "running" and not state_of(simulator, dead)["booted"]


def test_wrong_wishes_are_refused(ec2, simulator, machine):
    assert refused(ec2.create_image, InstanceId="i-0123456789abcdef0", Name="daily") == "InvalidInstanceID.NotFound"
    assert refused(ec2.create_image, InstanceId=machine, Name="daily!") == "InvalidAMIName.Malformed"
    assert refused(ec2.describe_snapshots, SnapshotIds=["snap-0123456789abcdef0"]) == "InvalidSnapshot.NotFound"
    simulator.do(machine, "terminate")
    assert refused(ec2.create_image, InstanceId=machine, Name="daily") == "IncorrectInstanceState"
    for path, body in {"images": {"next": "rot"}, "images/ami-1/fail": {}, "images/ami-1/paint": {}}.items():
        answer = web_session().post(f"{simulator.settings['SIM_CONTROL_URL']}/{path}", json=body, timeout=10)
        assert answer.status_code in (400, 404) and answer.json()["error"]
