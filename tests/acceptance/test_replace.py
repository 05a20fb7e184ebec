"""Machines that are replaced: at a notice, at AWS's recommendation, at their user's word."""

from datetime import datetime

import pytest

from support import spec_for, wait_until
from test_story import NAME, PUBLIC, serving_machine


def follow(manager, answer):
    """A command's path from the answer to the call; waits until it was taken."""
    assert answer.status_code == 202, answer.text
    location = answer.headers["Location"]
    def decided():
        found = manager.get(location).json()
        return found["state"] != "queued" and found
    return wait_until(decided, what=f"{location} is decided")


def brief(name=NAME, **changes):
    """A registration whose DNS names nobody holds for long."""
    spec = spec_for(name, **changes)
    for side in spec["dns"].values():
        side["ttl"] = 1
    return spec


def newest_reason(manager, name=NAME):
    return manager.instance(name)["launches"][-1]["reason"]


def test_a_notice_brings_the_next_machine_before_the_old_one_goes(simulator, manager):
    manager.register(spec_for(NAME))
    first = serving_machine(simulator, manager)
    simulator.do(first["id"], "notice")
    def moved():
        shown = manager.instance(NAME)
        return shown["machine"] != first["id"] and simulator.dig(PUBLIC) == [shown["addresses"]["public"]]
    wait_until(moved, what="the name moves")
    assert newest_reason(manager) == "notice"
    # AWS's clock runs on: the old one is left to it.
    [old] = [machine for machine in simulator.machines_of(NAME) if machine["id"] == first["id"]]
    assert old["state"] == "running"


def test_a_user_asks_for_another_machine(simulator, manager):
    manager.register(brief())
    first = serving_machine(simulator, manager)
    command = follow(manager, manager.post(f"/instances/{NAME}/replace"))
    assert (command["command"], command["state"]) == ("replace", "accepted")
    second = serving_machine(simulator, manager, other_than=first["id"])
    assert newest_reason(manager) == "asked"
    wait_until(lambda: [machine["state"] for machine in simulator.machines_of(NAME) if machine["id"] == first["id"]]
               in (["shutting-down"], ["terminated"], []), what="the old machine is ended")
    assert simulator.dig(PUBLIC) == [second["public_address"]]


def test_a_recommendation_is_followed_where_the_spec_says_so(simulator, manager):
    manager.register(brief(on_rebalance="replace"))
    first = serving_machine(simulator, manager)
    simulator.do(first["id"], "rebalance")
    serving_machine(simulator, manager, other_than=first["id"])
    assert newest_reason(manager) == "rebalance"


def test_stop_first_ends_the_old_machine_before_the_next_is_asked_for(simulator, manager):
    manager.register(spec_for(NAME, replace="stop_first"))
    first = serving_machine(simulator, manager)
    follow(manager, manager.post(f"/instances/{NAME}/replace"))
    serving_machine(simulator, manager, other_than=first["id"])
    old, new = manager.instance(NAME)["launches"]
    assert datetime.fromisoformat(old["lost"]) <= datetime.fromisoformat(new["attempts"][0]["sent"])


def test_a_machine_that_is_not_ready_in_time_is_given_up(simulator, manager):
    spec = spec_for(NAME, readiness={"tcp": {"port": 1}, "patience": "1s"})
    manager.register(spec)
    wait_until(lambda: len(manager.instance(NAME)["launches"]) > 1, what="the next launch")
    assert manager.instance(NAME)["launches"][1]["reason"] == "not_ready"
    wait_until(lambda: [machine for machine in simulator.machines_of(NAME)
                        if machine["state"] in ("shutting-down", "terminated")], what="the first machine is ended")


def test_another_spec_is_for_the_next_launch_or_for_one_at_once(simulator, manager):
    manager.register(brief())
    first = serving_machine(simulator, manager)
    larger = brief(instance_types=["m5.large"])
    assert follow(manager, manager.put(f"/instances/{NAME}", json=larger))["state"] == "accepted"
    assert len(manager.instance(NAME)["launches"]) == 1
    assert manager.instance(NAME)["spec"]["instance_types"] == ["m5.large"]
    assert follow(manager, manager.put(f"/instances/{NAME}?replace=true", json=larger))["state"] == "accepted"
    second = serving_machine(simulator, manager, other_than=first["id"])
    assert second["instance_type"] == "m5.large"
    refused = manager.put(f"/instances/{NAME}", json=brief(dns={}))
    assert refused.status_code == 409 and "retire the name and register it anew" in refused.json()["detail"]


@pytest.mark.parametrize("simulator_options", [["--boot-for", "1s"]])
def test_a_group_is_replaced_one_at_a_time(simulator, manager):
    names = [f"kafka-{number}" for number in range(3)]
    for name in names:
        manager.register(spec_for(name, group="kafka"))
    for name in names:
        manager.wait_for_state(name, "serving")
    for name in names:
        follow(manager, manager.post(f"/instances/{name}/replace"))
    wait_until(lambda: all(len(manager.instance(name)["launches"]) == 2 and
                           manager.instance(name)["launches"][1].get("ready") for name in names),
               timeout=60, what="all have been replaced")
    launches = sorted((manager.instance(name)["launches"][1] for name in names), key=lambda launch: datetime.fromisoformat(launch["started"]))
    for earlier, later in zip(launches, launches[1:]):
        assert datetime.fromisoformat(earlier["ready"]) <= datetime.fromisoformat(later["started"])
