"""`spot-manager explain NAME`: the running manager's own account of a name."""

import subprocess

from support import clean_environment, spec_for, wait_until


def explain(manager, name, **settings):
    listen = manager.url.partition("//")[2]
    return subprocess.run([manager.arguments[0], "explain", name], capture_output=True, text=True, timeout=20,
                          env=clean_environment(manager.folder, SPOT_MANAGER_LISTEN=listen, **settings))


def test_a_name_is_explained_to_who_can_read_the_tokens(manager, simulator):
    manager.register(spec_for("lms-chen"))
    first = manager.wait_for_state("lms-chen", "serving")["machine"]
    simulator.do(first, "lose")
    second = wait_until(lambda: manager.instance("lms-chen").get("machine") not in (None, first) and
                        manager.wait_for_state("lms-chen", "serving")["machine"], what="the name has moved")

    tokens = {"SPOT_MANAGER_TOKENS_FILE": str(manager.folder / "tokens")}
    explained = explain(manager, "lms-chen", **tokens)
    assert (explained.returncode, explained.stderr) == (0, "")
    assert f"lms-chen is serving: machine {second} serves since " in explained.stdout
    assert "lms-chen moved to launch 2: " in explained.stdout
    assert f"machine {first} was gone" in explained.stdout
    assert "s of downtime" in explained.stdout

    unknown = explain(manager, "nobody", **tokens)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "spot-manager: no name `nobody` is registered\n"
    assert "a token is needed" in explain(manager, "lms-chen").stderr
    manager.end()
    assert explain(manager, "lms-chen", **tokens).stderr.startswith("spot-manager: connecting to 127.0.0.1")
