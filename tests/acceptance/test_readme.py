"""What the README shows works as it is written there."""

import json
import re
from pathlib import Path

from support import wait_until

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


def test_the_registration_of_the_readme_is_served(simulator, manager):
    spec = json.loads(re.search(r"application/json' -d '(\{.*?\n\})'", README, re.DOTALL)[1])
    manager.register(spec)
    found = manager.wait_for_state(spec["name"], "serving")
    for side in ("public", "private"):
        wait_until(lambda: simulator.dig(spec["dns"][side]["name"]) == [found["addresses"][side]],
                   what=f"the {side} name answers")


def test_the_faults_of_the_readme_are_told_so(manager):
    shown = json.loads(re.search(r'(\{"title": "Unprocessable.*?\n?\})\n```', README, re.DOTALL)[1])
    answer = manager.post("/instances", json={
        "name": "lms-wang", "image_id": "ami-0123456789abcdef0", "instance_types": ["t3.large"], "subnet_ids": [],
        "security_group_ids": ["sg-0a1b2c3d"], "colour": "blue"})
    assert answer.json() == shown
