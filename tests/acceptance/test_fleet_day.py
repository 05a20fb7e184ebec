"""A day of a fleet with everything unkind, its hours made short: at the end account, Route53 and the manager's records
agree, name by name."""

import time
from pathlib import Path

import pytest

from account import LIVING, NAME_TAG, assert_agreement, broken_rules
from support import Manager, Simulator, seeded, spec_for, wait_until
from test_kill_unkind import account_for_requests

NAMES = [f"lms-{number:03}" for number in range(200)]
HOURS = ["--notice-for", "2s", "--fulfil-after", "300ms", "--pending-for", "300ms", "--boot-for", "700ms",
         "--insync-after", "500ms", "--unkind", "0.1", "--limits"]


class Day:
    """What happens to the fleet, as often as not at a bad moment, and who lost a machine by it."""

    def __init__(self, simulator, manager, random):
        self.simulator, self.manager, self.random = simulator, manager, random
        self.registered, self.retired, self.losses, self.posts = [], [], set(), 0

    def register_some(self):
        """Users post until they are told that it is taken, and some of them twice."""
        for name in NAMES[len(self.registered):][:self.random.randint(5, 20)]:
            for _ in range(self.random.choice([1, 1, 1, 2])):
                self.posts += 1
                while self.manager.post("/instances", json=spec_for(name)).status_code != 202:
                    self.posts += 1
            self.registered.append(name)

    def retire_one(self):
        """A user has no more need of a name that serves."""
        for name in self.random.sample(self.registered, min(len(self.registered), 5)):
            told = self.manager.get(f"/instances/{name}")
            if name not in self.retired and told.status_code == 200 and told.json()["state"] == "serving":
                while self.manager.delete(f"/instances/{name}").status_code not in (202, 404):
                    pass
                self.retired.append(name)
                return

    def take_machines(self):
        """A pool's neighbours go together; a machine now and then by another hand."""
        living = [machine for machine in self.simulator.state()["machines"] if machine["state"] in LIVING]
        for machine in self.random.sample(living, min(len(living), self.random.choice([0, 1, 1, 2, 12]))):
            what = self.random.choice(["lose", "lose", "notice", "notice", "rebalance", "stop", "terminate"])
            if self.simulator.do_while_living(machine["id"], what) and what != "rebalance":
                self.losses.add(machine["spot_request"])

    def living_on(self):
        return [name for name in NAMES if name not in self.retired]

    def all_agrees(self):
        left = [name for name in self.retired if self.manager.get(f"/instances/{name}").status_code != 404]
        assert not left, f"not retired yet: {left}"
        return assert_agreement(self.simulator, self.manager, self.living_on(), self.retired)

    def notices_left(self):
        return [machine["id"] for machine in self.simulator.state()["machines"]
                if machine["state"] in LIVING and machine["interruption_action"]]

    def run_out_of_capacity(self):
        self.simulator.control("capacity", available=self.random.random() < 0.7)

    def hour(self):
        assert self.manager.running, f"the manager ended by itself: {self.manager.process.returncode}"
        assert self.manager.get("/healthz").status_code == 200, self.manager.get("/healthz").text
        self.register_some()
        self.retire_one()
        self.take_machines()
        self.run_out_of_capacity()
        broken = broken_rules(self.simulator.state())
        assert not broken, broken


def resources_of(process):
    """Resident memory in MiB, and CPU seconds, by /proc."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    kibibytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    ticks = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return kibibytes / 1024, (int(ticks[11]) + int(ticks[12])) / 100


def fleet_day(build, tmp_path, request, length):
    random = seeded(request)
    with Simulator(build / "src" / "spot-manager-sim", tmp_path, [*HOURS, "--seed", str(random.randrange(2**32))]) as simulator:
        manager = Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url,
                          ["--log-level", "info"])
        with manager:
            manager.wait_until_up()
            day = Day(simulator, manager, random)
            end = time.monotonic() + length
            while time.monotonic() < end or len(day.registered) < len(NAMES):
                day.hour()
                time.sleep(0.3)  # not a wait for anything: the next hour comes
            simulator.control("capacity", available=True)
            struck = {rule["fault"]: rule["struck"] for rule in simulator.faults()}
            simulator.be_kind()
            evening = time.monotonic()
            wait_until(lambda: not day.notices_left() and day.all_agrees(), timeout=90, what="all agrees")
            memory, cpu = resources_of(manager.process)
            state = simulator.state()
            print(f"{len(NAMES)} names, {day.posts} posts, {len(day.losses)} machines taken, {len(day.retired)} names retired, faults {struck}; "
                  f"agreement {time.monotonic() - evening:.1f} s after the last; manager: {memory:.0f} MiB, {cpu:.1f} s CPU")
            account_for_requests(state, day.losses, day.retired)
            assert {request["tags"][NAME_TAG] for request in state["spot_requests"]} == set(NAMES)
            assert sum(struck.values()) > 100
            assert memory < 300


def test_a_short_day_of_a_fleet(build, tmp_path, request):
    fleet_day(build, tmp_path, request, 25)


@pytest.mark.long
def test_a_day_of_a_fleet(build, tmp_path, request):
    fleet_day(build, tmp_path, request, 90)
