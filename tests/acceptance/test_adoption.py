"""What was launched and is not in the store is found by its tags."""

import shutil

from support import Manager, spec_for, wait_until

NAME = "lms-chen"


def living(simulator):
    return [machine for machine in simulator.machines_of(NAME) if machine["state"] in ("pending", "running")]


def test_an_older_copy_of_the_store_adopts_what_was_launched_since(simulator, manager, tmp_path):
    manager.register(spec_for(NAME))
    manager.wait_for_state(NAME, "serving")
    first = living(simulator)[0]
    assert manager.end() == 0
    shutil.copytree(tmp_path / "store", tmp_path / "copy")
    manager.start()
    manager.wait_until_up()
    simulator.do(first["id"], "lose")
    wait_until(lambda: [machine["state"] for machine in living(simulator)] == ["running"]
               and manager.instance(NAME)["state"] == "serving", what="the second machine serves")
    second = living(simulator)[0]

    assert manager.end() == 0
    shutil.rmtree(tmp_path / "store")
    shutil.copytree(tmp_path / "copy", tmp_path / "store")
    manager.start()
    manager.wait_until_up()
    wait_until(lambda: manager.instance(NAME).get("machine") == second["id"], what="the second machine is adopted")
    manager.wait_for_state(NAME, "serving")
    assert manager.metric("spot_manager_history_total", event="launch_adopted") == 1
    assert [machine["id"] for machine in living(simulator)] == [second["id"]]
    assert len(simulator.spot_requests_of(NAME)) == 2


def test_a_manager_on_a_fresh_store_leaves_a_running_fleet_alone(build, simulator, manager, tmp_path):
    """Its own tag is another, and so is its key: it knows nothing of these machines, and ends and writes nothing."""
    names = [f"lms-{number}" for number in range(3)]
    for name in names:
        manager.register(spec_for(name))
    for name in names:
        manager.wait_for_state(name, "serving")
    before = {name: wait_until(lambda: simulator.dig(f"{name}.{simulator.ZONE}"), what=f"{name} is in DNS")
              for name in names}
    machines = {machine["id"] for machine in simulator.state()["machines"] if machine["state"] == "running"}
    assert manager.end() == 0

    (tmp_path / "fresh").mkdir()
    options = ["--orphans", "end", "--orphan-grace", "1ms"]
    with Manager(build / "src" / "spot-manager", tmp_path / "fresh", simulator.aws_settings, simulator.queue_url,
                 options) as fresh:
        fresh.wait_until_up()
        # A name that the fleet has: the records in DNS are another's.
        fresh.register(spec_for(names[0]))
        wait_until(lambda: "is not ours" in str(fresh.instance(names[0])["retries"]), what="it says why it waits")
        wait_until(lambda: fresh.metric("spot_manager_sweeps_total", outcome="complete") >= 3, what="three sweeps")
        assert fresh.metric("spot_manager_orphans") == 0
    running = {machine["id"] for machine in simulator.state()["machines"] if machine["state"] == "running"}
    assert machines <= running
    assert {name: simulator.dig(f"{name}.{simulator.ZONE}") for name in names} == before

    manager.start()
    manager.wait_until_up()
    for name in names:
        manager.wait_for_state(name, "serving")
