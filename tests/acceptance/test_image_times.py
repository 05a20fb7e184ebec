"""Images that are made by the clock, and machines that are rebooted for theirs."""

from datetime import datetime

import pytest

from gallery import ask, imaged, machine_in, made, usable
from support import wait_until
from test_interruptions import NAME, machine_ids, rest, served
from test_signals import launch

PATIENCE = "4s"


def rebooted(simulator):
    """A registration whose machine answers HTTP when it is well, and is rebooted for each image."""
    spec = imaged(reboot=True)
    spec["readiness"] = {"http": {"port": int(simulator.settings["SIM_MACHINE_PORT"]), "path": "/"}, "patience": PATIENCE}
    return spec


def seen_unwell(manager):
    wait_until(lambda: launch(manager).get("unwell"), what="the probe fails")


# The reboot takes longer than the patience.
@pytest.mark.parametrize("simulator_options", [["--image-for", "200ms", "--reboot-for", "7s"]])
def test_a_machine_that_is_rebooted_for_its_image_is_not_taken_for_sick(simulator, manager):
    manager.register(rebooted(simulator))
    first = served(simulator, manager)
    ask(manager)
    seen_unwell(manager)
    simulator.do(first, "impair")
    wait_until(lambda: launch(manager).get("impaired"), what="EC2's status checks fail")
    image = usable(manager)
    assert machine_in(simulator, first)["booted"] is False
    simulator.do(first, "heal")
    def well():
        [found] = [found for found in made(manager) if found["id"] == image]
        return found.get("rebooted")
    wait_until(well, what="the machine is well again")
    assert machine_ids(simulator) == {first}

    # From here on it counts when it does not answer, long before the manager's reboot_for is over.
    simulator.do(first, "web", answer="error")
    second = served(simulator, manager, other_than=[first])
    assert launch(manager)["reason"] == "unwell"
    rest(simulator, manager, [first, second])


@pytest.mark.parametrize("simulator_options, manager_options", [(["--image-for", "200ms"], ["--reboot-for", "2s"])])
def test_a_machine_that_does_not_come_back_from_its_reboot_is_found(simulator, manager):
    manager.register(rebooted(simulator))
    first = served(simulator, manager)
    registered = machine_in(simulator, first)["image_id"]
    simulator.do(first, "disk", spoiled=True)
    ask(manager)
    seen_unwell(manager)
    bad = usable(manager)
    second = served(simulator, manager, other_than=[first])
    # What the machine could not boot from is not what its successor is given.
    assert machine_in(simulator, second)["image_id"] == registered != bad
    rest(simulator, manager, [first, second])


def test_an_image_is_made_at_the_minute_that_the_schedule_names(simulator, manager):
    manager.register(imaged(schedule="* * * * *", spread="0s"))
    served(simulator, manager)
    image = wait_until(lambda: made(manager), timeout=70, what="an image is made without being asked for")[0]
    assert image["cause"] == "schedule"
    assert datetime.fromisoformat(image["chosen"]).second < 20
    usable(manager)
