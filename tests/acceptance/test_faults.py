"""Each fault of AWS and of the way to it against the running manager: it stays up, tells, and converges; nothing is
lost, and nothing doubled."""

import subprocess

import pytest

from account import assert_agreement, broken_rules, requests_with_machine
from gate import Gate
from support import Manager, spec_for, wait_until

STRUCK = 6


def healthy(manager):
    assert manager.running, f"the manager has ended: {manager.process.returncode}"
    assert manager.get("/healthz").status_code == 200, manager.get("/healthz").text
    return True


def post_until_taken(manager, name):
    """As a user does: a registration that was not taken is posted again."""
    wait_until(lambda: healthy(manager) and manager.post("/instances", json=spec_for(name)).status_code == 202,
               timeout=30, what=f"the registration of {name} is taken")


def serve(simulator, manager, name):
    manager.register(spec_for(name))
    wait_until(lambda: assert_agreement(simulator, manager, [name]), what=f"{name} is served")
    return manager.instance(name)["machine"]


def end_well(simulator, manager, losses, timeout=40):
    """`losses` by name. All agrees, and no name has had a spot request more than its losses ask for."""
    wait_until(lambda: healthy(manager) and assert_agreement(simulator, manager, losses), timeout=timeout,
               what="account, DNS and records agree")
    for name, lost in losses.items():
        requests = requests_with_machine(simulator, name)
        assert len(requests) == 1 + lost, requests


CALLS_FAIL = [
    # fault, class of the error as it is counted; or a word of the log, where the answer was of success
    ("throttle", "throttled"),
    ("unavailable", "transient"),
    ("access_denied", "permission"),
    ("expired_credentials", "auth"),
    ("reset_before", "transient"),
    ("reset_after", "transient"),
    ("cut", "transient"),
    ("oversized", "transient"),
    ("html", "UnreadableAnswer"),
    ("error:SomethingNew", "invalid"),
]


@pytest.mark.parametrize("fault, told", CALLS_FAIL)
def test_while_calls_fail(simulator, manager, fault, told):
    lost = serve(simulator, manager, "lost")
    simulator.play({"service": "ec2", "fault": fault}, {"service": "route53", "fault": fault},
                   {"service": "sqs", "fault": fault, "probability": 0.5})
    simulator.do(lost, "lose")
    post_until_taken(manager, "new")
    wait_until(lambda: healthy(manager) and sum(rule["struck"] for rule in simulator.faults()) >= STRUCK,
               what=f"{fault} has struck")
    wait_until(lambda: manager.metric("spot_manager_aws_calls_total", outcome=told) > 0 or told in manager.said(),
               what=f"{told} is told")
    assert broken_rules(simulator.state()) == []
    simulator.be_kind()
    end_well(simulator, manager, {"lost": 1, "new": 0})


SEEN_WRONG = [
    [{"fault": "delay", "by": "400ms", "probability": 0.5}],
    [{"fault": "close"}],
    [{"service": "ec2", "fault": "stale", "by": "1s"}],
    [{"service": "route53", "fault": "pending", "by": "2s"}],
    [{"service": "events", "fault": "duplicate"}, {"service": "sqs", "fault": "duplicate", "by": "500ms"}],
    [{"service": "events", "fault": "delay", "by": "2s", "probability": 0.5},
     {"service": "sqs", "fault": "reorder"}],
    [{"service": "events", "fault": "drop"}],
    [{"service": "sqs", "fault": "short_batch"}],
]


@pytest.mark.parametrize("rules", SEEN_WRONG, ids=lambda rules: "+".join(rule["fault"] for rule in rules))
def test_while_answers_and_messages_mislead(simulator, manager, rules):
    """What is only late, stale, twice or lost must not keep a name from its next machine."""
    lost = serve(simulator, manager, "lost")
    simulator.play(*rules)
    simulator.do(lost, "lose")
    post_until_taken(manager, "new")
    end_well(simulator, manager, {"lost": 1, "new": 0})
    assert sum(rule["struck"] for rule in simulator.faults()) > 0
    simulator.be_kind()
    end_well(simulator, manager, {"lost": 1, "new": 0})


@pytest.mark.parametrize("reason", ["capacity", "quota"])
def test_while_there_is_no_machine_to_be_had(simulator, manager, reason):
    lost = serve(simulator, manager, "lost")
    if reason == "capacity":
        simulator.control("capacity", available=False)
    else:
        simulator.play({"operation": "RequestSpotInstances", "fault": "error:MaxSpotInstanceCountExceeded"})
    simulator.do(lost, "lose")
    words = {"capacity": "capacity", "quota": "MaxSpotInstanceCountExceeded"}[reason]
    wait_until(lambda: healthy(manager) and words in str(manager.instance("lost")), what="the reason is told")
    simulator.control("capacity", available=True)
    simulator.be_kind()
    end_well(simulator, manager, {"lost": 1})


@pytest.fixture
def certificates(tmp_path):
    """Two self-signed certificates for loopback."""
    for which in ("right", "wrong"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", f"/CN={which}", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", tmp_path / f"{which}.key", "-out", tmp_path / f"{which}.pem"],
                       check=True, capture_output=True, timeout=20)
    return {which: (tmp_path / f"{which}.pem", tmp_path / f"{which}.key") for which in ("right", "wrong")}


@pytest.mark.parametrize("mode", ["refuse", "reset", "silent", "drip", "wrong certificate"])
def test_while_the_way_to_aws_is_broken(build, simulator, tmp_path, certificates, mode):
    with_tls = mode == "wrong certificate"
    with Gate(simulator.settings["AWS_ENDPOINT_URL"], certificates["right"] if with_tls else None) as gate:
        settings = {**simulator.aws_settings, "AWS_CA_BUNDLE": str(certificates["right"][0]),
                    "AWS_ENDPOINT_URL": f"http{'s' if with_tls else ''}://127.0.0.1:{gate.port}"}
        with Manager(build / "src" / "spot-manager", tmp_path, settings, simulator.queue_url,
                     ["--call-timeout", "2s", "--receive-wait", "1s"]) as manager:
            manager.wait_until_up()
            lost = serve(simulator, manager, "lost")
            before = gate.taken
            failures = lambda: manager.metric("spot_manager_aws_calls_total", outcome="transient")
            failed_before = failures()
            if with_tls:
                gate.tls = certificates["wrong"]
                gate.mode = "pass"
            else:
                gate.mode = mode
            simulator.do(lost, "lose")
            answer = manager.post("/instances", json=spec_for("new"))
            assert answer.status_code == 202 if mode == "drip" else answer.status_code in (202, 502, 503, 504)
            wait_until(lambda: healthy(manager) and failures() > failed_before + 2 or mode == "drip" and gate.taken > before,
                       what="the failure is counted")
            if with_tls:
                assert "certificate" in manager.said()
                gate.tls = certificates["right"]
            gate.mode = "pass"
            post_until_taken(manager, "new")
            end_well(simulator, manager, {"lost": 1, "new": 0})


def test_a_machine_role_whose_credentials_expire_all_the_time(build, tmp_path, simulator):
    """By the metadata service alone, as on a machine of EC2's own."""
    settings = {name: value for name, value in simulator.aws_settings.items()
                if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    with Manager(build / "src" / "spot-manager", tmp_path, settings, simulator.queue_url) as manager:
        manager.wait_until_up()
        simulator.play({"fault": "expired_credentials", "probability": 0.3})
        post_until_taken(manager, "lost")
        wait_until(lambda: assert_agreement(simulator, manager, ["lost"]), what="lost is served")
        simulator.do(manager.instance("lost")["machine"], "lose")
        wait_until(lambda: len(simulator.machines_of("lost")) == 2, what="the next machine is there")
        end_well(simulator, manager, {"lost": 1})
        assert manager.metric("spot_manager_aws_calls_total", outcome="auth") > 0
