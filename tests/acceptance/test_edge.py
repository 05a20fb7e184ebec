"""The web endpoint's edge: TLS, callers that are too large, too slow or too many, and callers without a right."""

import json
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import Manager, spec_for, wait_until, web_session


def connect(manager):
    host, port = manager.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def read_to_the_end(connection):
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
    except ConnectionResetError:
        pass
    return answer.decode(errors="replace")


def problem(answer, status):
    """The problem document of a raw answer."""
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} "), answer
    assert "application/problem+json" in head
    document = json.loads(body)
    assert document["status"] == status
    return document["detail"]


@pytest.fixture
def certificate(tmp_path):
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
                   check=True, capture_output=True, timeout=30)
    return files


def test_it_speaks_tls_to_a_client_that_verifies(build, simulator, tmp_path, certificate):
    options = ["--tls-certificate", certificate[0], "--tls-key", certificate[1]]
    manager = Manager(build / "src/spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url, options)
    url = manager.url.replace("http:", "https:")

    def curl(*arguments):
        return subprocess.run(["curl", "--noproxy", "*", "-sS", "-m", "10", *arguments], capture_output=True, text=True,
                              timeout=20)
    with manager:
        wait_until(lambda: curl("--cacert", certificate[0], "-f", f"{url}/readyz").returncode == 0,
                   what="the manager is ready")
        bearer = f"Authorization: Bearer {manager.READ_TOKEN}"
        asked = curl("--cacert", certificate[0], "-H", bearer, f"{url}/instances")
        assert json.loads(asked.stdout) == {"instances": []}
        assert curl(f"{url}/healthz").returncode == 60, "a client that does not know the certificate"
        assert curl("--cacert", certificate[0], "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0",
                    f"{url}/healthz").returncode == 35, "TLS 1.1"
        assert curl(f"{manager.url}/healthz").returncode != 0, "plain HTTP"


def test_a_body_that_is_too_large_is_413(manager):
    answer = manager.post("/instances", data="x" * 300_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and answer.json()["status"] == 413


def test_a_body_without_end_is_413(manager):
    with connect(manager) as caller:
        caller.sendall(b"POST /instances HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                caller.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
                sent += 0x4000
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 64 * 1024 * 1024, "the caller was let go on"
    assert manager.get("/healthz").status_code == 200


def test_a_header_without_end_is_431(manager):
    with connect(manager) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-More: and more\r\n" * 2000)
        assert "larger than 16384 bytes" in problem(read_to_the_end(caller), 431)


def test_what_is_no_http_is_400(manager):
    with connect(manager) as caller:
        caller.sendall(b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n")
        problem(read_to_the_end(caller), 400)


def test_a_caller_that_does_not_go_on_is_ended(manager):
    begun = time.monotonic()
    with connect(manager) as caller, connect(manager) as silent:
        caller.sendall(b"POST /instances HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        assert "did not arrive within 15s" in problem(read_to_the_end(caller), 408)
        assert read_to_the_end(silent) == ""
    assert time.monotonic() - begun < 20


def test_callers_beyond_the_limit_are_closed_and_the_others_are_served(manager):
    wait_until(lambda: manager.get("/healthz").status_code == 200, what="it answers")
    callers = [connect(manager) for _ in range(300)]
    try:
        def closed():
            count = 0
            for caller in callers:
                caller.setblocking(False)
                try:
                    count += caller.recv(1) == b""
                except BlockingIOError:
                    pass
            return count
        wait_until(lambda: 40 <= closed() < 60, what="those beyond 256 are closed")
        first = callers[0]
        first.settimeout(10)
        first.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert read_to_the_end(first).startswith("HTTP/1.1 200 ")
    finally:
        for caller in callers:
            caller.close()
    wait_until(lambda: manager.get("/healthz").status_code == 200, what="it answers again")


def test_a_caller_without_a_right_changes_nothing(manager, simulator):
    for session, status in ((web_session(), 401), (web_session("a-token-that-nobody-knows"), 401), (manager.reader, 403)):
        answer = session.post(manager.url + "/instances", json=spec_for("nobody"), timeout=10)
        assert answer.status_code == status and answer.json()["status"] == status
    assert manager.get("/instances").json() == {"instances": []}
    assert not simulator.state()["spot_requests"]


def test_a_name_registered_twice_at_once_gets_one_machine(manager, simulator):
    other = spec_for("chen", image_id="ami-0fedcba9876543210")
    specs = [spec_for("chen")] * 6 + [other] * 6
    with ThreadPoolExecutor(len(specs)) as callers:
        answers = list(callers.map(lambda spec: manager.post("/instances", json=spec), specs))
    assert {answer.status_code for answer in answers} <= {202, 409}
    locations = {answer.headers["Location"] for answer in answers if answer.status_code == 202}

    def decided():
        found = [manager.get(location).json() for location in locations]
        return all(registration["state"] in ("accepted", "refused") for registration in found) and found
    states = wait_until(decided, what="every registration is decided")
    assert all("another spec" in registration["reason"] for registration in states if registration["state"] == "refused")
    serving = manager.wait_for_state("chen", "serving")
    winners = {spec["image_id"] for spec, answer in zip(specs, answers)
               if answer.status_code == 202 and manager.get(answer.headers["Location"]).json()["state"] == "accepted"}
    assert winners == {serving["spec"]["image_id"]}
    assert len(simulator.state()["spot_requests"]) == len(simulator.state()["machines"]) == 1


MALFORMED = ["", "hello", "{", "[1,]", '{"name": "chen"', "nul", '{"a":' * 20_000, "[" * 50_000, '"\\ud800"', "\ufeff{}",
             '{"name": "chen"} {"name": "choi"}', "9" * 5_000 + "x"]
NO_SPECS = [None, True, 7, "text", [], {}, {"name": None}, {"name": "x" * 10_000}]
WRONG = [None, True, 7, -1.5, "", "\u0000", [], ["x"], {}, {"x": 1}, [[[[]]]], "x" * 20_000]


def refused(manager, body):
    answer = manager.post("/instances", data=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert answer.json()["detail"]
    return answer.status_code, answer.json().get("errors", [])


def test_bad_bodies_are_refused_with_what_is_wrong(manager, simulator):
    for body in MALFORMED:
        assert refused(manager, body) == (400, []), body[:50]
    for body in NO_SPECS:
        status, errors = refused(manager, json.dumps(body))
        assert status == 422 and errors, body
    required = ["name", "image_id", "instance_types", "subnet_ids", "security_group_ids"]
    assert {error["path"] for error in refused(manager, "{}")[1]} == {f"$.{field}" for field in required}
    good = spec_for("chen")
    for field in required:
        for wrong in WRONG:
            status, errors = refused(manager, json.dumps({**good, field: wrong}))
            assert status == 422 and all(error["path"].startswith(f"$.{field}") for error in errors), (field, wrong, errors)
    every = {field: 7.5 for field in good}
    assert {error["path"] for error in refused(manager, json.dumps({**every, "colour": "red"}))[1]} == \
        {f"$.{field}" for field in [*good, "colour"]}
    assert manager.get("/instances").json() == {"instances": []}
    assert not simulator.state()["spot_requests"]
