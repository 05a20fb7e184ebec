"""What the acceptance tests share: the built programs, run as their users run them, and servers that we did not
write."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from support import (REGION, Manager, Program, Simulator, boto_client, clean_environment, free_port, wait_until,
                     web_session)

ROOT = Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also the tests that take longer")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes longer; run with --long"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test is reported with what its programs said."""
    report = yield
    if report.when == "call" and report.failed and "tmp_path" in item.funcargs:
        for log in sorted(item.funcargs["tmp_path"].glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            report.sections.append((log.name, "\n".join(lines[-60:])))
    return report


@pytest.fixture(scope="session")
def build():
    """The build folder, by SPOT_MANAGER_BUILD or beside the sources."""
    return Path(os.environ.get("SPOT_MANAGER_BUILD") or ROOT / "build")


@pytest.fixture
def simulator_options():
    """Further words of the simulator's command line; a test gives its own by parametrize."""
    return []


@pytest.fixture
def simulator(build, tmp_path, simulator_options):
    """AWS on loopback, with durations short enough for a test."""
    with Simulator(build / "src" / "spot-manager-sim", tmp_path, simulator_options) as simulator:
        yield simulator


@pytest.fixture
def manager_options():
    """Further words of the manager's command line; a test gives its own by parametrize."""
    return []


@pytest.fixture
def manager(build, simulator, tmp_path, manager_options):
    """`spot-manager serve` against the simulator, up and healthy."""
    with Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url,
                 manager_options) as manager:
        manager.wait_until_up()
        yield manager


class Moto:
    """moto's server: AWS as others imitate it."""

    def __init__(self, url):
        self.url = url
        self.aws_settings = {
            "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example",
        }

    def client(self, service):
        return boto_client(service, self.url)


@pytest.fixture
def moto_server(tmp_path):
    port = free_port()
    program = Program([Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", port],
                      clean_environment(tmp_path), tmp_path / "moto.log", tmp_path)
    url = f"http://127.0.0.1:{port}"
    with program:
        wait_until(lambda: web_session().get(f"{url}/moto-api/", timeout=5).ok, timeout=60, what="moto answers")
        yield Moto(url)


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
