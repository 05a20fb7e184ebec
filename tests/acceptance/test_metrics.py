"""What can be scraped, and what README says of it."""

import re
from pathlib import Path

from support import spec_for, wait_until

ROOT = Path(__file__).resolve().parents[2]


def families(manager):
    return set(re.findall(r"^# TYPE (\S+)", manager.get("/metrics").text, re.MULTILINE))


def series(manager):
    return {line.rpartition(" ")[0] for line in manager.get("/metrics").text.splitlines() if not line.startswith("#")}


def test_every_metric_of_the_readme_is_there(simulator, manager):
    manager.register(spec_for("lms-chen"))
    manager.wait_for_state("lms-chen", "serving")
    told = set(re.findall(r"^\| `((?:spot_manager|process)_\w+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert len(told) > 15
    wait_until(lambda: told <= families(manager), what=f"{told} are all there")


def test_a_notice_is_followed_by_the_metrics(simulator, manager):
    manager.register(spec_for("lms-chen"))
    manager.wait_for_state("lms-chen", "serving")
    wait_until(lambda: manager.metric("spot_manager_machines", market="spot") == 1)
    machine = manager.instance("lms-chen")["machine"]
    simulator.do(machine, "notice")
    wait_until(lambda: manager.metric("spot_manager_messages_total", kind="interruption", outcome="handled") == 1)
    simulator.do(machine, "lose")
    for stage in ("request", "ready", "in_sync"):
        wait_until(lambda: manager.metric(f"spot_manager_notice_to_{stage}_seconds_count") == 1, timeout=40,
                   what=f"the time to {stage} is counted")
    assert manager.metric("spot_manager_machine_seconds_total", market="spot") > 0
    assert manager.metric("spot_manager_store_commits_total") > 0
    assert manager.metric("spot_manager_web_calls_total", route="/metrics", status="2xx") > 0
    assert manager.metric("spot_manager_web_calls_total", route="/instances/{}", method="GET") > 0
    assert manager.metric("process_resident_memory_bytes") > 1e6


def test_many_names_make_no_more_series(simulator, manager):
    for name in ("lms-1", "lms-2"):
        manager.register(spec_for(name))
        manager.wait_for_state(name, "serving")
    names = [f"lms-{number}" for number in range(3, 23)]
    before = len(series(manager))
    for name in names:
        manager.register(spec_for(name))
    for name in names:
        manager.wait_for_state(name, "serving", timeout=60)
    # Kinds of actions, messages and calls that had not come yet may come now; names and machines may not.
    assert len(series(manager)) < before + len(names)
    assert "lms-" not in manager.get("/metrics").text
