"""What others do to our DNS records is seen and mended."""

import pytest

from support import Simulator, spec_for, wait_until

NAME = "lms-chen"
PUBLIC = f"{NAME}.{Simulator.ZONE}"


@pytest.fixture
def served(simulator, manager):
    """A name that is served and whose DNS is in sync; its public address."""
    manager.register(spec_for(NAME))
    manager.wait_for_state(NAME, "serving")
    wait_until(lambda: manager.metric("spot_manager_history_total", event="in_sync") == 2, what="DNS is in sync")
    return manager.instance(NAME)["addresses"]["public"]


def change(simulator, *changes):
    """Changes (action, type, value) of the public name, in one batch."""
    batch = [{"Action": action, "ResourceRecordSet": {"Name": PUBLIC, "Type": record_type, "TTL": 30,
                                                      "ResourceRecords": [{"Value": value}]}}
             for action, record_type, value in changes]
    simulator.client("route53").change_resource_record_sets(HostedZoneId=simulator.settings["SIM_ZONE_ID"],
                                                            ChangeBatch={"Changes": batch})


def records(simulator):
    listed = simulator.client("route53").list_resource_record_sets(HostedZoneId=simulator.settings["SIM_ZONE_ID"])
    return {(record["Name"], record["Type"]): record.get("ResourceRecords") for record in listed["ResourceRecordSets"]}


def drifts(manager):
    return manager.metric("spot_manager_history_total", event="dns_drift")


def test_a_record_that_somebody_changed_is_written_again(simulator, manager, served):
    change(simulator, ("UPSERT", "A", "192.0.2.99"))
    wait_until(lambda: drifts(manager) == 1, what="the change is told")
    wait_until(lambda: records(simulator)[f"{PUBLIC}.", "A"] == [{"Value": served}], what="it is written again")
    assert "192.0.2.99" in str(manager.instance(NAME)["history"])

    change(simulator, ("DELETE", "A", served))
    wait_until(lambda: drifts(manager) == 2, what="the removal is told")
    wait_until(lambda: simulator.dig(PUBLIC) == [served], what="the name is there again")

    sweeps = manager.metric("spot_manager_sweeps_total", outcome="complete")
    wait_until(lambda: manager.metric("spot_manager_sweeps_total", outcome="complete") >= sweeps + 2)
    assert drifts(manager) == 2


def test_a_change_made_while_the_manager_was_down_is_mended_at_its_start(simulator, manager, served):
    assert manager.end() == 0
    change(simulator, ("UPSERT", "A", "192.0.2.99"))
    manager.start()
    manager.wait_until_up()
    wait_until(lambda: records(simulator)[f"{PUBLIC}.", "A"] == [{"Value": served}], what="it is written again")


def test_a_cname_in_our_place_is_told_and_left(simulator, manager, served):
    change(simulator, ("DELETE", "A", served), ("CREATE", "CNAME", "elsewhere.example.com."))
    wait_until(lambda: "CNAME" in str(manager.instance(NAME)["history"]), what="the CNAME is told")
    sweeps = manager.metric("spot_manager_sweeps_total", outcome="complete")
    wait_until(lambda: manager.metric("spot_manager_sweeps_total", outcome="complete") >= sweeps + 2)
    assert (f"{PUBLIC}.", "A") not in records(simulator)
    assert (f"{PUBLIC}.", "CNAME") in records(simulator)
