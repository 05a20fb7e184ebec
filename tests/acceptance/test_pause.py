"""Names whose users give their machines back for a while."""

from support import spec_for, wait_until
from test_replace import follow
from test_retire import living
from test_story import NAME, PUBLIC, serving_machine


def test_a_paused_name_has_no_machine_and_keeps_its_dns_until_it_is_resumed(simulator, manager):
    manager.register(spec_for(NAME))
    first = serving_machine(simulator, manager)
    wait_until(lambda: simulator.dig(PUBLIC) == [first["public_address"]], what="the name answers")
    assert follow(manager, manager.post(f"/instances/{NAME}/pause"))["state"] == "accepted"
    manager.wait_for_state(NAME, "paused")
    assert not living(simulator)
    assert simulator.dig(PUBLIC) == [first["public_address"]]
    assert manager.post(f"/instances/{NAME}/replace").status_code == 409

    assert follow(manager, manager.post(f"/instances/{NAME}/resume"))["state"] == "accepted"
    second = serving_machine(simulator, manager, other_than=first["id"])
    wait_until(lambda: simulator.dig(PUBLIC) == [second["public_address"]], what="the name moves")
    assert manager.instance(NAME)["launches"][-1]["reason"] == "resumed"


def test_pausing_cancels_what_is_asked_for(simulator, manager):
    simulator.control("capacity", available=False)
    manager.register(spec_for(NAME))
    wait_until(lambda: simulator.spot_requests_of(NAME), what="a machine is asked for")
    follow(manager, manager.post(f"/instances/{NAME}/pause"))
    manager.wait_for_state(NAME, "paused")
    simulator.control("capacity", available=True)
    assert {request["state"] for request in simulator.spot_requests_of(NAME)} == {"cancelled"}
    assert not simulator.machines_of(NAME)


def test_a_pause_survives_the_end_of_the_manager(simulator, manager):
    manager.register(spec_for(NAME))
    serving_machine(simulator, manager)
    follow(manager, manager.post(f"/instances/{NAME}/pause"))
    manager.kill()
    manager.start()
    manager.wait_until_up()
    manager.wait_for_state(NAME, "paused")
    assert not living(simulator)
