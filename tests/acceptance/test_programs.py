"""What everybody tries first."""

import subprocess

import pytest


@pytest.mark.parametrize("program", ["spot-manager", "spot-manager-sim"])
def test_a_program_ends_well(build, program):
    ended = subprocess.run([build / "src" / program, "--help"], capture_output=True, timeout=20)
    assert ended.returncode == 0, ended.stderr
