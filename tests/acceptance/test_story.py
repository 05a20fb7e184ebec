"""The main job, end to end, looked at from outside with curl, dig and the AWS CLI."""

from support import Simulator, spec_for, wait_until

NAME = "lms-chen"
PUBLIC = f"{NAME}.{Simulator.ZONE}"
PRIVATE = f"{NAME}.{Simulator.PRIVATE_ZONE}"


def serving_machine(simulator, manager, name=NAME, other_than=None):
    """Waits until the name is served, by another machine than this; gives that machine as the simulator has it."""
    def served():
        status = manager.instance(name)
        living = [machine for machine in simulator.machines_of(name)
                  if machine["state"] == "running" and machine["id"] != other_than]
        return status["state"] == "serving" and len(living) == 1 and living[0]
    return wait_until(served, what=f"{name} is served")


def test_a_registered_name_answers_and_follows_its_machine(simulator, manager):
    # Posted, queued, taken: the name is managed.
    location = manager.register(spec_for(NAME))
    wait_until(lambda: manager.get(location).json()["state"] == "accepted", what="the registration is accepted")

    # One spot request, one machine, tagged, and the DNS names point at it, as AWS's own tools see it.
    first = serving_machine(simulator, manager)
    requests = simulator.aws("ec2", "describe-spot-instance-requests")["SpotInstanceRequests"]
    assert [request["InstanceId"] for request in requests] == [first["id"]]
    machine = simulator.aws("ec2", "describe-instances",
                            "--instance-ids", first["id"])["Reservations"][0]["Instances"][0]
    assert machine["State"]["Name"] == "running"
    wait_until(lambda: NAME in simulator.machines_of(NAME)[0]["tags"].values(), what="the machine is tagged")
    zone = simulator.settings["SIM_ZONE_ID"]
    records = simulator.aws("route53", "list-resource-record-sets", "--hosted-zone-id", zone)["ResourceRecordSets"]
    record = next(record for record in records if record["Name"] == f"{PUBLIC}.")
    assert record["ResourceRecords"] == [{"Value": machine["PublicIpAddress"]}]
    assert record["TTL"] == 30

    # The name answers.
    assert wait_until(lambda: simulator.dig(PUBLIC)) == [machine["PublicIpAddress"]]
    assert wait_until(lambda: simulator.dig(PRIVATE)) == [machine["PrivateIpAddress"]]
    assert first["id"] in simulator.curl(PUBLIC, machine["PublicIpAddress"])

    # The machine is lost: the next one, and the name follows.
    simulator.do(first["id"], "lose")
    second = serving_machine(simulator, manager, other_than=first["id"])
    assert wait_until(lambda: simulator.dig(PUBLIC) == [second["public_address"]], what="the name follows")
    wait_until(lambda: simulator.dig(PRIVATE) == [second["private_address"]], what="the private name follows")
    assert second["id"] in simulator.curl(PUBLIC, second["public_address"])
    assert len(simulator.spot_requests_of(NAME)) == 2


def test_a_stopped_machine_is_replaced(simulator, manager):
    manager.register(spec_for(NAME))
    first = serving_machine(simulator, manager)
    simulator.do(first["id"], "stop")
    second = serving_machine(simulator, manager, other_than=first["id"])
    wait_until(lambda: simulator.dig(PUBLIC) == [second["public_address"]], what="the name follows")


def test_a_machine_ended_by_a_person_is_replaced(simulator, manager):
    manager.register(spec_for(NAME))
    first = serving_machine(simulator, manager)
    simulator.aws("ec2", "terminate-instances", "--instance-ids", first["id"])
    second = serving_machine(simulator, manager, other_than=first["id"])
    wait_until(lambda: simulator.dig(PUBLIC) == [second["public_address"]], what="the name follows")


def test_a_name_needs_no_dns_and_no_public_address(simulator, manager):
    manager.register(spec_for("quiet", dns={}, public_ip=False))
    machine = serving_machine(simulator, manager, "quiet")
    assert machine["public_address"] == ""


def test_many_names_at_once(simulator, manager):
    names = [f"lms-{number:02}" for number in range(12)]
    for name in names:
        manager.register(spec_for(name))
    for name in names:
        machine = serving_machine(simulator, manager, name)
        wait_until(lambda: simulator.dig(f"{name}.{Simulator.ZONE}") == [machine["public_address"]],
                   what=f"{name} answers")
    assert len(simulator.state()["spot_requests"]) == len(names)


def test_the_same_registration_again_is_the_first_one(simulator, manager):
    location = manager.register(spec_for(NAME))
    wait_until(lambda: manager.get(location).json()["state"] == "accepted", what="the registration is accepted")
    assert manager.register(spec_for(NAME)) == location
    answer = manager.post("/instances", json=spec_for(NAME, image_id="ami-0fedcba9876543210"))
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_sigterm_ends_it_well_and_a_restart_goes_on(simulator, manager):
    manager.register(spec_for(NAME))
    first = serving_machine(simulator, manager)
    assert manager.end() == 0
    simulator.do(first["id"], "lose")
    manager.start()
    manager.wait_until_up()
    second = serving_machine(simulator, manager, other_than=first["id"])
    wait_until(lambda: simulator.dig(PUBLIC) == [second["public_address"]], what="the name follows")
