"""Programs under test, and looking at them from outside."""

import os
import random
import socket
import subprocess
import time
from pathlib import Path

import requests

REGION = "us-east-1"


def wait_until(condition, timeout=20.0, what=None):
    """Calls `condition` until it gives something true, which is returned. It may fail meanwhile (a server that is not
    up yet, an AssertionError): the last failure is told when the time is up."""
    end = time.monotonic() + timeout
    pause = 0.01
    while True:
        trouble = None
        try:
            if found := condition():
                return found
        except (AssertionError, OSError, KeyError, requests.RequestException) as error:
            trouble = error
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what or condition.__name__}") from trouble
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def free_port():
    """A TCP port that nobody listens on. The caller is alone on this machine's loopback: good enough."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def clean_environment(home, **settings):
    """An environment that knows nothing of this machine's AWS settings and proxies."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true", **settings}


def web_session(token=None):
    """HTTP straight to loopback, whatever proxy this machine uses."""
    session = requests.Session()
    session.trust_env = False
    if token:
        session.headers["Authorization"] = f"Bearer {token}"
    return session


class Program:
    """A process and its log. A context ends it; what it said is kept in `log` for the report of a failed test."""

    def __init__(self, arguments, environment, log, folder):
        self.arguments = [str(argument) for argument in arguments]
        self.environment = environment
        self.log = Path(log)
        self.folder = folder
        self.process = None

    def start(self):
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(self.arguments, env=self.environment, cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        return self

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill(self):
        """Without warning, as a power cut does."""
        self.process.kill()
        self.process.wait()

    def end(self, timeout=10):
        """Asks it to end and gives its exit status; None when it never ran."""
        if self.process is None:
            return None
        if self.running:
            self.process.terminate()
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.arguments[0]} did not end within {timeout} s of SIGTERM") from None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.end()


def seeded(request):
    """Random numbers for one test, from SPOT_MANAGER_SEED or anew; printed, so that a failure can be had again."""
    seed = int(os.environ.get("SPOT_MANAGER_SEED") or random.SystemRandom().randrange(2**32))
    print(f"{request.node.name}: SPOT_MANAGER_SEED={seed}")
    return random.Random(seed)


def read_settings(path):
    """`NAME=value` lines, with or without `export`, values perhaps in quotes."""
    settings = {}
    for line in Path(path).read_text().splitlines():
        name, found, value = line.removeprefix("export ").partition("=")
        if found and not line.startswith("#"):
            settings[name.strip()] = value.strip().strip("'\"")
    return settings


class Simulator(Program):
    """spot-manager-sim with ports of its own; `environment` is what a client of it needs."""

    QUICK = ["--fulfil-after", "100ms", "--pending-for", "100ms", "--boot-for", "200ms", "--shutdown-for", "200ms",
             "--stop-for", "200ms", "--insync-after", "200ms"]

    def __init__(self, program, folder, options=()):
        self.env_file = Path(folder) / "simulator.env"
        super().__init__([program, "--env-file", self.env_file, *self.QUICK, *options],
                         clean_environment(folder), Path(folder) / "simulator.log", folder)
        self.home = folder
        self.settings = {}

    def __enter__(self):
        super().__enter__()
        wait_until(lambda: self.env_file.exists() or not self.running, what="the simulator writes its env file")
        assert self.running, f"the simulator ended:\n{self.said()}"
        self.settings = read_settings(self.env_file)
        return self


class Manager(Program):
    """`spot-manager serve`, with tokens, durations for tests, and its API."""

    WRITE_TOKEN = "a-token-that-may-write-0123456789"
    READ_TOKEN = "a-token-that-may-read-0123456789"

    def __init__(self, program, folder, aws_settings, queue_url, options=()):
        folder = Path(folder)
        tokens = folder / "tokens"
        tokens.write_text(f"write {self.WRITE_TOKEN}\nread {self.READ_TOKEN}\n")
        tokens.chmod(0o600)
        port = free_port()
        super().__init__([program, "serve", "--queue-url", queue_url, "--listen", f"127.0.0.1:{port}",
                          "--store", folder / "store", "--tokens-file", tokens, *options],
                         clean_environment(folder, **aws_settings), folder / "manager.log", folder)
        self.url = f"http://127.0.0.1:{port}"
        self.writer = web_session(self.WRITE_TOKEN)
        self.reader = web_session(self.READ_TOKEN)

    def wait_until_up(self):
        def up():
            assert self.running, f"the manager ended:\n{self.said()}"
            return web_session().get(f"{self.url}/healthz", timeout=5).status_code == 200
        wait_until(up, what="the manager is healthy")

    def get(self, path, **arguments):
        return self.reader.get(self.url + path, timeout=10, **arguments)

    def post(self, path, **arguments):
        return self.writer.post(self.url + path, timeout=10, **arguments)

    def metric(self, name, **labels):
        """The value of one sample of /metrics, 0 when it is not there yet."""
        for line in self.get("/metrics").text.splitlines():
            sample, _, value = line.rpartition(" ")
            family, _, rest = sample.partition("{")
            if family == name and all(f'{label}="{wanted}"' in rest for label, wanted in labels.items()):
                return float(value)
        return 0.0
