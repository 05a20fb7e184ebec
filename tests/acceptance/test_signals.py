"""Signs of trouble, by messages, by looks at EC2, and from the machine itself."""

from support import Manager, spec_for, wait_until

NAME = "lms-chen"
NOTED = {"on_scheduled_change": "note", "on_impaired": "note"}


def launch(manager):
    return manager.instance(NAME)["launches"][-1]


def serve(manager, **changes):
    manager.register(spec_for(NAME, dns={}, **NOTED, **changes))
    return manager.wait_for_state(NAME, "serving")["machine"]


def test_what_aws_health_tells_is_noted(build, simulator, tmp_path):
    options = ["--sweep-every", "1h"]  # the message alone tells it
    with Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url,
                 options) as manager:
        manager.wait_until_up()
        machine = serve(manager)
        simulator.do(machine, "plan", code="instance-retirement", **{"in": "1h"})
        planned = wait_until(lambda: launch(manager).get("maintenance"), what="the planned change is noted")
        assert "RETIREMENT" in planned["code"]
        assert planned["begins"]
        assert manager.metric("spot_manager_messages_total", kind="health", outcome="handled") == 1
        assert any("has planned" in entry["text"] for entry in manager.instance(NAME)["history"])


def test_with_the_queue_silent_ec2_tells_all_the_same(build, simulator, tmp_path):
    silent = simulator.client("sqs").create_queue(QueueName="silent")["QueueUrl"]  # no rule sends events to it
    with Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, silent) as manager:
        manager.wait_until_up()
        machine = serve(manager, readiness={"report": False})
        simulator.do(machine, "impair")
        wait_until(lambda: launch(manager).get("impaired"), what="status checks that fail are seen")
        simulator.do(machine, "heal")
        wait_until(lambda: not launch(manager).get("impaired"), what="that they pass again is seen")
        simulator.do(machine, "plan", code="instance-stop", **{"in": "1h"})
        planned = wait_until(lambda: launch(manager).get("maintenance"), what="the planned stop is seen")
        assert planned["code"] == "instance-stop"
        simulator.do(machine, "notice")

        def notice():
            [leaving] = [one for one in manager.instance(NAME)["launches"] if one["machine"] == machine]
            return leaving.get("notice")
        assert wait_until(notice, what="the notice is seen by the spot request")["terminate_by"]
        for kind in ("status_checks", "maintenance", "notice"):
            assert manager.metric("spot_manager_sweep_findings_total", kind=kind) >= 1


def test_a_serving_machine_is_watched_by_its_probe(build, simulator, tmp_path):
    port = int(simulator.settings["SIM_MACHINE_PORT"])
    options = ["--watch-every", "200ms"]
    with Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url,
                 options) as manager:
        manager.wait_until_up()
        machine = serve(manager, readiness={"http": {"port": port, "path": "/"}})
        simulator.do(machine, "web", answer="error")
        wait_until(lambda: launch(manager).get("unwell"), what="the probe that fails is noted")
        assert any("the probe of machine" in entry["text"] for entry in manager.instance(NAME)["history"])
        revision = manager.instance(NAME)["revision"]
        simulator.do(machine, "web", answer="ok")
        wait_until(lambda: not launch(manager).get("unwell"), what="that it passes again is noted")
        assert manager.instance(NAME)["revision"] == revision + 1
