"""Keeps proto/ true to itself and to the server: the API's description is valid and has the server's routes, and
every sample keeps to its schema."""

import json
import re
from pathlib import Path

import jsonschema
import openapi_spec_validator
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
API = yaml.safe_load((PROTO / "openapi.yaml").read_text())


def checker(schema):
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def component(name):
    return checker({"$ref": f"#/components/schemas/{name}", "components": API["components"]})


def test_the_description_is_valid_openapi():
    openapi_spec_validator.validate(API)


def test_every_route_is_described_and_every_description_is_a_route():
    table = (ROOT / "src/web/api.cpp").read_text()
    routes = {(path, method.lower()) for path, method in re.findall(r'Route\{"([^"]+)", "([A-Z]+)"', table)}
    described = {(re.sub(r"\{[a-z]+\}", "{}", path), method) for path, item in API["paths"].items() for method in item}
    assert routes == described


@pytest.mark.parametrize("name", sorted(path.name.removesuffix(".schema.json")
                                        for path in (PROTO / "messages").glob("*.schema.json")))
def test_the_sample_of_a_message_keeps_to_its_schema(name):
    schema = json.loads((PROTO / "messages" / f"{name}.schema.json").read_text())
    checker(schema).validate(json.loads((PROTO / "samples" / f"{name}.json").read_text()))


def test_the_specs_of_the_samples_and_examples_keep_to_the_api():
    for path in (PROTO / "samples/spec.json", *(ROOT / "config/examples").glob("*.json")):
        component("Spec").validate(json.loads(path.read_text()))
    command = json.loads((PROTO / "samples/register.json").read_text())
    component("Spec").validate(json.loads(command["payload"]))
