"""How a name gets its machine, and what its user reads when it does not get one."""

from datetime import datetime

import pytest

from support import Manager, spec_for, wait_until
from test_retire import living
from test_story import NAME, serving_machine


@pytest.fixture
def impatient(build, simulator, tmp_path):
    """A manager that leaves a spot request open for a second."""
    manager = Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url,
                      ["--open-for", "1s", "--sweep-every", "200ms", "--look-every", "100ms",
                       "--relaunch-backoff-max", "500ms"])
    with manager:
        manager.wait_until_up()
        yield manager


def open_requests(simulator):
    return [request for request in simulator.spot_requests_of(NAME) if request["state"] == "open"]


def wait_for_reason(manager, sentence):
    wait_until(lambda: sentence in manager.instance(NAME)["reason"], what=f"the status says: {sentence}")


def test_without_capacity_a_request_is_cancelled_and_tried_again(simulator, impatient):
    simulator.control("capacity", available=False)
    impatient.register(spec_for(NAME))
    wait_for_reason(impatient, "no spot capacity for t3.large in subnet-0a1b2c3d (capacity-not-available)")

    def tried_again():
        assert len(open_requests(simulator)) <= 1
        return len(simulator.spot_requests_of(NAME)) >= 3
    wait_until(tried_again, what="it is tried again")
    wait_until(lambda: impatient.instance(NAME)["state"] == "down", what="an attempt has ended")
    assert "no spot capacity for t3.large" in impatient.instance(NAME)["reason"]
    simulator.control("capacity", available=True)
    serving_machine(simulator, impatient)
    assert len(living(simulator)) == 1
    assert impatient.instance(NAME)["launches"][-1]["attempts"][-1]["status"].startswith("fulfilled")


def test_a_limit_below_the_price_is_said(simulator, impatient):
    simulator.control("capacity", price="0.05")
    impatient.register(spec_for(NAME, max_price="0.01"))
    wait_for_reason(impatient, "the spot price of t3.large in subnet-0a1b2c3d is above the limit of 0.01 USD an hour "
                               "(price-too-low)")
    simulator.control("capacity", price="0.005")
    serving_machine(simulator, impatient)


REFUSALS = {
    "MaxSpotInstanceCountExceeded": "the account's quota of spot machines is used up: MaxSpotInstanceCountExceeded: ",
    "UnauthorizedOperation": "we are not permitted to ask for a spot machine: UnauthorizedOperation: ",
    "InvalidAMIID.NotFound": "EC2 does not take what the registration asks for: InvalidAMIID.NotFound: ",
    "InsufficientInstanceCapacity": "no spot capacity for t3.large in subnet-0a1b2c3d: InsufficientInstanceCapacity: ",
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_said_and_not_repeated_at_once(code, simulator, manager):
    simulator.play({"service": "ec2", "operation": "RequestSpotInstances", "fault": f"error:{code}"})
    manager.register(spec_for(NAME))
    wait_for_reason(manager, REFUSALS[code])

    def attempts():
        return manager.instance(NAME)["launches"][-1]["attempts"]
    wait_until(lambda: len(attempts()) >= 5, what="it is tried again")
    # The pauses double from 200 ms, half of each by chance: four of them take more than a second.
    assert when(attempts()[-1]["chosen"]) - when(attempts()[0]["chosen"]) > 1
    simulator.be_kind()
    serving_machine(simulator, manager)
    assert len(simulator.spot_requests_of(NAME)) == 1


def when(text):
    """Seconds of an RFC 3339 time."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_a_lost_answer_and_a_mismatch_are_looked_up(simulator, manager):
    simulator.play({"service": "ec2", "operation": "RequestSpotInstances", "fault": "reset_after", "count": 1},
                   {"service": "ec2", "operation": "RequestSpotInstances", "fault": "error:IdempotentParameterMismatch",
                    "count": 2})
    manager.register(spec_for(NAME))
    serving_machine(simulator, manager)
    assert len(simulator.spot_requests_of(NAME)) == 1


def test_everything_that_is_asked_for_reaches_ec2(simulator, manager):
    user_data = "#!/bin/sh\necho of the user's own\n"
    manager.register(spec_for(NAME, key_name="operators", tags={"team": "lms"}, user_data=user_data, max_price="0.07",
                              block_device_mappings=[{"device_name": "/dev/sda1", "ebs": {
                                  "volume_size": 20, "volume_type": "gp3", "delete_on_termination": True}}]))
    machine = serving_machine(simulator, manager)
    request = simulator.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"][0]
    assert request["SpotPrice"].startswith("0.07")
    launch = request["LaunchSpecification"]
    assert launch["KeyName"] == "operators"
    assert launch["SecurityGroups"][0]["GroupId"] == "sg-0a1b2c3d"
    wait_until(lambda: simulator.machines_of(NAME)[0]["tags"].get("team") == "lms", what="the machine is tagged")
    found = simulator.client("ec2").describe_instances(InstanceIds=[machine["id"]])["Reservations"][0]["Instances"][0]
    assert found["KeyName"] == "operators"
    assert found["IamInstanceProfile"]["Arn"].endswith("/lms")


def test_user_data_that_ec2_would_not_take_is_refused_at_once(manager):
    answer = manager.post("/instances", json=spec_for(NAME, user_data="#!/bin/sh\n" + "# long\n" * 2400))
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == ["$.user_data"]
    assert "EC2 takes 16384" in answer.json()["errors"][0]["message"]
