"""What everybody tries first."""

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
import requests

from support import web_session

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("program", ["spot-manager", "spot-manager-sim"])
def test_a_program_ends_well(build, program):
    ended = subprocess.run([build / "src" / program, "--help"], capture_output=True, timeout=20)
    assert ended.returncode == 0, ended.stderr


@pytest.fixture
def demo(tmp_path):
    """Starts deploy/demo in a process group of its own, as a terminal does, with its temporary files in tmp_path."""
    started = []

    def start(*arguments):
        # A program started in the background ignores Ctrl-C, and so would all its children.
        heed_interrupt = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        started.append(subprocess.Popen(
            [ROOT / "deploy" / "demo", *arguments], env={**os.environ, "TMPDIR": str(tmp_path)}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=heed_interrupt))
        return started[-1]

    yield start
    for program in started:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)


def test_the_demo_tells_the_story_and_leaves_nothing(demo, tmp_path):
    program = demo("--quick")
    said, _ = program.communicate(timeout=120)
    assert program.returncode == 0, said
    assert "The name has followed" in said
    assert not list(tmp_path.iterdir())


def test_the_demo_stays_up_until_it_is_interrupted(demo, tmp_path):
    program = demo()
    said = []
    for line in program.stdout:
        said.append(line)
        if line.startswith("Ctrl-C"):
            break
    manager = next(line.split()[2] for line in said if line.strip().startswith("curl -s http"))
    assert web_session().get(manager, timeout=5).json()["state"] == "serving"
    os.killpg(program.pid, signal.SIGINT)
    assert program.wait(timeout=20) == 130, "".join(said)
    assert not list(tmp_path.iterdir())
    with pytest.raises(requests.ConnectionError):
        web_session().get(manager, timeout=5)
