#!/usr/bin/env python3
"""How many messages a second the manager takes from a queue that holds 2,000 events of other machines, with one
receiver and with four, when each call of SQS takes 20 ms. Uses the programs in build/, against the simulator:

    PYTHONPATH=tests/acceptance build/venv/bin/python tests/bench/intake_bench.py
"""

import json
import tempfile
import time
from pathlib import Path

from support import Manager, Simulator, wait_until

BUILD = Path(__file__).resolve().parents[2] / "build" / "src"
MESSAGES = 2000


def event(number):
    return json.dumps({
        "version": "0", "id": f"event-{number}", "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2", "account": "123456789012", "time": "2026-01-15T12:00:00Z", "region": "us-east-1",
        "resources": [], "detail": {"instance-id": f"i-{number:017x}", "state": "running"}})


def measure(receivers):
    with tempfile.TemporaryDirectory() as folder, Simulator(BUILD / "spot-manager-sim", folder) as simulator:
        sqs = simulator.client("sqs")
        for first in range(0, MESSAGES, 10):
            sqs.send_message_batch(QueueUrl=simulator.queue_url, Entries=[
                {"Id": str(number), "MessageBody": event(number)} for number in range(first, first + 10)])
        simulator.play({"service": "sqs", "operation": "*", "fault": "delay", "by": "20ms"})
        options = ["--receivers-max", str(receivers), "--log-level", "warning", "--hidden-for", "60s"]
        with Manager(BUILD / "spot-manager", folder, simulator.aws_settings, simulator.queue_url, options) as manager:
            taken = lambda: manager.metric("spot_manager_messages_total", kind="state_change")
            wait_until(lambda: taken() > 0, timeout=60)
            begun, before = time.monotonic(), taken()
            wait_until(lambda: taken() >= MESSAGES, timeout=300)
            return (MESSAGES - before) / (time.monotonic() - begun)


for receivers in (1, 4):
    print(f"{receivers} receivers: {measure(receivers):.0f} messages a second")
