"""The manager killed again and again while fifty names are in all phases, their machines are taken, warned of and
replaced, and AWS is unkind."""

import time

import pytest

from account import LIVING, TOKEN_TAG, assert_agreement, broken_rules, by_name
from support import Manager, Simulator, seeded, spec_for, wait_until

NAMES = [f"lms-{number:02}" for number in range(50)]
SLOWER = ["--fulfil-after", "300ms", "--pending-for", "300ms", "--boot-for", "500ms", "--insync-after", "500ms"]


def take_something(simulator, random, losses, signalled):
    """AWS takes a machine or two, or says that it will, in whatever phase they are; remembered by their spot requests,
    and by their ids."""
    state = simulator.state()
    living = [machine for machine in state["machines"] if machine["state"] in LIVING]
    for machine in random.sample(living, min(len(living), random.randint(0, 4))):
        verb = random.choice(["lose", "notice", "notice", "notice", "rebalance", "rebalance", "stop", "terminate"])
        body = {"in": f"{random.randint(0, 4000)}ms"} if verb == "notice" else {}
        if simulator.do_while_living(machine["id"], verb, **body):
            losses.add(machine["spot_request"])
            signalled.add(machine["id"])


def spec_of(name):
    """Every second name follows AWS's softer signs too, every third may be in either of two pools; the TTLs are short
    enough for a test."""
    number = int(name.rpartition("-")[2])
    types = ["t3.large"] if number % 3 else ["t3.large", "t3a.large"]
    spec = spec_for(name, instance_types=types, on_rebalance="replace" if number % 2 else "note")
    for side in spec["dns"].values():
        side["ttl"] = 1
    return spec


def account_for_requests(state, losses, retired=()):
    """Every spot request of a name is its living one, one whose machine was taken, or one that never had a machine and
    was cancelled."""
    for name, (requests, machines) in by_name(state).items():
        if name in retired:
            continue
        living = {machine["spot_request"] for machine in machines if machine["state"] in LIVING}
        kept = [request["id"] for request in requests if request["id"] in living or
                (request["id"] not in losses and (request["machine"] or request["state"] != "cancelled"))]
        assert len(kept) == 1, f"{name}: {[(r['id'], r['state'], r['machine'], r['tags'].get(TOKEN_TAG)) for r in requests]}"


def kill_rounds(build, tmp_path, request, rounds):
    random = seeded(request)
    options = [*SLOWER, "--limits", "--unkind", "0.15", "--seed", str(random.randrange(2**32))]
    with Simulator(build / "src" / "spot-manager-sim", tmp_path, options) as simulator:
        manager = Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url,
                          ["--call-timeout", "5s"])
        with manager:
            taken, losses, signalled = set(), set(), set()
            for number in range(rounds):
                while len(taken) < len(NAMES) and manager.running:
                    name = next(name for name in NAMES if name not in taken)
                    try:
                        if manager.post("/instances", json=spec_of(name)).status_code == 202:
                            taken.add(name)
                    except OSError:  # it is not up yet
                        pass
                take_something(simulator, random, losses, signalled)
                time.sleep(random.uniform(0.05, 0.6))  # not a wait for anything: where the power goes
                assert manager.running, f"round {number}: the manager ended by itself: {manager.process.returncode}"
                manager.kill()
                broken = broken_rules(simulator.state(), signalled)
                assert not broken, f"round {number}: {broken}"
                manager.start()
            simulator.be_kind()
            wait_until(lambda: assert_agreement(simulator, manager, NAMES), timeout=60, what="all agrees")
            state = simulator.state()
            account_for_requests(state, losses)
            assert set(by_name(state)) == set(NAMES)


def test_killed_with_fifty_names_and_an_unkind_aws(build, tmp_path, request):
    kill_rounds(build, tmp_path, request, 20)


@pytest.mark.long
def test_killed_for_longer_with_fifty_names_and_an_unkind_aws(build, tmp_path, request):
    kill_rounds(build, tmp_path, request, 200)
