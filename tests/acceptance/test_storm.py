"""Days of silence, then everything at once; and what came while nobody listened."""

import json
from datetime import datetime

import pytest

from support import Manager, Simulator, spec_for, wait_until

STORM = 60
# What EC2 publishes for RequestSpotInstances.
BURST, A_SECOND = 50, 5


def test_notices_for_every_machine_at_once_are_taken_in_within_seconds(simulator, manager):
    names = [f"lms-{number:02}" for number in range(STORM)]
    for name in names:
        manager.register(spec_for(name, dns={}))
    wait_until(lambda: all(manager.instance(name)["state"] == "serving" for name in names), timeout=60,
               what=f"{STORM} names are served")
    machines = [machine["id"] for machine in simulator.state()["machines"]]
    assert len(machines) == STORM
    before = notices(manager)
    for machine in machines:
        simulator.do(machine, "notice")
    # Each takes one transaction in a batch of ten: seconds are a hundred times what it needs.
    wait_until(lambda: notices(manager) == before + STORM, timeout=5, what="every notice is handled")
    assert all("terminate_by" in str(manager.instance(name)) for name in names)


@pytest.mark.parametrize("count", [80, pytest.param(1000, marks=pytest.mark.long)])
def test_a_storm_is_answered_by_urgency_as_fast_as_ec2_allows_and_no_faster(simulator, manager, count):
    """Hibernation begins at once: its notice leaves no time, others leave two minutes."""
    names = [f"lms-{number:03}" for number in range(count)]
    urgent = names[-10:]
    for name in names:
        manager.register(spec_for(name, dns={}))
    serve(manager, names)
    machines = {name: manager.instance(name)["machine"] for name in names}
    known = {request["id"] for request in simulator.state()["spot_requests"]}
    simulator.control("limits", keep=True)
    for name in names[:-10]:
        simulator.do(machines[name], "notice")

    def told():
        storm = manager.get("/replacements").json()
        return storm["waiting"] > 20 and storm
    storm = wait_until(told, what="the storm is told of")
    assert storm["late"] == 0  # by their own boots, which took a moment
    assert storm["replacements"][0]["name"] in names
    assert manager.metric("spot_manager_replacements", stage="waiting") > 0
    for name in urgent:
        simulator.do(machines[name], "notice", action="hibernate")
    wait_until(lambda: manager.metric("spot_manager_replacements_late") > 0, what="some are too late")

    wait_until(lambda: len(requests_since(simulator, known)) == count, timeout=90 + count / A_SECOND,
               what="all are asked for")
    requests = requests_since(simulator, known)
    times = [when for when, _ in requests]
    for first in range(count):
        for last in range(first, count):
            assert last - first + 1 <= BURST + A_SECOND * (times[last] - times[first] + 1)
    assert times[-1] - times[0] < count / A_SECOND * 1.2
    calls = {"service": "ec2", "operation": "RequestSpotInstances"}
    assert manager.metric("spot_manager_aws_calls_total", **calls, outcome="throttled") == 0
    noticed, asked = order_of(manager)
    for name in urgent:
        before = [other for other in names[:-10] if noticed[name] < asked[other] < asked[name]]
        assert len(before) <= 1, (name, before)  # whose turn had come
    assert max(asked.values()) not in {asked[name] for name in urgent}
    wait_until(lambda: manager.get("/replacements").json()["replacements"] == [], what="all have their next machine")
    assert manager.metric("spot_manager_replacements") == 0


def order_of(manager):
    """When each name's notice was taken in, and when its next machine was asked for: as the manager's log says."""
    noticed, asked = {}, {}
    for line in manager.said().splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        when = entry and datetime.fromisoformat(entry["time"]).timestamp()
        if entry.get("event") == "notice":
            noticed[entry["name"]] = when
        elif entry.get("kind") == "request_spot" and entry["key"].startswith("2/"):
            asked[entry["name"]] = when - int(entry["duration_ms"]) / 1000
    return noticed, asked


def requests_since(simulator, known):
    """When each new spot request was made, and for whom."""
    return sorted((datetime.fromisoformat(request["created"]).timestamp(), request["tags"]["spot-manager:name"])
                  for request in simulator.state()["spot_requests"] if request["id"] not in known)


def serve(manager, names):
    wait_until(lambda: manager.metric("spot_manager_names", state="serving") == len(names),
               timeout=90 + len(names) / 5, what=f"{len(names)} names are served")


def notices(manager):
    return manager.metric("spot_manager_messages_total", kind="interruption", outcome="handled")


def test_a_report_that_came_while_the_manager_was_down_is_taken_in(simulator, manager):
    manager.register(spec_for("lms-chen"))
    wait_until(lambda: simulator.machines_of("lms-chen"), what="there is a machine")
    manager.kill()
    sqs = simulator.client("sqs")

    def waiting():
        told = sqs.get_queue_attributes(QueueUrl=simulator.queue_url, AttributeNames=["All"])["Attributes"]
        return int(told["ApproximateNumberOfMessages"]) >= 2  # `running`, and the machine's report

    wait_until(waiting, what="the machine has reported to the queue")
    manager.start()
    manager.wait_until_up()
    manager.wait_for_state("lms-chen", "serving")
    assert len(simulator.spot_requests_of("lms-chen")) == 1


def test_a_name_is_served_and_follows_its_machine_without_any_event(build, simulator, tmp_path):
    silent = simulator.client("sqs").create_queue(QueueName="silent")["QueueUrl"]  # no rule sends events to it
    spec = spec_for("lms-chen", readiness={"report": False})
    with Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, silent) as manager:
        manager.wait_until_up()
        manager.register(spec)
        first = manager.wait_for_state("lms-chen", "serving")["machine"]
        simulator.do(first, "lose")

        def follows():
            found = manager.instance("lms-chen")
            return found["state"] == "serving" and found["machine"] != first and found

        found = wait_until(follows, what="the name has another machine")
        wait_until(lambda: simulator.dig(f"lms-chen.{Simulator.ZONE}") == [found["addresses"]["public"]],
                   what="the name follows")
        assert manager.metric("spot_manager_messages_total", kind="state_change") == 0


def test_a_second_manager_on_the_queue_is_noticed(build, simulator, manager, tmp_path):
    (tmp_path / "other").mkdir()
    other = Manager(build / "src" / "spot-manager", tmp_path / "other", simulator.aws_settings, simulator.queue_url)
    with other:
        other.wait_until_up()
        for number in range(20):
            manager.register(spec_for(f"lms-{number:02}"))

        def noticed():
            rejected = other.get("/messages?rejected=true").json()["rejected"]
            return any("another manager shares this queue" in message["reason"] for message in rejected)

        wait_until(noticed, what="the other manager says what it was given")
