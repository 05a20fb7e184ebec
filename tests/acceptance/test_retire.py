"""Names that their users retire: what is left in AWS afterwards, phase by phase."""

import pytest

from support import spec_for, wait_until
from test_story import NAME, PRIVATE, PUBLIC, serving_machine


def retire(manager, name=NAME, **parameters):
    """Asks for it; gives the path where the command can be followed."""
    answer = manager.delete(f"/instances/{name}", params=parameters)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


def wait_until_gone(manager, name=NAME):
    wait_until(lambda: manager.get(f"/instances/{name}").status_code == 404, what=f"{name} is gone")


def address_records(simulator):
    """Every A record of the account: name -> values."""
    route53 = simulator.client("route53")
    found = {}
    for zone in route53.list_hosted_zones()["HostedZones"]:
        for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            if record["Type"] == "A":
                found[record["Name"].rstrip(".")] = [value["Value"] for value in record["ResourceRecords"]]
    return found


def write_record(simulator, name, address):
    """Somebody else writes over a record."""
    route53 = simulator.client("route53")
    zone = next(zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"]
                if f"{name}.".endswith(f".{zone['Name']}"))
    record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}]}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]})


def living(simulator, name=NAME):
    return [machine for machine in simulator.machines_of(name) if machine["state"] in ("pending", "running")]


def nothing_is_left(simulator, name=NAME):
    assert not living(simulator, name)
    assert {request["state"] for request in simulator.spot_requests_of(name)} <= {"cancelled", "closed"}
    assert not [record for record in address_records(simulator) if record.startswith(f"{name}.")]


def test_a_serving_name_is_retired_and_can_be_registered_again(simulator, manager):
    manager.register(spec_for(NAME))
    first = serving_machine(simulator, manager)
    uid = manager.instance(NAME)["uid"]
    location = retire(manager)
    wait_until_gone(manager)
    nothing_is_left(simulator)
    # Route 53's servers follow a moment later.
    wait_until(lambda: simulator.dig(PUBLIC) == [] and simulator.dig(PRIVATE) == [], what="nobody answers any more")
    command = manager.get(location).json()
    assert (command["command"], command["name"], command["state"]) == ("retire", NAME, "accepted")

    manager.register(spec_for(NAME))
    second = serving_machine(simulator, manager, other_than=first["id"])
    assert manager.instance(NAME)["uid"] != uid
    wait_until(lambda: simulator.dig(PUBLIC) == [second["public_address"]], what="the name answers again")


def test_a_name_without_capacity_is_retired(simulator, manager):
    simulator.control("capacity", available=False)
    manager.register(spec_for(NAME))
    wait_until(lambda: simulator.spot_requests_of(NAME), what="a machine is asked for")
    retire(manager)
    wait_until_gone(manager)
    simulator.control("capacity", available=True)
    nothing_is_left(simulator)
    assert not simulator.machines_of(NAME)


@pytest.mark.parametrize("simulator_options", [["--boot-for", "60s"]])
def test_a_booting_name_is_retired(simulator, manager):
    manager.register(spec_for(NAME))
    manager.wait_for_state(NAME, "booting")
    retire(manager)
    wait_until_gone(manager)
    nothing_is_left(simulator)


def test_names_are_retired_in_every_phase(simulator, manager):
    names = [f"lms-{number:02}" for number in range(8)]
    for name in names:
        manager.register(spec_for(name))
    for number, name in enumerate(names):
        if number % 2:
            wait_until(lambda: manager.get(f"/instances/{name}").ok, what=f"{name} is known")
        else:
            manager.wait_for_state(name, "booting", "serving")
        retire(manager, name)
    for name in names:
        wait_until_gone(manager, name)
        nothing_is_left(simulator, name)


def test_a_machine_can_be_kept(simulator, manager):
    manager.register(spec_for(NAME))
    kept = serving_machine(simulator, manager)
    retire(manager, keep_machine="true")
    wait_until_gone(manager)
    assert not address_records(simulator)
    assert [machine["id"] for machine in living(simulator)] == [kept["id"]]
    assert living(simulator)[0]["tags"]["spot-manager:store"] == "released"
    assert simulator.spot_requests_of(NAME)[0]["tags"]["spot-manager:store"] == "released"

    # It is no concern of a successor's.
    manager.register(spec_for(NAME))
    successor = wait_until(lambda: manager.wait_for_state(NAME, "serving"))
    assert successor["machine"] != kept["id"]
    retire(manager)
    wait_until_gone(manager)
    assert [machine["id"] for machine in living(simulator)] == [kept["id"]]


def test_a_record_that_another_has_changed_is_left(simulator, manager):
    manager.register(spec_for(NAME))
    serving_machine(simulator, manager)
    write_record(simulator, PUBLIC, "192.0.2.66")
    retire(manager)
    wait_until_gone(manager)
    assert not living(simulator)
    assert address_records(simulator) == {PUBLIC: ["192.0.2.66"]}
    assert f"{PUBLIC} points at 192.0.2.66, which we did not write: the record is left" in manager.said()


def test_a_manager_that_dies_while_it_retires_goes_on(simulator, manager):
    names = [f"lms-{number:02}" for number in range(6)]
    for name in names:
        manager.register(spec_for(name))
    for name in names:
        manager.wait_for_state(name, "serving")
    for name in names:
        retire(manager, name)
    manager.kill()
    manager.start()
    manager.wait_until_up()
    for name in names:
        wait_until_gone(manager, name)
        nothing_is_left(simulator, name)


def test_what_cannot_be_retired_is_said(simulator, manager):
    assert manager.delete("/instances/nobody").status_code == 404
    manager.register(spec_for(NAME))
    serving_machine(simulator, manager)
    assert manager.delete(f"/instances/{NAME}", params={"keep_machine": "maybe"}).status_code == 400
    assert manager.reader.delete(f"{manager.url}/instances/{NAME}", timeout=10).status_code == 403
    assert manager.instance(NAME)["state"] == "serving"
