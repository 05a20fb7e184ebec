"""What everybody tries first."""

import os
import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize("program", ["spot-manager", "spot-manager-sim"])
def test_a_program_ends_well(build, program):
    ended = subprocess.run([build / "src" / program, "--help"], capture_output=True, timeout=20)
    assert ended.returncode == 0, ended.stderr


def test_the_demo_tells_the_story_and_leaves_nothing(tmp_path):
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([root / "deploy" / "demo", "--quick"], env={**os.environ, "TMPDIR": str(tmp_path)},
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "The name has followed" in ended.stdout
    assert not list(tmp_path.iterdir())
