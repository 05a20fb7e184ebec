"""What everybody tries first."""

import os
import signal
import subprocess

import pytest
import requests

from support import web_session


@pytest.mark.parametrize("program", ["spot-manager", "spot-manager-sim"])
def test_a_program_ends_well(build, program):
    ended = subprocess.run([build / "src" / program, "--help"], capture_output=True, timeout=20)
    assert ended.returncode == 0, ended.stderr


def test_the_demo_tells_the_story_and_leaves_nothing(demo, tmp_path):
    program = demo("--quick")
    said, _ = program.communicate(timeout=120)
    assert program.returncode == 0, said
    for step in ("The name has moved before the machine is gone", "The name has followed", "0.0 s of downtime"):
        assert step in said
    assert not list(tmp_path.iterdir())


def test_the_demo_stays_up_until_it_is_interrupted(demo, tmp_path):
    program = demo()
    said = []
    for line in program.stdout:
        said.append(line)
        if line.startswith("Ctrl-C"):
            break
    manager = next(line.split()[2] for line in said if line.strip().startswith("curl -s http"))
    assert web_session().get(manager, timeout=5).json()["state"] in ("serving", "replacing")
    os.killpg(program.pid, signal.SIGINT)
    assert program.wait(timeout=20) == 130, "".join(said)
    assert not list(tmp_path.iterdir())
    with pytest.raises(requests.ConnectionError):
        web_session().get(manager, timeout=5)
