"""The web endpoint against its own description: every answer of a running manager keeps to proto/openapi.yaml."""

from pathlib import Path

import jsonschema
import pytest
import requests
import yaml

from support import wait_until
from test_story import NAME, serving_machine, spec_for

API = yaml.safe_load((Path(__file__).resolve().parents[2] / "proto/openapi.yaml").read_text())


def resolved(part):
    return API["components"]["responses"][part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else part


def check(answer, path, method="get"):
    """The status, the media type and the body of an answer are described."""
    described = API["paths"][path][method]["responses"]
    status = str(answer.status_code)
    assert status in described, f"{method} {path} answered {status}: {answer.text}"
    content = resolved(described[status])["content"]
    media_type = answer.headers["Content-Type"].split(";")[0]
    assert media_type in content
    if media_type.endswith("json"):
        schema = {**content[media_type]["schema"], "components": API["components"]}
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(answer.json())
    return answer


def test_every_answer_is_as_described(simulator, manager):
    accepted = check(manager.post("/instances", json=spec_for(NAME, user_data="#!/bin/sh\n: a-secret\n")),
                     "/instances", "post")
    location = accepted.headers["Location"]
    check(manager.get(location), "/registrations/{uid}")
    machine = serving_machine(simulator, manager)
    simulator.do(machine["id"], "notice")
    wait_until(lambda: manager.instance(NAME).get("notice"), what="the notice is shown")

    assert check(manager.get(location), "/registrations/{uid}").json()["state"] == "accepted"
    page = check(manager.get("/instances?limit=1"), "/instances")
    whole = check(manager.get(f"/instances/{NAME}"), "/instances/{name}")
    assert whole.json()["machine"] == page.json()["instances"][0]["machine"]
    assert "a-secret" not in whole.text
    for path in ("/", "/healthz", "/readyz", "/metrics"):
        assert check(manager.get(path), path).status_code == 200

    explained = check(manager.get(f"/instances/{NAME}/explain"), "/instances/{name}/explain")
    assert machine["id"] in explained.text
    check(manager.get(f"/instances/{NAME}/explain", headers={"Accept": "text/plain"}), "/instances/{name}/explain")
    check(manager.get("/", headers={"Accept": "text/html"}), "/")

    check(manager.get("/instances/nobody"), "/instances/{name}")
    check(manager.get("/instances/nobody/explain"), "/instances/{name}/explain")
    check(manager.get("/registrations/nobody"), "/registrations/{uid}")
    check(manager.get("/instances?limit=none"), "/instances")
    for body in ({"data": "{"}, {"json": {"name": "Not A Name"}}, {"data": "x" * 300_000},
                 {"data": "name=x", "headers": {"Content-Type": "text/plain"}},
                 {"json": spec_for(NAME, image_id="ami-0fedcba9876543210")}):
        body.setdefault("headers", {}).setdefault("Content-Type", "application/json")
        check(manager.post("/instances", **body), "/instances", "post")


@pytest.mark.parametrize("path", ["/", "/instances", "/metrics"])
def test_without_a_token_one_learns_nothing(manager, path):
    answer = check(requests.get(manager.url + path, timeout=10), path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_reader_cannot_register(manager):
    answer = check(manager.reader.post(manager.url + "/instances", json=spec_for(NAME), timeout=10), "/instances",
                   "post")
    assert answer.status_code == 403


def test_head_is_get_without_a_body(manager):
    answer = manager.reader.head(manager.url + "/instances", timeout=10)
    assert answer.status_code == 200
    assert answer.text == ""
    assert int(answer.headers["Content-Length"]) > 0
