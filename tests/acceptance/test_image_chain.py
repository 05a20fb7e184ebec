"""Images of a name's machines, from the API to the simulated account: made, tried, kept and removed."""

from contextlib import ExitStack

import pytest

from account import LIVING
from caller import Caller
from gallery import RETAIN, ask, chain, imaged, in_account, machine_in, made, usable, verdicts
from support import Simulator, wait_until
from test_interruptions import NAME, served
from test_replace import follow


@pytest.fixture
def simulator_options():
    return ["--image-for", "200ms", "--snapshot-held-for", "200ms"]


class Life:
    """A name through images and interruptions, and what must have come of it."""

    def __init__(self, simulator, manager, name, caller, machine):
        self.simulator, self.manager, self.name, self.caller, self.machine = simulator, manager, name, caller, machine
        self.past = {None}  # machines; until they are ended, one may step in again
        self.images = []  # as they were made
        self.bad = set()
        self.registered = machine_in(simulator, machine)["image_id"]

    def begin_image(self, bad):
        self.simulator.do(self.machine, "disk", spoiled=bad)
        ask(self.manager, self.name)

    def end_image(self, bad):
        self.images.append(usable(self.manager, self.name, beside=self.images))
        self.simulator.do(self.machine, "disk", spoiled=False)
        if bad:
            self.bad.add(self.images[-1])

    def newest_good(self):
        known = verdicts(self.manager, self.name)
        return next((image for image in reversed(self.images) if known.get(image) == "good"), self.registered)

    def moved(self):
        """Waits until a new machine answers; gives the one before, and the image that the new one was booted from."""
        old = self.machine
        self.past.add(old)
        def new():
            answered_by = self.caller.answered_by
            return answered_by not in self.past and answered_by
        self.machine = wait_until(new, timeout=40, what=f"{self.name} is answered by the successor of {old}")
        return old, machine_in(self.simulator, self.machine)["image_id"]

    def expected(self):
        """What retention keeps: the newest, the newest good one, and what a living machine was booted from."""
        living = {machine["image_id"] for machine in self.simulator.machines_of(self.name) if machine["state"] in LIVING}
        return {*self.images[-RETAIN:], self.newest_good(), *living} & set(self.images)

    def settled(self):
        images, snapshots = in_account(self.simulator, self.name)
        assert set(images) == self.expected() == {image["id"] for image in made(self.manager, self.name)}
        assert snapshots == {snapshot for image in images.values() for snapshot in image["snapshots"]} != set()
        assert {image["state"] for image in images.values()} == {"available"}
        assert {image for image, verdict in verdicts(self.manager, self.name).items() if verdict == "bad"} <= self.bad
        return True


def interrupt(lives):
    """All get their notice; each name's next machine boots from its newest good image, and nothing is missed."""
    good = [life.newest_good() for life in lives]
    for life in lives:
        life.simulator.do(life.machine, "notice", held=True)
    for life, image in zip(lives, good):
        old, booted = life.moved()
        assert booted == image, f"{life.name} was booted from {booted}, known to be good is {image}"
        life.simulator.do(old, "release")


def replace(lives):
    """Each name's next machine boots from its newest image, if any does."""
    for life in lives:
        assert follow(life.manager, life.manager.post(f"/instances/{life.name}/replace"))["state"] == "accepted"
    for life in lives:
        newest = life.images[-1]
        _, booted = life.moved()
        assert (booted == newest) != (newest in life.bad)
        assert verdicts(life.manager, life.name)[newest] == ("bad" if newest in life.bad else "good")


def live_through(simulator, manager, names, rounds):
    with ExitStack() as stack:
        for name in names:
            manager.register(imaged(name))
        lives = []
        for name in names:
            machine = served(simulator, manager, name)
            caller = stack.enter_context(Caller(simulator, f"{name}.{Simulator.ZONE}"))
            lives.append(Life(simulator, manager, name, caller, machine))
        for number in range(rounds):
            bad = number % 5 == 3
            for life in lives:
                life.begin_image(bad)
            for life in lives:
                life.end_image(bad)
            if number % 4 == 2:
                interrupt(lives)
            elif number % 2 == 1:
                replace(lives)
        for life in lives:
            wait_until(life.settled, timeout=30, what=f"the account has what retention keeps of {life.name}")
            assert not life.caller.failures, life.caller.failures[:5]
            assert len(life.bad) == rounds // 5


def test_no_call_fails_through_thirty_images_of_which_six_are_bad(simulator, manager):
    live_through(simulator, manager, [f"lms-{number}" for number in range(3)], 10)


@pytest.mark.long
def test_no_call_fails_through_thirty_images_of_one_name(simulator, manager):
    live_through(simulator, manager, [NAME], 30)


@pytest.mark.parametrize("outcome, manager_options", [("fail", []), ("hold", ["--image-pending-max", "2s"])])
def test_what_came_to_nothing_is_made_again_and_leaves_nothing(simulator, manager, outcome):
    manager.register(imaged())
    served(simulator, manager)
    simulator.control("images", next=outcome)
    ask(manager)
    image = usable(manager)
    def clean():
        images, snapshots = in_account(simulator)
        return set(images) == {image} and snapshots == set(images[image]["snapshots"])
    wait_until(clean, what="nothing is left of the first one")


def test_an_image_is_made_once_though_the_answer_is_lost_and_reads_lag(simulator, manager):
    manager.register(imaged())
    served(simulator, manager)
    simulator.play({"service": "ec2", "operation": "DescribeImages", "fault": "stale", "by": "1s"},
                   {"service": "ec2", "operation": "DescribeSnapshots", "fault": "stale", "by": "1s"},
                   {"service": "ec2", "operation": "CreateImage", "fault": "reset_after"})
    ask(manager)
    image = usable(manager)
    images, snapshots = in_account(simulator)
    assert set(images) == {image} and snapshots == set(images[image]["snapshots"])
    assert {rule["operation"]: rule["struck"] for rule in simulator.faults()}["CreateImage"] > 0


def test_an_image_is_tested_by_a_machine_of_its_own(simulator, manager):
    manager.register(imaged(test={"security_group_ids": ["sg-0123456789abcdef1"]}))
    machine = served(simulator, manager)
    for spoiled, verdict in ((False, "good"), (True, "bad")):
        before = {found["id"] for found in simulator.state()["machines"]}
        simulator.do(machine, "disk", spoiled=spoiled)
        known = [found["id"] for found in made(manager)]
        ask(manager)
        image = usable(manager, beside=known)
        addresses = simulator.dig(f"{NAME}.{Simulator.ZONE}")
        assert follow(manager, manager.post(f"/instances/{NAME}/image/test"))["state"] == "accepted"
        wait_until(lambda: verdicts(manager)[image] == verdict, timeout=30, what=f"the image is {verdict}")
        [tester] = [found for found in simulator.state()["machines"] if found["id"] not in before]
        assert tester["image_id"] == image
        wait_until(lambda: machine_in(simulator, tester["id"])["state"] not in LIVING, what="the test's machine is ended")
        assert simulator.dig(f"{NAME}.{Simulator.ZONE}") == addresses
        assert manager.instance(NAME)["machine"] == machine


def test_images_outlive_their_name_unless_they_are_to_go(simulator, manager):
    manager.register(imaged())
    served(simulator, manager)
    ask(manager)
    image = usable(manager)
    manager.delete(f"/instances/{NAME}")
    wait_until(lambda: manager.get(f"/instances/{NAME}").status_code == 404, what="the name is gone")
    assert set(in_account(simulator)[0]) == {image}

    manager.register({**imaged(), "image_id": "latest"})
    assert machine_in(simulator, served(simulator, manager))["image_id"] == image
    manager.delete(f"/instances/{NAME}?remove_images=true")
    wait_until(lambda: manager.get(f"/instances/{NAME}").status_code == 404, what="the name is gone again")
    assert in_account(simulator) == ({}, set())
