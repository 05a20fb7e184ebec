"""What an operator reads: log lines and metrics."""

import json

import pytest

from support import Manager, spec_for, wait_until, web_session


def test_each_message_is_one_line_with_its_outcome(simulator, manager):
    manager.register(spec_for("lms-chen"))
    manager.wait_for_state("lms-chen", "serving")
    simulator.client("sqs").send_message(QueueUrl=simulator.queue_url, MessageBody="what is this")
    wait_until(lambda: manager.metric("spot_manager_messages_total", outcome="rejected") == 1, what="it is rejected")
    lines = [json.loads(line) for line in manager.said().splitlines() if line.startswith("{")]
    messages = [line for line in lines if line["event"] == "message"]
    assert len(messages) == manager.metric("spot_manager_messages_total")
    assert all(line["kind"] and line["outcome"] for line in messages)
    assert [line["outcome"] for line in messages if line["kind"] == "unreadable"] == ["rejected"]


@pytest.mark.parametrize("form", ["json", "logfmt"])
def test_what_a_stranger_sends_cannot_act_on_a_terminal(form, build, simulator, tmp_path):
    clears, begins_a_line = "x\x1b[2J", "x\nlevel=critical"
    event = {"source": "aws.ec2", "detail-type": "EC2 Instance Rebalance Recommendation", "region": "us-east-1",
             "account": "123456789012", "time": "2026-01-15T12:00:00Z"}
    options = ["--log-format", form]
    with Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url, options) as it:
        it.wait_until_up()
        before = it.metric("spot_manager_messages_total")
        sqs = simulator.client("sqs")
        for sly in (clears, begins_a_line):
            body = {**event, "id": sly, "detail": {"instance-id": sly}}
            sqs.send_message(QueueUrl=simulator.queue_url, MessageBody=json.dumps(body))
        wait_until(lambda: it.metric("spot_manager_messages_total") == before + 2, what="both have an outcome")
        assert "\x1b" not in it.said()
        assert not [line for line in it.said().splitlines() if line.startswith("level=")]


def test_nothing_secret_is_said(simulator, manager):
    guess, password = "a-token-that-somebody-guessed-0123456789", "correct-horse-battery-staple"
    spec = spec_for("lms-chen", user_data=f"#!/bin/sh\necho {password}\n")
    manager.register(spec)
    machine = manager.wait_for_state("lms-chen", "serving")["machine"]
    assert web_session(guess).post(f"{manager.url}/instances", json=spec, timeout=5).status_code == 401
    # A report with its token that cannot be used; and calls whose signature AWS says is wrong.
    report = {"spot_manager": 1, "report": "booted", "name": "lms-chen", "machine": 7, "token": "7f" * 32}
    simulator.client("sqs").send_message(QueueUrl=simulator.queue_url, MessageBody=json.dumps(report))
    simulator.play({"service": "ec2", "fault": "error:SignatureDoesNotMatch", "count": 2})
    simulator.do(machine, "lose")
    wait_until(lambda: manager.instance("lms-chen")["machine"] != machine, what="the machine is replaced")
    manager.wait_for_state("lms-chen", "serving")
    said = manager.said() + "".join(manager.get(path).text for path in (
        "/instances", "/instances/lms-chen", "/instances/lms-chen/history", "/messages", "/messages?rejected=true",
        "/metrics", "/readyz"))
    assert "(redacted)" in said, "the report is among what was rejected"
    secrets = [simulator.settings["AWS_SECRET_ACCESS_KEY"], manager.WRITE_TOKEN, manager.READ_TOKEN, guess, password,
               report["token"], "AWS4-HMAC-SHA256"]
    assert [secret for secret in secrets if secret in said] == []


def test_a_scrape_names_nobody_and_does_not_grow_with_the_names(simulator, manager):
    sizes = []
    for names in (["lms-00"], [f"lms-{number:02}" for number in range(1, 12)]):
        for name in names:
            manager.register(spec_for(name))
        for name in names:
            manager.wait_for_state(name, "serving")
        text = manager.get("/metrics").text
        sizes.append(len([line for line in text.splitlines() if not line.startswith("#")]))
    for word in ("lms-", "i-0", "sir-", "example.com", "123456789012"):
        assert word not in text
    # What happens for the first time has its first sample; ten more names have none of their own.
    assert sizes[1] - sizes[0] < 10
