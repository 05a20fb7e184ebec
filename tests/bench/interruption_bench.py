#!/usr/bin/env python3
"""A hundred interruptions against the wall clock: twenty names are called ten times a second each while their machines
get notices, ten seconds before the end that nobody holds, and while machines are lost without one. Uses the programs in
build/, against the simulator, whose machines boot in two seconds; figures.md keeps what it said:

    PYTHONPATH=tests/acceptance build/venv/bin/python tests/bench/interruption_bench.py
"""

import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from caller import Caller
from support import Manager, Simulator, spec_for, wait_until

BUILD = Path(__file__).resolve().parents[2] / "build" / "src"
NAMES = [f"lms-{number:02}" for number in range(20)]
ROUNDS = 5
DURATIONS = ["--fulfil-after", "500ms", "--pending-for", "1s", "--boot-for", "2s", "--insync-after", "1s",
             "--notice-for", "10s", "--limits"]
TTL = 1


def spec(name):
    made = spec_for(name)
    for side in made["dns"].values():
        side["ttl"] = TTL
    return made


def rounds(simulator, callers, verb):
    """Does the same to every name's machine, round after round; gives seconds until the successor answered, and the
    outages."""
    until_answered, outages = [], []
    for _ in range(ROUNDS):
        at = {name: wait_until(lambda: caller.answered_by) for name, caller in callers.items()}
        for caller in callers.values():
            caller.calls.clear()
        begun = {}
        for name, machine in at.items():
            begun[name] = time.monotonic()
            simulator.do(machine, verb)
        gone = lambda: not {machine["id"] for machine in simulator.state()["machines"]
                            if machine["state"] in ("pending", "running")} & set(at.values())
        wait_until(gone, timeout=60, what="the old machines are gone")
        for name, caller in callers.items():
            first = lambda: next((call for call in list(caller.calls) if call[2] not in (None, at[name])), None)
            when, took, *_ = wait_until(first, timeout=60, what=f"{name} is answered by another machine")
            until_answered.append(when + took - begun[name])
        outages += [seconds for caller in callers.values() for _, seconds in caller.outages()]
    return until_answered, outages


def tell(what, seconds):
    if not seconds:
        print(f"{what}: none")
        return
    ordered = sorted(seconds)
    print(f"{what}: {len(ordered)}; median {statistics.median(ordered):.1f} s, "
          f"99 % within {ordered[int(len(ordered) * 0.99) - 1]:.1f} s, longest {ordered[-1]:.1f} s")


with tempfile.TemporaryDirectory() as folder, Simulator(BUILD / "spot-manager-sim", folder, DURATIONS) as simulator, \
        Manager(BUILD / "spot-manager", folder, simulator.aws_settings, simulator.queue_url,
                ["--log-level", "info"]) as manager, ExitStack() as stack:
    manager.wait_until_up()
    for name in NAMES:
        manager.register(spec(name))
    for name in NAMES:
        manager.wait_for_state(name, "serving", timeout=60)
    callers = {name: stack.enter_context(Caller(simulator, f"{name}.{Simulator.ZONE}")) for name in NAMES}
    for what, verb in (("with a notice", "notice"), ("without one", "lose")):
        until_answered, outages = rounds(simulator, callers, verb)
        tell(f"taken {what}, until the successor answers", until_answered)
        tell(f"taken {what}, times without an answer", outages)
