"""The README's table of a year is one that the program prints."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_the_readme_shows_every_policy_and_boot_as_the_program_does(build):
    told = subprocess.run([build / "tests" / "fleet-simulation", "--year", "--names", "1", "--taken", "20", "--prices",
                           ROOT / "config" / "prices.json"], capture_output=True, text=True, check=True).stdout
    head, _, *rows = [cells(line)[1:] for line in told.splitlines()]
    chapter = (ROOT / "README.md").read_text().split("## What you get\n")[1].split("\n## ")[0]
    shown = [cells(line) for line in chapter.splitlines() if line.startswith("|")]
    assert shown[0] == head
    assert [row[:2] for row in shown[2:]] == [row[:2] for row in rows]
