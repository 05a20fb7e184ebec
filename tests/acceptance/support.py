"""Programs under test, and looking at them from outside."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import requests
from botocore.config import Config

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
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", **settings}


def settle(defaults, options):
    """Words of a command line, `--name value` or a bare `--name`: the defaults, where the options do not say
    otherwise."""
    settled = {}
    for word in [*defaults, *options]:
        if str(word).startswith("--"):
            settled[name := word] = []
        else:
            settled[name].append(word)
    return [word for name, values in settled.items() for word in (name, *values)]


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
    """spot-manager-sim on ports of its own, with a queue that gets EventBridge's events and two hosted zones;
    `environment` and `settings` are what a client of it needs."""

    ZONE = "lms.example.com"
    PRIVATE_ZONE = "internal.example.com"
    QUICK = ["--fulfil-after", "100ms", "--pending-for", "100ms", "--boot-for", "200ms", "--reboot-for", "200ms",
             "--shutdown-for", "200ms", "--stop-for", "200ms", "--insync-after", "200ms"]

    def __init__(self, program, folder, options=()):
        folder = Path(folder)
        self.env_file = folder / "simulator.env"
        ports = [word for port in ("port", "imds-port", "machine-port", "dns-port") for word in (f"--{port}", "0")]
        super().__init__([program, *ports, "--queue", "spot-manager", "--zone", self.ZONE,
                          "--zone", f"{self.PRIVATE_ZONE}:private", "--env-file", self.env_file, *settle(self.QUICK, options)],
                         clean_environment(folder), folder / "simulator.log", folder)
        self.settings = {}
        self.aws_settings = {}

    def __enter__(self):
        super().__enter__()
        wait_until(lambda: self.env_file.exists() or not self.running, what="the simulator writes its env file")
        assert self.running, f"the simulator ended:\n{self.said()}"
        self.settings = read_settings(self.env_file)
        self.aws_settings = {name: value for name, value in self.settings.items() if name.startswith("AWS_")}
        return self

    @property
    def queue_url(self):
        return self.settings["SIM_QUEUE_URL"]

    def client(self, service):
        return boto_client(service, self.settings["AWS_ENDPOINT_URL"], self.settings["AWS_ACCESS_KEY_ID"],
                           self.settings["AWS_SECRET_ACCESS_KEY"])

    def state(self):
        return web_session().get(f"{self.settings['SIM_CONTROL_URL']}/state", timeout=10).json()

    def control(self, path, **body):
        answer = web_session().post(f"{self.settings['SIM_CONTROL_URL']}/{path}", json=body, timeout=10)
        assert answer.ok, answer.text

    def do(self, machine, verb, **body):
        """Lets something happen to a machine: lose, notice, release, rebalance, impair, plan, stop, terminate, ..."""
        self.control(f"machines/{machine}/{verb}", **body)

    def do_while_living(self, machine, verb, **body):
        """As `do`; false when the machine came to its end since it was looked at."""
        answer = web_session().post(f"{self.settings['SIM_CONTROL_URL']}/machines/{machine}/{verb}", json=body,
                                    timeout=10)
        assert answer.ok or answer.status_code == 409, answer.text
        return answer.ok

    def play(self, *rules):
        """Adds rules of unkindness: `{"service": "ec2", "operation": "*", "fault": "throttle", ...}`."""
        answer = web_session().post(f"{self.settings['SIM_CONTROL_URL']}/faults", json=rules, timeout=10)
        assert answer.ok, answer.text

    def faults(self):
        """The rules, and how often each has struck."""
        return web_session().get(f"{self.settings['SIM_CONTROL_URL']}/faults", timeout=10).json()["faults"]

    def be_kind(self):
        """Ends all unkindness."""
        assert web_session().delete(f"{self.settings['SIM_CONTROL_URL']}/faults", timeout=10).ok

    def spot_requests_of(self, name):
        return [request for request in self.state()["spot_requests"] if name in request["tags"].values()]

    def machines_of(self, name):
        """Every machine of this name: by its tags, or by those of its spot request."""
        requests = {request["id"] for request in self.spot_requests_of(name)}
        return [machine for machine in self.state()["machines"]
                if machine["spot_request"] in requests or name in machine["tags"].values()]

    def dig(self, name):
        """The addresses that DNS gives for a name."""
        asked = subprocess.run(["dig", f"@{self.settings['SIM_DNS_ADDRESS']}", "-p", self.settings["SIM_DNS_PORT"],
                                "+short", "+tries=1", "+time=2", name, "A"], capture_output=True, text=True, timeout=10)
        return asked.stdout.split()

    def curl(self, name, address):
        """What the server of that name says, when its name is resolved to that address."""
        port = self.settings["SIM_MACHINE_PORT"]
        asked = subprocess.run(["curl", "--noproxy", "*", "-sS", "-m", "5", "--resolve", f"{name}:{port}:{address}",
                                f"http://{name}:{port}/"], capture_output=True, text=True, timeout=10)
        assert asked.returncode == 0, asked.stderr
        return asked.stdout

    def aws(self, *arguments):
        """What the AWS CLI reads, parsed."""
        asked = subprocess.run([Path(sys.executable).parent / "aws", *arguments, "--output", "json"], text=True,
                               env=clean_environment(self.folder, **self.aws_settings), capture_output=True, timeout=60)
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout) if asked.stdout.strip() else None


def boto_client(service, url, key_id="AKIDEXAMPLE", secret="example", region=REGION):
    return boto3.client(service, endpoint_url=url, region_name=region, aws_access_key_id=key_id,
                        aws_secret_access_key=secret, config=Config(proxies={}, retries={"max_attempts": 2}))


def spec_for(name, **changes):
    """A registration against the simulator, with both DNS names."""
    return {
        "name": name,
        "image_id": "ami-0123456789abcdef0",
        "instance_types": ["t3.large"],
        "subnet_ids": ["subnet-0a1b2c3d"],
        "security_group_ids": ["sg-0a1b2c3d"],
        "iam_instance_profile": "lms",
        "public_ip": True,
        "dns": {"private": {"name": f"{name}.{Simulator.PRIVATE_ZONE}"}, "public": {"name": f"{name}.{Simulator.ZONE}"}},
        **changes,
    }


class Manager(Program):
    """`spot-manager serve`, with tokens, durations for tests, and its API."""

    QUICK = ["--sweep-every", "1s", "--image-sweep-every", "1s", "--look-every", "300ms", "--change-every", "100ms", "--backoff-first", "100ms",
             "--relaunch-backoff-first", "200ms", "--hidden-for", "2s", "--watch-every", "200ms",
             "--image-backoff-first", "200ms", "--image-every", "200ms", "--image-announce-every", "500ms",
             "--log-level", "debug"]
    WRITE_TOKEN = "a-token-that-may-write-0123456789"
    READ_TOKEN = "a-token-that-may-read-0123456789"

    def __init__(self, program, folder, aws_settings, queue_url, options=()):
        folder = Path(folder)
        tokens = folder / "tokens"
        tokens.write_text(f"write {self.WRITE_TOKEN}\nread {self.READ_TOKEN}\n")
        tokens.chmod(0o600)
        port = free_port()
        super().__init__([program, "serve", "--queue-url", queue_url, "--listen", f"127.0.0.1:{port}",
                          "--store", folder / "store", "--tokens-file", tokens, *settle(self.QUICK, options)],
                         clean_environment(folder, **aws_settings), folder / "manager.log", folder)
        self.url = f"http://127.0.0.1:{port}"
        self.writer = web_session(self.WRITE_TOKEN)
        self.reader = web_session(self.READ_TOKEN)

    def wait_until_up(self):
        def up():
            assert self.running, f"the manager ended:\n{self.said()}"
            return all(web_session().get(self.url + probe, timeout=5).status_code == 200
                       for probe in ("/healthz", "/readyz"))
        wait_until(up, what="the manager is healthy and ready")

    def get(self, path, **arguments):
        return self.reader.get(self.url + path, timeout=10, **arguments)

    def post(self, path, **arguments):
        return self.writer.post(self.url + path, timeout=10, **arguments)

    def put(self, path, **arguments):
        return self.writer.put(self.url + path, timeout=10, **arguments)

    def delete(self, path, **arguments):
        return self.writer.delete(self.url + path, timeout=10, **arguments)

    def metric(self, name, **labels):
        """The sum of the samples of /metrics with these labels."""
        answer = self.get("/metrics")
        assert answer.status_code == 200, answer.text
        total = 0.0
        for line in answer.text.splitlines():
            sample, _, value = line.rpartition(" ")
            family, _, rest = sample.partition("{")
            if family == name and all(f'{label}="{wanted}"' in rest for label, wanted in labels.items()):
                total += float(value)
        return total

    def register(self, spec):
        """Posts a registration, which must be taken; gives the path where it can be followed."""
        answer = self.post("/instances", json=spec)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]

    def instance(self, name):
        answer = self.get(f"/instances/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for_state(self, name, *states, timeout=20):
        def reached():
            found = self.instance(name)
            return found["state"] in states and found
        return wait_until(reached, timeout, what=f"{name} is {' or '.join(states)}")
