"""What the README shows works as it is written there."""

import json
import os
import re
import subprocess
from pathlib import Path

from support import spec_for, wait_until, web_session

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
SHOWN_ADDRESS = "http://127.0.0.1:8470"


def commands_of(chapter):
    """The chapter's `sh` blocks, in their order."""
    text = README.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def run(command, folder, **environment):
    """What the command, as typed, prints."""
    ran = subprocess.run(["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True, timeout=30,
                         cwd=folder, env={**os.environ, **environment})
    assert ran.returncode == 0, f"{command}{ran.stdout}{ran.stderr}"
    return ran.stdout


def test_the_calls_of_the_readme_can_be_tried_while_the_demo_stays_up(demo, tmp_path):
    program = demo()
    address = next(re.search(r"http://\S+?(?=/instances)", line)[0] for line in program.stdout
                   if line.strip().startswith("curl -s http"))
    session = web_session()
    commands = commands_of("The API")
    assert "-d '{" in commands[0], "the first one registers a name"
    name = json.loads(re.search(r"-d '(\{.*?\n\})'", commands[0], re.DOTALL)[1])["name"]
    for command in commands:
        assert SHOWN_ADDRESS in command
        # The demo takes the next free port when another has this one.
        said = run(command.replace(SHOWN_ADDRESS, address), tmp_path)
        assert said and not re.search(r'^HTTP/1.1 [45]|"status": ?[45]\d\d', said, re.MULTILINE), f"{command}{said}"
        wanted = None if "DELETE" in command else "serving"
        wait_until(lambda: session.get(f"{address}/instances/{name}", timeout=5).json().get("state") == wanted,
                   what=f"what was asked for is done: {command}")


def test_the_faults_of_the_readme_are_told_so(manager):
    shown = json.loads(re.search(r'(\{"title": "Unprocessable.*?\n?\})\n```', README, re.DOTALL)[1])
    answer = manager.post("/instances", json={
        "name": "lms-wang", "image_id": "ami-0123456789abcdef0", "instance_types": ["t3.large"], "subnet_ids": [],
        "security_group_ids": ["sg-0a1b2c3d"], "colour": "blue"})
    assert answer.json() == shown


def test_the_faults_of_the_readme_can_be_played(simulator, tmp_path):
    [commands] = commands_of("The simulator, and replays")
    said = run(commands, tmp_path, SIM_CONTROL_URL=simulator.settings["SIM_CONTROL_URL"])
    assert re.search(r'"fault": ?"throttle"', said)
    assert simulator.faults() == [], "the last command ends them"


def test_the_backups_of_the_readme_are_made_beside_the_manager(build, manager, tmp_path):
    manager.register(spec_for("lms-chen"))
    manager.wait_for_state("lms-chen", "serving")
    path = f"{build / 'src'}:{os.environ['PATH']}"
    [commands] = commands_of("Backups")
    for command in commands.splitlines():
        # A store that is there is not replaced unasked.
        store = tmp_path / ("restored" if "restore" in command else "store")
        run(command, tmp_path, PATH=path, SPOT_MANAGER_STORE=str(store))
    assert '"lms-chen"' in (tmp_path / "records.jsonl").read_text()
    assert '"lms-chen"' in run("spot-manager store export", tmp_path, PATH=path,
                               SPOT_MANAGER_STORE=str(tmp_path / "restored"))
