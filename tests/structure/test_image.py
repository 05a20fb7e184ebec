"""The container image is built from a part of the tree: everything that its build reads must be in it. The build itself
is deploy/test-image's to test."""

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copied():
    """What the first stage of the Dockerfile copies, as far as .dockerignore lets it through."""
    let_through = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    first_stage = (ROOT / "deploy" / "Dockerfile").read_text().partition("\nFROM scratch")[0]
    for source in re.findall(r"^COPY (\S+) \S+$", first_stage, re.MULTILINE):
        yield from (path for path in let_through if path == source or path.startswith(f"{source}/"))


def test_the_image_is_given_all_that_the_build_reads(tmp_path):
    source = tmp_path / "source"
    for path in copied():
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, source / path)
        else:
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, source / path)
    configured = subprocess.run(["meson", "setup", tmp_path / "build", source], capture_output=True, text=True,
                                env={**os.environ, "CXX": "ccache clang++-19", "CXX_LD": "lld-19"}, timeout=120)
    assert configured.returncode == 0, configured.stdout[-2000:]
