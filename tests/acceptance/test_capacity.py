"""Names with several pools, and with a fallback to on-demand: which pools are asked, what their users read, and the way
back to spot."""

import pytest

from support import Manager, spec_for, wait_until
from test_story import NAME, PUBLIC

FIRST, SECOND = "t3.large", "t3a.large"
OPTIONS = ["--relaunch-backoff-max", "500ms", "--open-for", "2s", "--avoid-first", "2s", "--avoid-max", "4s",
           "--back-to-spot-first", "500ms", "--back-to-spot-max", "1s"]


@pytest.fixture
def manager(build, simulator, tmp_path):
    with Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url,
                 OPTIONS) as manager:
        manager.wait_until_up()
        yield manager


def several_pools(**changes):
    return spec_for(NAME, instance_types=[FIRST, SECOND], **changes)


def machines(simulator, name=NAME):
    """Every machine that carries the name's tag."""
    return [machine for machine in simulator.state()["machines"]
            if machine["tags"].get("spot-manager:name") == name]


def living(simulator, name=NAME):
    return [machine for machine in machines(simulator, name) if machine["state"] in ("pending", "running")]


def attempts(manager):
    return [attempt for launch in manager.instance(NAME)["launches"] for attempt in launch["attempts"]]


def served(simulator, manager, market):
    """Waits until the name is served by one machine of that market, which no other stands beside."""
    def found():
        status = manager.instance(NAME)
        alive = living(simulator)
        return (status["state"] == "serving" and status["market"] == market and len(alive) == 1
                and status["machine"] == alive[0]["id"] and alive[0])
    return wait_until(found, timeout=30, what=f"{NAME} is served by a {market} machine")


def wait_for_reason(manager, *sentences):
    def said():
        reason = manager.instance(NAME)["reason"]
        assert all(sentence in reason for sentence in sentences), reason
        return True
    wait_until(said, what=f"the status says: {sentences}")


def templates(simulator):
    return simulator.client("ec2").describe_launch_templates()["LaunchTemplates"]


def test_a_name_with_two_pools_is_served_by_a_fleet_and_leaves_nothing_behind(simulator, manager):
    manager.register(several_pools(tags={"team": "lms"}))
    machine = served(simulator, manager, "spot")
    [attempt] = attempts(manager)
    assert attempt["by"] == "fleet"
    assert [pool["instance_type"] for pool in attempt["pools"]] == [FIRST, SECOND]
    assert attempt["pool"]["instance_type"] == machine["instance_type"]
    # It came tagged, with the role and the user data by which it has reported.
    assert machine["tags"]["team"] == "lms"
    assert machine["tags"]["spot-manager:generation"] == "1"
    assert machine["tags"]["aws:ec2:fleet-id"] == attempt["fleet"]
    assert machine["public_address"]
    ec2 = simulator.client("ec2")
    [template] = templates(simulator)
    version = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])
    [version] = version["LaunchTemplateVersions"]
    assert version["LaunchTemplateData"]["MetadataOptions"]["HttpTokens"] == "required"

    assert manager.delete(f"/instances/{NAME}").status_code == 202
    wait_until(lambda: manager.get(f"/instances/{NAME}").status_code == 404, what="the name is gone")
    assert not living(simulator)
    assert not templates(simulator)


def test_a_pool_without_capacity_is_left_for_another(simulator, manager):
    simulator.control("capacity", instance_type=FIRST, available=False)
    manager.register(several_pools())
    assert served(simulator, manager, "spot")["instance_type"] == SECOND
    assert len(attempts(manager)) == 1


def test_a_lost_machine_is_followed_by_one_from_another_pool_after_a_notice(simulator, manager):
    manager.register(several_pools())
    first = served(simulator, manager, "spot")
    simulator.do(first["id"], "notice")
    wait_until(lambda: manager.instance(NAME).get("notice"), what="the notice is seen")
    simulator.do(first["id"], "lose")
    second = served(simulator, manager, "spot")
    assert second["id"] != first["id"]
    assert second["instance_type"] != first["instance_type"]
    assert attempts(manager)[-1]["left_out"] == f"{FIRST} in {first['subnet_id']} (AWS is taking its machine there)"


def test_without_capacity_anywhere_it_is_said_and_tried_again_slowly(simulator, manager):
    simulator.control("capacity", available=False)
    manager.register(several_pools())
    wait_for_reason(manager, "no spot capacity for", f"{FIRST} in subnet-", f"{SECOND} in subnet-")
    wait_until(lambda: len(attempts(manager)) >= 4, what="it is tried again")
    assert not machines(simulator)
    simulator.control("capacity", available=True)
    served(simulator, manager, "spot")


def test_an_on_demand_machine_helps_out_until_spot_is_back(simulator, manager):
    simulator.control("capacity", available=False)
    manager.register(several_pools(fallback={"after": "1s"}, dns={"public": {"name": PUBLIC, "ttl": 1}}))
    stopgap = served(simulator, manager, "on_demand")
    assert not stopgap["spot_request"]
    wait_for_reason(manager, "it is on-demand because there was no spot machine for 1s (no spot capacity for",
                    "a spot machine is tried for at ")
    # The way back is tried, and does no harm while there is none.
    wait_until(lambda: manager.instance(NAME)["counters"]["launches"] >= 3, timeout=30, what="the way back is tried")
    assert [machine["id"] for machine in living(simulator)] == [stopgap["id"]]
    simulator.control("capacity", available=True)
    spot = served(simulator, manager, "spot")
    assert spot["id"] != stopgap["id"]
    assert "on-demand" not in manager.instance(NAME)["reason"]


def test_a_quota_of_spot_machines_is_said_and_leads_to_on_demand(simulator, manager):
    simulator.control("quotas", spot_vcpus=1)
    manager.register(several_pools())
    wait_for_reason(manager, "the account's quota of spot machines is used up: MaxSpotInstanceCountExceeded")
    assert manager.delete(f"/instances/{NAME}").status_code == 202
    wait_until(lambda: manager.get(f"/instances/{NAME}").status_code == 404, what="the name is gone")
    manager.register(several_pools(fallback={"after": "500ms"}))
    served(simulator, manager, "on_demand")


def test_a_spec_with_one_pool_falls_back_when_its_spot_request_stays_open(simulator, manager):
    simulator.control("capacity", available=False)
    manager.register(spec_for(NAME, fallback={"after": "1s"}))
    served(simulator, manager, "on_demand")
    by = [attempt["by"] for attempt in attempts(manager)]
    assert by[0] == "request" and by[-1] == "fleet"
    assert {request["state"] for request in simulator.spot_requests_of(NAME)} <= {"cancelled"}


def test_a_lost_answer_of_a_fleet_costs_no_second_machine(simulator, manager):
    simulator.play({"service": "ec2", "operation": "CreateFleet", "fault": "reset_after", "count": 1})
    manager.register(several_pools())
    served(simulator, manager, "spot")
    assert len(machines(simulator)) == 1


def test_the_members_of_a_group_run_in_different_pools(simulator, manager):
    subnets = [subnet["SubnetId"] for subnet in simulator.client("ec2").describe_subnets()["Subnets"]][:3]
    names = [f"kafka-{number}" for number in range(len(subnets))]
    for name in names:
        manager.register(spec_for(name, subnet_ids=subnets, group="kafka"))
        manager.wait_for_state(name, "serving")
    assert len({manager.instance(name)["launches"][0]["attempts"][-1]["pool"]["subnet_id"] for name in names}) == len(names)
