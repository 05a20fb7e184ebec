"""Names live through the interruptions of their machines, as somebody sees it who uses them all the time."""

from contextlib import ExitStack

import pytest

from account import LIVING, assert_agreement
from caller import Caller
from support import Simulator, spec_for, wait_until

NAME = "lms-chen"
TTL = 1


def quick_spec(name, **changes):
    """A registration whose DNS answers are kept for a second only."""
    spec = spec_for(name, **changes)
    for side in spec["dns"].values():
        side["ttl"] = TTL
    return spec


def served(simulator, manager, name=NAME, other_than=()):
    """Waits until the name is served by a machine that is none of these; gives that machine's id."""
    def found():
        told = manager.instance(name)
        machine = told.get("machine")
        return told["state"] in ("serving", "replacing") and machine not in other_than and machine
    return wait_until(found, what=f"{name} is served by another machine than {other_than}")


def machine_ids(simulator, name=NAME):
    return {machine["id"] for machine in simulator.machines_of(name)}


def successor(simulator, name=NAME, beside=()):
    """Waits for a machine that is none of these, in whatever state; gives its id."""
    return wait_until(lambda: next(iter(machine_ids(simulator, name) - set(beside)), None), what=f"{name} gets another machine")


def handled(manager, kind="interruption"):
    return manager.metric("spot_manager_messages_total", kind=kind, outcome="handled")


def rest(simulator, manager, machines, name=NAME):
    """Waits until everything agrees, and all that the name ever had are these machines, of which the last lives."""
    wait_until(lambda: assert_agreement(simulator, manager, [name]), what="all agrees")
    assert machine_ids(simulator, name) == set(machines)
    assert [machine["id"] for machine in simulator.machines_of(name) if machine["state"] in LIVING] == [machines[-1]]


def interrupted(simulator, manager, names, rounds):
    """Machines of all names get their notice in every round, and go when the callers have been led to the next ones;
    then each name once loses its machine without a word. Gives the callers."""
    with ExitStack() as stack:
        for name in names:
            manager.register(quick_spec(name))
        at = {name: served(simulator, manager, name) for name in names}
        callers = {name: stack.enter_context(Caller(simulator, f"{name}.{Simulator.ZONE}")) for name in names}
        for _ in range(rounds):
            for machine in at.values():
                simulator.do(machine, "notice", held=True)
            for name in names:
                wait_until(lambda: callers[name].answered_by not in (None, at[name]), timeout=30,
                           what=f"{name} is answered by the successor of {at[name]}")
            for name, machine in at.items():
                simulator.do(machine, "release")
                at[name] = callers[name].answered_by
        failures = [(name, *call) for name, caller in callers.items() for call in caller.failures]
        assert not failures, f"{len(failures)} of {sum(len(caller.calls) for caller in callers.values())} calls: {failures[:5]}"
        for name in names:
            assert len(machine_ids(simulator, name)) == rounds + 1, f"{name} had more machines than it needed"
        # The same callers do notice when a machine is lost without a warning.
        for machine in at.values():
            simulator.do(machine, "lose")
        for name in names:
            wait_until(lambda: callers[name].failures and callers[name].answered_by not in (None, at[name]), timeout=30,
                       what=f"{name} is answered again")
    return callers


def test_no_call_fails_through_twelve_interruptions(simulator, manager):
    callers = interrupted(simulator, manager, [f"lms-{number}" for number in range(4)], 3)
    assert all(len(caller.outages()) == 1 for caller in callers.values())


@pytest.mark.long
def test_no_call_fails_through_a_hundred_interruptions(simulator, manager):
    interrupted(simulator, manager, [f"lms-{number}" for number in range(4)], 25)


@pytest.mark.parametrize("action", ["terminate", "stop", "hibernate"])
def test_a_notice_just_before_the_end(simulator, manager, action):
    manager.register(quick_spec(NAME))
    first = served(simulator, manager)
    simulator.do(first, "notice", action=action, **{"in": "200ms"})
    second = served(simulator, manager, other_than=[first])
    # A machine that AWS only stopped is of no use any more, and costs its disk.
    wait_until(lambda: [machine["state"] for machine in simulator.machines_of(NAME) if machine["id"] == first] ==
               ["terminated"], what="the first one has ended")
    rest(simulator, manager, [first, second])


@pytest.mark.parametrize("simulator_options", [["--boot-for", "1500ms"]])
def test_a_notice_for_a_machine_that_still_boots(simulator, manager):
    manager.register(quick_spec(NAME))
    first = successor(simulator)
    simulator.do(first, "notice", held=True)
    second = successor(simulator, beside=[first])
    served(simulator, manager, other_than=[first])
    simulator.do(first, "release")
    rest(simulator, manager, [first, second])


@pytest.mark.parametrize("simulator_options", [["--boot-for", "1s"]])
def test_a_notice_for_the_successor_itself(simulator, manager):
    manager.register(quick_spec(NAME))
    first = served(simulator, manager)
    with Caller(simulator, f"{NAME}.{Simulator.ZONE}") as caller:
        simulator.do(first, "notice", held=True)
        second = successor(simulator, beside=[first])
        simulator.do(second, "notice", held=True)
        third = successor(simulator, beside=[first, second])
        wait_until(lambda: caller.answered_by == third, what="the third one answers")
        simulator.do(first, "release")
        simulator.do(second, "release")
        rest(simulator, manager, [first, second, third])
        assert not caller.failures
    assert len(machine_ids(simulator)) == 3


def test_a_notice_that_comes_twice(simulator, manager):
    simulator.play({"service": "events", "operation": "EC2 Spot Instance Interruption Warning", "fault": "duplicate"})
    manager.register(quick_spec(NAME))
    first = served(simulator, manager)
    simulator.do(first, "notice", held=True)
    second = served(simulator, manager, other_than=[first])
    wait_until(lambda: manager.metric("spot_manager_messages_total", kind="interruption") == 2, what="both were taken")
    simulator.do(first, "release")
    rest(simulator, manager, [first, second])


def test_a_notice_that_comes_after_the_loss(simulator, manager):
    simulator.play({"service": "events", "operation": "EC2 Spot Instance Interruption Warning", "fault": "delay",
                    "by": "3s"})
    manager.register(quick_spec(NAME))
    first = served(simulator, manager)
    simulator.do(first, "notice", **{"in": "50ms"})
    second = served(simulator, manager, other_than=[first])
    wait_until(lambda: handled(manager) == 1, what="the notice was taken")
    rest(simulator, manager, [first, second])


@pytest.mark.parametrize("closes_request", [False, True])
def test_a_notice_that_only_the_sweeper_sees(simulator, manager, closes_request):
    simulator.play({"service": "events", "operation": "EC2 Spot Instance Interruption Warning", "fault": "drop"})
    manager.register(quick_spec(NAME))
    first = served(simulator, manager)
    with Caller(simulator, f"{NAME}.{Simulator.ZONE}") as caller:
        simulator.do(first, "notice", held=True, closes_request=closes_request)
        wait_until(lambda: caller.answered_by not in (None, first), what="its successor answers")
        simulator.do(first, "release")
        second = served(simulator, manager, other_than=[first])
        rest(simulator, manager, [first, second])
        assert not caller.failures
    assert handled(manager) == 0


def test_a_successor_is_in_another_pool_where_there_is_one(simulator, manager):
    subnets = [subnet["SubnetId"] for subnet in simulator.client("ec2").describe_subnets()["Subnets"]]
    manager.register(quick_spec(NAME, subnet_ids=subnets))
    first = served(simulator, manager)
    simulator.do(first, "notice", held=True)
    second = served(simulator, manager, other_than=[first])
    simulator.do(first, "release")
    rest(simulator, manager, [first, second])
    assert len({machine["availability_zone"] for machine in simulator.machines_of(NAME)}) == 2
