"""The running program against the descriptions in proto/: schemathesis makes calls of every kind that openapi.yaml
allows, and many that it does not; messages are taken out of the queue and held to their schemas."""

import json
import subprocess
import sys
import uuid
from pathlib import Path

import jsonschema

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
         "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "20260115", "--workers", "2",
         "--suppress-health-check", "all", "--generation-database", "none", "--no-color", "--continue-on-failure"],
        env=clean_environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=180)
    (tmp_path / "schemathesis.log").write_text(ran.stdout)
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert manager.get("/healthz").status_code == 200


def test_the_description_is_served(manager):
    answer = manager.get("/openapi.yaml")
    assert answer.headers["Content-Type"] == "application/yaml"
    assert answer.content == (PROTO / "openapi.yaml").read_bytes()


def schema_of(message):
    name = message.get("command") or message.get("report")
    return json.loads((PROTO / "messages" / f"{name}.schema.json").read_text())


def test_our_messages_in_the_queue_keep_to_their_schemas(manager, simulator):
    """The manager and this test take from the same queue: what comes here is looked at and given back."""
    sqs, found = simulator.client("sqs"), {}

    def look():
        manager.register(spec_for(f"name-{len(found)}-{uuid.uuid4().hex[:8]}"))
        received = sqs.receive_message(QueueUrl=simulator.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=30,
                                       WaitTimeSeconds=1)
        for message in received.get("Messages", []):
            body = json.loads(message["Body"])
            if "spot_manager" in body:
                found[body.get("command") or body["report"]] = body
            sqs.change_message_visibility(QueueUrl=simulator.queue_url, ReceiptHandle=message["ReceiptHandle"],
                                          VisibilityTimeout=0)
        return {"register", "booted"} <= set(found)
    wait_until(look, timeout=60, what="a registration and a report came here")
    for message in found.values():
        jsonschema.Draft202012Validator(schema_of(message), format_checker=jsonschema.FormatChecker()).validate(message)


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
