"""What the acceptance tests share: the built programs, run as their users run them."""

import os
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also the tests that take longer")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes longer; run with --long"))


@pytest.fixture(scope="session")
def build():
    """The build folder, by SPOT_MANAGER_BUILD or beside the sources."""
    return Path(os.environ.get("SPOT_MANAGER_BUILD") or Path(__file__).resolve().parents[2] / "build")
