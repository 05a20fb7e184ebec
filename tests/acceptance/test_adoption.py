"""What was launched and is not in the store is found by its tags."""

import shutil

from support import spec_for, wait_until

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
