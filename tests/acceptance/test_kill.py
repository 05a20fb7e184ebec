"""The manager is killed without warning, anywhere in the story, and started again: nothing is lost, and nothing is
done twice."""

import time

from support import Simulator, seeded, spec_for, wait_until

ROUNDS = 20


def served_by(simulator, manager, name):
    """The machine that serves the name and that its DNS names point at; None while that is not so."""
    status = manager.instance(name)
    living = [machine for machine in simulator.machines_of(name) if machine["state"] in ("pending", "running")]
    if status["state"] != "serving" or len(living) != 1:
        return None
    machine = living[0]
    points = simulator.dig(f"{name}.{Simulator.ZONE}") == [machine["public_address"]]
    return machine if points else None


def kill_and_restart(manager, after):
    time.sleep(after)  # not a wait for anything: the point of the story where the power goes
    manager.kill()
    manager.start()
    manager.wait_until_up()


def test_killed_at_random_points_of_the_story(simulator, manager, request):
    random = seeded(request)
    begun = time.monotonic()
    manager.register(spec_for("measure"))
    wait_until(lambda: served_by(simulator, manager, "measure"), what="measure is served")
    story = time.monotonic() - begun

    for number in range(ROUNDS):
        name = f"round-{number:02}"
        location = manager.register(spec_for(name))
        losses = 0
        for _ in range(random.randint(1, 2)):
            kill_and_restart(manager, random.uniform(0, story))
        wait_until(lambda: manager.get(location).json()["state"] == "accepted",
                   what=f"the registration of {name} is accepted")
        machine = wait_until(lambda: served_by(simulator, manager, name), what=f"{name} is served")

        if number % 2:
            losses = 1
            simulator.do(machine["id"], "lose")
            kill_and_restart(manager, random.uniform(0, story))
            wait_until(lambda: (now := served_by(simulator, manager, name)) and now["id"] != machine["id"],
                       what=f"{name} is served by another machine")

        requests = simulator.spot_requests_of(name)
        assert len(requests) == 1 + losses, f"{name}: {requests}"

    state = simulator.state()
    living = [machine for machine in state["machines"] if machine["state"] in ("pending", "running")]
    assert len(living) == ROUNDS + 1
    assert {machine["spot_request"] for machine in living} <= {request["id"] for request in state["spot_requests"]}
