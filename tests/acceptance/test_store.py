"""The state on disk: what cannot be used is refused in a sentence and left as it is, what is damaged blocks as
little as can be, and a backup that is restored goes on."""

import json
import mmap
import shutil
import subprocess
import threading

import pytest

from support import clean_environment, spec_for, wait_until


@pytest.fixture
def program(build):
    return build / "src/spot-manager"


def run(program, folder, *arguments):
    """`spot-manager` with arguments, ended within a moment."""
    settings = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}
    return subprocess.run([program, *map(str, arguments)], env=clean_environment(folder, **settings), cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)


def refusal(ended):
    """The one sentence on standard error of a program that could not."""
    assert ended.returncode == 2, (ended.returncode, ended.stderr)
    assert ended.stdout == ""
    lines = [line for line in ended.stderr.splitlines() if line.startswith("spot-manager: ")]
    assert len(lines) == 1, ended.stderr
    return lines[0]


def serve(program, folder, store):
    return run(program, folder, "serve", "--queue-url", "spot-manager", "--listen", "127.0.0.1:1", "--store", store)


def patch(file, old, new):
    """Changes bytes behind the store's back; LMDB keeps old pages, so there may be several places."""
    content = file.read_bytes()
    assert old in content and len(old) == len(new)
    file.write_bytes(content.replace(old, new))


def served(manager, simulator, *names):
    """The machine of each name, once all are served and DNS says so."""
    def machines():
        found = {name: manager.instance(name) for name in names}
        assert all(status["state"] == "serving" for status in found.values()), found
        for name, status in found.items():
            assert simulator.dig(f"{name}.{simulator.ZONE}") == [status["addresses"]["public"]]
        return {name: status["machine"] for name, status in found.items()}
    return wait_until(machines, what=f"{', '.join(names)} are served")


def living(simulator, name):
    return [machine["id"] for machine in simulator.machines_of(name) if machine["state"] in ("pending", "running")]


@pytest.fixture
def store(manager, simulator):
    """A store that a manager has used for two names and left."""
    for name in ("alpha", "beta"):
        manager.register(spec_for(name))
    served(manager, simulator, "alpha", "beta")
    assert manager.end() == 0
    return manager.folder / "store"


def test_what_cannot_be_used_is_refused_and_left_as_it_is(program, store, tmp_path):
    good = (store / "data.mdb").read_bytes()
    newer = good.replace(b"spot_manager_format1", b"spot_manager_format2")
    assert newer != good
    # Cut behind LMDB's two meta pages, since any other page may be one that nothing needs.
    cases = {"text": b"not a store\n" * 1000, "cut": good[:2 * mmap.PAGESIZE], "newer": newer,
             "zeros": bytes(len(good))}
    said = {}
    for case, content in cases.items():
        folder = tmp_path / case
        folder.mkdir()
        (folder / "data.mdb").write_bytes(content)
        said[case] = refusal(serve(program, tmp_path, folder))
        assert (folder / "data.mdb").read_bytes() == content
    file = tmp_path / "text/data.mdb"
    assert said["text"] == f"spot-manager: {file} is not a store of spot-manager; it is left as it is"
    assert said["zeros"].endswith("is not a store of spot-manager; it is left as it is")
    assert "is damaged (" in said["cut"]
    assert "has format 2, and this program knows formats up to 1: use a newer spot-manager" in said["newer"]
    assert "must be a folder" in refusal(serve(program, tmp_path, file))
    for command in ("export", "backup"):
        words = [command, "--store", tmp_path / "cut"] + ([tmp_path / "copy"] if command == "backup" else [])
        assert "damaged" in refusal(run(program, tmp_path, "store", *words))


def test_a_second_process_is_refused(program, manager):
    sentence = refusal(serve(program, manager.folder, manager.folder / "store"))
    assert sentence.endswith(f"is in use by process {manager.process.pid}: only one spot-manager may have it open")
    assert manager.get("/healthz").status_code == 200


def test_a_damaged_record_blocks_only_its_own_name(program, simulator, manager, store):
    machine = living(simulator, "alpha")
    uid = next(json.loads(line)["value"]["record"]["uid"]
               for line in run(program, manager.folder, "store", "export", "--store", store).stdout.splitlines()
               if json.loads(line)["name"] == "alpha")
    written = b'{"version":1,"record":{"uid":"%s"' % uid.encode()
    patch(store / "data.mdb", written, written.replace(b'"record":{', b'"rec\xffrd":['))
    manager.start()
    manager.wait_until_up()

    assert manager.metric("spot_manager_unreadable_records") == 1
    listed = {item["name"]: item for item in manager.get("/instances").json()["instances"]}
    assert listed["alpha"]["state"] == "unreadable" and "cannot be read" in listed["alpha"]["reason"]
    assert manager.instance("alpha") == listed["alpha"]
    refused = manager.post("/instances", json=spec_for("alpha"))
    assert refused.status_code == 409 and "cannot be read" in refused.json()["detail"]

    simulator.do(machine[0], "notice")
    simulator.do(living(simulator, "beta")[0], "lose")
    first = listed["beta"]["machine"]
    wait_until(lambda: served(manager, simulator, "beta")["beta"] != first, what="beta is served by another machine")
    manager.register(spec_for("gamma"))
    served(manager, simulator, "gamma")
    assert living(simulator, "alpha") == machine, "what is blocked is left alone"
    assert simulator.dig(f"alpha.{simulator.ZONE}")
    exported = run(program, manager.folder, "store", "export", "--store", store).stdout.splitlines()
    assert [json.loads(line)["name"] for line in exported] == ["alpha", "beta", "gamma"]


def test_the_state_is_exported_beside_the_manager(program, manager, simulator):
    manager.register(spec_for("alpha", user_data="#!/bin/sh\n: its own\n"))
    served(manager, simulator, "alpha")
    exported = run(program, manager.folder, "store", "export", "--store", manager.folder / "store")
    assert exported.returncode == 0, exported.stderr
    line, = map(json.loads, exported.stdout.splitlines())
    assert line["name"] == "alpha"
    assert line["value"]["record"]["spec"]["user_data"] == "#!/bin/sh\n: its own\n"
    assert "user data" in run(program, manager.folder, "store", "export", "--help").stdout


def test_a_backup_under_load_is_restored_and_the_manager_goes_on(program, manager, simulator):
    names = [f"name-{number}" for number in range(6)]
    for name in names:
        # Whoever reports after the backup is not heard again.
        manager.register(spec_for(name, readiness={"report": False}))
    machines = served(manager, simulator, *names)
    store, backup = manager.folder / "store", manager.folder / "backup"
    enough = threading.Event()

    def load():
        foreign = {"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "account": "123456789012",
                   "region": "us-east-1", "time": "2026-01-15T12:00:00Z"}
        sqs = simulator.client("sqs")
        number = 0
        while not enough.is_set():
            number += 1
            body = {**foreign, "id": f"load-{number}", "detail": {"instance-id": f"i-{number:017x}", "state": "running"}}
            sqs.send_message(QueueUrl=simulator.queue_url, MessageBody=json.dumps(body))
    thread = threading.Thread(target=load)
    thread.start()
    try:
        for number in range(5):
            copied = run(program, manager.folder, "store", "backup", f"{backup}-{number}", "--store", store)
            assert copied.returncode == 0, copied.stderr
    finally:
        enough.set()
        thread.join()
    again = refusal(run(program, manager.folder, "store", "backup", f"{backup}-4", "--store", store))
    assert again.endswith("is there already; it is not overwritten")
    restore = ["store", "restore", f"{backup}-4", "--store", store]
    assert "is in use by process" in refusal(run(program, manager.folder, *restore, "--replace"))

    # What the backup does not know: a name that lost its machine for another one since.
    simulator.do(machines["name-0"], "lose")
    wait_until(lambda: served(manager, simulator, "name-0")["name-0"] != machines["name-0"],
               what="name-0 is served by another machine")
    manager.kill()
    assert "--replace" in refusal(run(program, manager.folder, *restore))
    shutil.rmtree(store)
    restored = run(program, manager.folder, *restore)
    assert restored.returncode == 0 and "6 names" in restored.stdout, restored

    manager.start()
    manager.wait_until_up()
    after = served(manager, simulator, *names)
    assert {name: after[name] for name in names[1:]} == {name: machines[name] for name in names[1:]}
    wait_until(lambda: all(len(living(simulator, name)) == 1 for name in names), what="no machine is doubled")
    assert manager.register(spec_for("new")) and served(manager, simulator, "new")
