"""What the README shows works as it is written there."""

import json
import re
import subprocess
from pathlib import Path

from support import wait_until, web_session

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
SHOWN_ADDRESS = "http://127.0.0.1:8470"


def api_commands():
    """The `sh` blocks of the API's chapter, in their order."""
    chapter = README.partition("\n## The API")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)


def test_the_calls_of_the_readme_can_be_tried_while_the_demo_stays_up(demo, tmp_path):
    program = demo()
    address = next(re.search(r"http://\S+?(?=/instances)", line)[0] for line in program.stdout
                   if line.strip().startswith("curl -s http"))
    session = web_session()
    commands = api_commands()
    assert "-d '{" in commands[0], "the first one registers a name"
    name = json.loads(re.search(r"-d '(\{.*?\n\})'", commands[0], re.DOTALL)[1])["name"]
    for command in commands:
        assert SHOWN_ADDRESS in command
        # The demo takes the next free port when another has this one.
        ran = subprocess.run(["bash", "-euo", "pipefail", "-c", command.replace(SHOWN_ADDRESS, address)],
                             capture_output=True, text=True, timeout=30, cwd=tmp_path)
        assert ran.returncode == 0 and ran.stdout, f"{command}{ran.stdout}{ran.stderr}"
        assert not re.search(r'^HTTP/1.1 [45]|"status": ?[45]\d\d', ran.stdout, re.MULTILINE), ran.stdout
        wanted = None if "DELETE" in command else "serving"
        wait_until(lambda: session.get(f"{address}/instances/{name}", timeout=5).json().get("state") == wanted,
                   what=f"what was asked for is done: {command}")


def test_the_faults_of_the_readme_are_told_so(manager):
    shown = json.loads(re.search(r'(\{"title": "Unprocessable.*?\n?\})\n```', README, re.DOTALL)[1])
    answer = manager.post("/instances", json={
        "name": "lms-wang", "image_id": "ami-0123456789abcdef0", "instance_types": ["t3.large"], "subnet_ids": [],
        "security_group_ids": ["sg-0a1b2c3d"], "colour": "blue"})
    assert answer.json() == shown
