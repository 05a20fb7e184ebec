"""The running program against the descriptions in proto/: schemathesis makes calls of every kind that openapi.yaml
allows, and many that it does not; messages are taken out of the queue and held to their schemas."""

import json
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest

from support import clean_environment, spec_for, wait_until

PROTO = Path(__file__).resolve().parents[2] / "proto"


def test_schemathesis_finds_no_answer_that_is_not_described(manager, tmp_path):
    checks = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
              "response_headers_conformance", "negative_data_rejection"]
    manager.register(spec_for("chen"))
    manager.wait_for_state("chen", "serving")
    ran = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", PROTO / "openapi.yaml", "--url", manager.url,
         "--header", f"Authorization: Bearer {manager.WRITE_TOKEN}", "--checks", ",".join(checks),
         "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "20260115", "--workers", "1",
         "--suppress-health-check", "all", "--generation-database", "none", "--no-color", "--continue-on-failure"],
        env=clean_environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=180)
    (tmp_path / "schemathesis.log").write_text(ran.stdout)
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert manager.get("/healthz").status_code == 200


def test_the_description_is_served(manager):
    answer = manager.get("/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    assert answer.content == (PROTO / "openapi.yaml").read_bytes()


def receive(simulator):
    """What of ours is in the queue, given back at once."""
    sqs = simulator.client("sqs")
    received = sqs.receive_message(QueueUrl=simulator.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
    for message in received.get("Messages", []):
        sqs.change_message_visibility(QueueUrl=simulator.queue_url, ReceiptHandle=message["ReceiptHandle"],
                                      VisibilityTimeout=0)
        body = json.loads(message["Body"])
        if "spot_manager" in body:
            yield body.get("command") or body["report"], body


def keeps_to_its_schema(kind, message):
    schema = json.loads((PROTO / "messages" / f"{kind}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(message)


def test_a_command_in_the_queue_keeps_to_its_schema(manager, simulator):
    """The manager and this test take from the same queue, the test with more hands."""
    def took():
        with ThreadPoolExecutor(8) as hands:
            taken = [hands.submit(lambda: list(receive(simulator))) for _ in range(8)]
            manager.register(spec_for(f"name-{uuid.uuid4().hex[:8]}"))
            return dict(message for hand in taken for message in hand.result()).get("register")
    keeps_to_its_schema("register", wait_until(took, timeout=60, what="a registration came here"))


@pytest.mark.parametrize("simulator_options", [["--boot-for", "2s"]])
def test_a_report_in_the_queue_keeps_to_its_schema(manager, simulator):
    manager.register(spec_for("chen"))
    wait_until(lambda: simulator.machines_of("chen"), what="there is a machine")
    manager.kill()
    keeps_to_its_schema("booted", wait_until(lambda: dict(receive(simulator)).get("booted"), what="the machine reports"))


def test_did_it_see_the_message(manager, simulator):
    manager.register(spec_for("chen"))
    machine = manager.wait_for_state("chen", "serving")["machine"]
    event = {"version": "0", "id": str(uuid.uuid4()), "detail-type": "EC2 Instance State-change Notification",
             "source": "aws.ec2", "account": "123456789012", "time": "2026-01-15T12:00:00Z", "region": "us-east-1",
             "resources": [], "detail": {"instance-id": machine, "state": "running"}}
    assert manager.get(f"/messages/{event['id']}").status_code == 404
    sqs = simulator.client("sqs")
    sqs.send_message(QueueUrl=simulator.queue_url, MessageBody=json.dumps(event))
    sqs.send_message(QueueUrl=simulator.queue_url, MessageBody="no message at all")
    wait_until(lambda: manager.get(f"/messages/{event['id']}").status_code == 200, what="the event was seen")
    rejected = wait_until(lambda: manager.get("/messages?rejected=true").json()["rejected"], what="the other is told")
    assert rejected[0]["head"] == "no message at all" and rejected[0]["reason"]

    texts = [entry["text"] for entry in manager.get(f"/messages?machine={machine}").json()["history"]]
    assert any("ready" in text for text in texts)
    whole = manager.get("/instances/chen/history").json()["history"]
    pages, path = [], "/instances/chen/history?limit=2"
    while path:
        page = manager.get(path).json()
        pages, path = pages + page["history"], page.get("next")
    assert [entry["number"] for entry in pages][-len(whole):] == [entry["number"] for entry in whole]
