"""What a person or a test can make happen in the simulated account, and how it starts and ends."""

import json
import signal
import subprocess
import time

import pytest

from support import Simulator, clean_environment, wait_until, web_session


@pytest.fixture
def machine(simulator):
    """A running spot machine with a public address."""
    ec2 = simulator.client("ec2")
    sir = ec2.request_spot_instances(LaunchSpecification={
        "ImageId": "ami-1", "InstanceType": "t3.large",
        "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": "subnet-1", "AssociatePublicIpAddress": True}],
    })["SpotInstanceRequests"][0]["SpotInstanceRequestId"]

    def booted():
        [found] = [machine for machine in simulator.state()["machines"] if machine["spot_request"] == sir] or [None]
        return found and found["booted"] and found
    return wait_until(booted, what="the machine has booted")


def request_of(simulator, machine):
    return next(found for found in simulator.state()["spot_requests"] if found["id"] == machine["spot_request"])


def event_kinds(simulator):
    found = web_session().get(f"{simulator.settings['SIM_CONTROL_URL']}/events", timeout=10).json()["events"]
    return [event["detail"].get("state") or event["detail-type"] for event in found]


def test_a_machine_answers_on_its_addresses_until_it_is_lost(simulator, machine):
    for address in (machine["private_address"], machine["public_address"]):
        assert machine["id"] in simulator.curl("any.name", address)
    simulator.do(machine["id"], "lose")
    asked = subprocess.run(["curl", "--noproxy", "*", "-sS", "-m", "5",
                            f"http://{machine['private_address']}:{simulator.settings['SIM_MACHINE_PORT']}/"],
                           capture_output=True, text=True, timeout=10)
    assert asked.returncode == 56, "the connection is reset"
    assert request_of(simulator, machine)["status"] == "instance-terminated-no-capacity"
    wait_until(lambda: event_kinds(simulator)[-2:] == ["shutting-down", "terminated"], what="its end is told")


def test_a_connection_to_a_machine_that_ends_is_cut(simulator, machine):
    import socket
    with socket.create_connection((machine["public_address"], int(simulator.settings["SIM_MACHINE_PORT"]))) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in connection.recv(4096)
        simulator.do(machine["id"], "terminate")
        connection.settimeout(10)
        with pytest.raises(ConnectionResetError):
            connection.recv(4096)


@pytest.mark.parametrize("simulator_options", [["--notice-for", "1s"]])
def test_a_notice_comes_before_the_end(simulator, machine):
    simulator.do(machine["id"], "notice")
    assert request_of(simulator, machine)["status"] == "marked-for-termination"
    assert event_kinds(simulator)[-1] == "EC2 Spot Instance Interruption Warning"
    assert machine["id"] in simulator.curl("any.name", machine["public_address"])
    wait_until(lambda: event_kinds(simulator)[-1] == "terminated", what="the machine is taken away")


def test_a_rebalance_recommendation_ends_nothing(simulator, machine):
    simulator.do(machine["id"], "rebalance")
    assert event_kinds(simulator)[-1] == "EC2 Instance Rebalance Recommendation"
    assert request_of(simulator, machine)["state"] == "active"


def test_a_machine_stops_from_inside(simulator, machine):
    simulator.do(machine["id"], "stop")
    wait_until(lambda: event_kinds(simulator)[-2:] == ["stopping", "stopped"], what="its stop is told")


def test_wrong_wishes_are_refused_in_a_sentence(simulator, machine):
    session, url = web_session(), simulator.settings["SIM_CONTROL_URL"]
    for path, body, status in [("machines/i-0/lose", {}, 404), (f"machines/{machine['id']}/dance", {}, 404),
                               (f"machines/{machine['id']}/notice", {"action": "sing"}, 400),
                               ("capacity", {"available": "no"}, 400), ("weather", {}, 404)]:
        answer = session.post(f"{url}/{path}", json=body, timeout=10)
        assert answer.status_code == status and answer.json()["error"]
    assert session.post(f"{url}/capacity", data="not json", timeout=10).status_code == 400


def test_the_state_holds_no_secrets(simulator):
    simulator.client("ec2").run_instances(ImageId="ami-1", InstanceType="t3.micro", MinCount=1, MaxCount=1,
                                          UserData="SPOT_MANAGER_TOKEN=hidden")
    assert "hidden" not in json.dumps(simulator.state())
    assert "hidden" not in simulator.said()


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once(simulator, with_signal):
    web_session().get(f"{simulator.settings['SIM_CONTROL_URL']}/state", timeout=10)
    began = time.monotonic()
    simulator.process.send_signal(with_signal)
    assert simulator.process.wait(10) == 0
    assert time.monotonic() - began < 5


def test_it_says_how_to_use_it(build, simulator):
    said = simulator.said()
    for variable, value in simulator.settings.items():
        assert f"export {variable}='{value}'" in said
    shown = subprocess.run([build / "src" / "spot-manager-sim", "--help"], capture_output=True, text=True, timeout=20).stdout
    for word in ("/_sim/state", "/lose", "AWS_ENDPOINT_URL", "--dns-port", "8053", "4566"):
        assert word in shown


def test_a_port_that_is_taken_is_named(build, simulator, tmp_path):
    taken = simulator.settings["AWS_ENDPOINT_URL"].rpartition(":")[2]
    ended = subprocess.run([build / "src" / "spot-manager-sim", "--port", taken], env=clean_environment(tmp_path),
                           capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert taken in ended.stderr and "in use" in ended.stderr


def test_durations_are_checked(build, tmp_path):
    ended = subprocess.run([build / "src" / "spot-manager-sim", "--boot-for", "soon"], env=clean_environment(tmp_path),
                           capture_output=True, text=True, timeout=20)
    assert ended.returncode != 0
    assert "--boot-for" in ended.stderr and "soon" in ended.stderr


def test_machines_may_report_as_in_the_earlier_system(build, tmp_path):
    program = build / "src" / "spot-manager-sim"
    with Simulator(program, tmp_path, ["--legacy-reports"]) as simulator:
        simulator.client("ec2").run_instances(
            ImageId="ami-1", InstanceType="t3.micro", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "lms"},
            UserData=f"SPOT_MANAGER_QUEUE_URL={simulator.queue_url}")
        sqs = simulator.client("sqs")

        def reported():
            found = sqs.receive_message(QueueUrl=simulator.queue_url, MaxNumberOfMessages=10).get("Messages", [])
            return [message for message in found if "Lumos new spot instance launched" in message["Body"]]
        [report] = wait_until(reported, what="the machine reports")
        assert set(json.loads(report["Body"])) == {"text", "iid", "public_ip", "private_ip"}
