"""Keeps src/README.md true: the map of the house, and who may include whom, are read from it and compared
with the files."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
MAP = (SRC / "README.md").read_text()

# Longer files, each with the reason why it is not two.
MAY_BE_LONG = {}

TOP_LEVEL = {"meson.build", "src", "proto", "tests", "deploy", "config", "README.md", "LICENSE"}

# Libraries that only some rooms may see, by the beginning of the header's name.
ONLY_IN = {
    "boost/beast": {"http"},
    "lmdb.h": {"store"},
    "pugixml": {"aws", "sim"},
    "CLI/": {"app", "sim", ""},
}

# The pure room: whatever happens in it follows from its arguments.
IMPURE_INCLUDES = ("boost/asio", "boost/beast", "base/clock.hpp", "random", "fstream", "iostream", "filesystem",
                   "thread", "mutex", "future", "openssl/", "spdlog/")
IMPURE_CALLS = re.compile(r"\b(\w+_clock::now|getenv|std::rand|random_device)\b")

# Words of AWS's wire, which only the room that speaks it and the one that plays AWS may know; and the script that
# machines run at their first boot, with curl.
SPEAKS_WIRE = {"aws", "sim", "fleet/user_data.cpp"}
WIRE_WORDS = re.compile(r"X-Amz-|AWS4-HMAC|x-amz-json", re.IGNORECASE)


def code_files(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in (".cpp", ".hpp"))


def room_of(path):
    """The room's name, empty for main.cpp beside the rooms."""
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else ""


def includes(path):
    """Yields (line number, own, header): own is true for "quoted" includes."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if found := re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line):
            yield number, found[1] is not None, found[1] or found[2]


def where(path, number):
    return f"{path.relative_to(ROOT)}:{number}"


def mapped_files():
    """The map's rooms, each with the names listed in it: `### room/`, then lines "- `name`: purpose"."""
    rooms = {}
    room = None
    for line in MAP.splitlines():
        if line.startswith("#"):
            heading = re.match(r"### `?([a-z]*)/`?", line)
            room = heading[1] if heading else "" if line.startswith("### `main") else None
            if room is not None:
                rooms[room] = []
        elif room is not None and (entry := re.match(r"- `([^`]+)`: \S", line)):
            rooms[room].append(entry[1])
    return rooms


def allowed_includes():
    """The table under "Who may include whom": room -> the rooms below it."""
    allowed = {}
    for line in MAP.splitlines():
        if row := re.match(r"\| `(\w+)` \| ([^|]*) \|", line):
            allowed[row[1]] = set(re.findall(r"`(\w+)`", row[2]))
    return allowed


def actual_files(room):
    """A room's files as the map names them: header and source of one name are one entry."""
    folder = SRC / room
    return {str(path.relative_to(folder).with_suffix("")) for path in code_files(folder)}


def test_the_map_lists_exactly_the_rooms():
    rooms = {path.name for path in SRC.iterdir() if path.is_dir()}
    assert set(mapped_files()) - {""} == rooms
    assert set(allowed_includes()) == rooms


@pytest.mark.parametrize("room", sorted(path.name for path in SRC.iterdir() if path.is_dir()))
def test_the_map_lists_exactly_the_files_of(room):
    listed = mapped_files().get(room, [])
    assert len(listed) == len(set(listed)), "listed twice"
    actual = actual_files(room)
    assert not actual - set(listed), f"missing in src/README.md under {room}/"
    assert not set(listed) - actual, f"listed in src/README.md under {room}/, but not there"


def test_includes_only_go_down():
    allowed = allowed_includes()
    wrong = []
    for path in code_files(SRC):
        room = room_of(path)
        may = allowed[room] | {room} if room else set(allowed)
        for number, own, header in includes(path):
            if own and ("/" not in header or header.split("/")[0] not in may):
                wrong.append(f'{where(path, number)}: {room or "main"} may not include "{header}"')
            if own and not (SRC / header).is_file():
                wrong.append(f'{where(path, number)}: no such file: "{header}"')
    assert not wrong, "\n".join(wrong)


def test_the_table_of_rooms_has_no_circle():
    allowed = allowed_includes()
    left = dict(allowed)
    while left:
        bottom = {room for room, below in left.items() if not below & set(left)}
        assert bottom, f"these rooms include each other in a circle: {sorted(left)}"
        left = {room: below for room, below in left.items() if room not in bottom}


def test_libraries_stay_in_their_rooms():
    wrong = [
        f"{where(path, number)}: <{header}> belongs in {', '.join(sorted(rooms))}"
        for path in code_files(SRC)
        for number, own, header in includes(path)
        for start, rooms in ONLY_IN.items()
        if not own and header.startswith(start) and room_of(path) not in rooms
    ]
    assert not wrong, "\n".join(wrong)


def test_the_core_is_pure():
    wrong = []
    for path in code_files(SRC / "fleet"):
        wrong += [f"{where(path, number)}: {header}" for number, _, header in includes(path)
                  if header.startswith(IMPURE_INCLUDES)]
        wrong += [f"{where(path, number)}: {line.strip()}"
                  for number, line in enumerate(path.read_text().splitlines(), 1)
                  if IMPURE_CALLS.search(line)]
    assert not wrong, "\n".join(wrong)


def test_only_aws_speaks_its_wire():
    wrong = [
        f"{where(path, number)}: {line.strip()}"
        for path in code_files(SRC)
        if not {room_of(path), str(path.relative_to(SRC))} & SPEAKS_WIRE
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if WIRE_WORDS.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_source_is_built():
    forgotten = []
    for folder in (SRC, ROOT / "tests" / "unit"):
        for path in code_files(folder):
            if path.suffix != ".cpp":
                continue
            names = {path.name, str(path.relative_to(folder))}
            builds = [build.read_text() for build in (path.parent / "meson.build", folder / "meson.build",
                                                      folder.parent / "meson.build") if build.is_file()]
            if not any(re.search(rf"['/]{re.escape(name)}'", build) for name in names for build in builds):
                forgotten.append(str(path.relative_to(ROOT)))
    assert not forgotten, f"in no meson.build: {forgotten}"


def test_every_header_guards_itself():
    without = [str(path.relative_to(ROOT)) for path in code_files(SRC)
               if path.suffix == ".hpp" and "#pragma once" not in path.read_text()]
    assert not without


def our_text_files():
    folders = [SRC, ROOT / "deploy", ROOT / "config", ROOT / "proto", ROOT / ".ci", ROOT / "tests"]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(ROOT).parts
            if path.is_file() and inside[:2] != ("tests", "data") and "__pycache__" not in inside:
                yield path
    yield ROOT / "meson.build"
    if (ROOT / "README.md").is_file():
        yield ROOT / "README.md"


def test_files_are_short():
    long = {str(path.relative_to(ROOT)): lines for path in our_text_files()
            if path.suffix in (".cpp", ".hpp", ".py", ".build", "")
            and (lines := len(path.read_text().splitlines())) > 400}
    assert not set(long) - set(MAY_BE_LONG), f"longer than 400 lines: {long}"
    assert not set(MAY_BE_LONG) - set(long), "no longer long: take it off the list"


def test_nothing_is_put_off_and_nobodys_machine_is_named():
    unwanted = re.compile(r"\bTO" r"DO\b|\bFIX" r"ME\b|\bXX" r"X\b|\bDESIGN\b|(?<![\w.])/(?:home|wor" r"k|Users)/")
    wrong = [f"{where(path, number)}: {line.strip()}"
             for path in our_text_files()
             for number, line in enumerate(path.read_text().splitlines(), 1) if unwanted.search(line)]
    assert not wrong, "\n".join(wrong)


def test_the_top_level_is_as_agreed():
    ours = {path.name for path in ROOT.iterdir()
            if not path.name.startswith((".", "build")) and path.name != "__pycache__"}
    assert ours <= TOP_LEVEL, f"not at the top level: {sorted(ours - TOP_LEVEL)}"


def test_the_alert_rules_ask_for_metrics_that_the_readme_tells_of():
    rules = [rule for group in yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text())["groups"]
             for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"spot_manager_\w+", rule["expr"])}
    assert rules and asked <= set(re.findall(r"`(spot_manager_\w+)`", (ROOT / "README.md").read_text()))
