"""The part of the user data that is ours, run for real: by bash and curl, as the machine that the simulator made."""

import base64
import email
import shutil
import subprocess

import pytest

from support import clean_environment, spec_for, wait_until


@pytest.fixture
def simulator_options():
    """Machines that never report by themselves."""
    return ["--boot-for", "1h"]


def run_as(simulator, machine, script, folder):
    """Runs a script whose curl speaks from the machine's own address, so that instance metadata knows it."""
    home = folder / machine["id"]
    home.mkdir(exist_ok=True)
    (home / ".curlrc").write_text(f"interface = {machine['private_address']}\nnoproxy = *\n")
    environment = clean_environment(
        home, PATH="/usr/bin:/bin", SPOT_MANAGER_STATE=str(home / "state"),
        AWS_EC2_METADATA_SERVICE_ENDPOINT=simulator.settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"])
    return subprocess.run(["bash"], input=script, env=environment, capture_output=True, text=True, timeout=60)


def user_data_of(simulator, machine, folder):
    meta = ('token=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" '
            '"$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest/api/token"); '
            'curl -sf -H "X-aws-ec2-metadata-token: $token" "$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest/user-data"')
    said = run_as(simulator, machine, meta, folder)
    assert said.returncode == 0, said.stderr
    return said.stdout


@pytest.fixture
def machine(simulator, manager):
    """A machine that runs and has not reported."""
    manager.register(spec_for("lms-chen", user_data="#!/bin/sh\necho the user's own part\n"))
    return wait_until(lambda: [machine for machine in simulator.machines_of("lms-chen")
                               if machine["state"] == "running"], what="a machine runs")[0]


@pytest.fixture
def parts(simulator, machine, tmp_path):
    message = email.message_from_string(user_data_of(simulator, machine, tmp_path))
    assert message.is_multipart()
    return [part.get_payload(decode=True).decode() for part in message.get_payload()]


def test_the_machine_reports_and_serves(simulator, manager, machine, parts, tmp_path):
    assert manager.instance("lms-chen")["state"] == "booting"
    ended = run_as(simulator, machine, parts[-1], tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    manager.wait_for_state("lms-chen", "serving")


def test_a_machine_reports_once(simulator, manager, machine, parts, tmp_path):
    assert run_as(simulator, machine, parts[-1], tmp_path).returncode == 0
    manager.wait_for_state("lms-chen", "serving")
    taken = manager.metric("spot_manager_messages_total", kind="booted")
    assert run_as(simulator, machine, parts[-1], tmp_path).returncode == 0
    assert manager.metric("spot_manager_messages_total", kind="booted") == taken


def test_a_machine_from_an_image_of_another_reports_as_itself(simulator, manager, machine, parts, tmp_path):
    assert run_as(simulator, machine, parts[-1], tmp_path).returncode == 0
    manager.wait_for_state("lms-chen", "serving")
    simulator.do(machine["id"], "lose")
    copy = wait_until(lambda: [other for other in simulator.machines_of("lms-chen")
                               if other["id"] != machine["id"] and other["state"] == "running"],
                      what="another machine runs")[0]
    shutil.copytree(tmp_path / machine["id"] / "state", tmp_path / copy["id"] / "state")
    assert run_as(simulator, copy, parts[-1], tmp_path).returncode == 0
    assert manager.wait_for_state("lms-chen", "serving")["machine"] == copy["id"]


def test_the_users_part_is_kept_and_comes_first(parts):
    assert parts[0].startswith("#!/bin/sh\necho the user's own part")
    assert len(parts) == 2


def test_our_part_is_a_clean_script_without_credentials(parts, simulator):
    checked = subprocess.run(["shellcheck", "-"], input=parts[-1], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout
    for secret in (simulator.settings["AWS_SECRET_ACCESS_KEY"], simulator.settings["AWS_ACCESS_KEY_ID"]):
        assert secret not in parts[-1]
        assert base64.b64encode(secret.encode()).decode() not in parts[-1]
