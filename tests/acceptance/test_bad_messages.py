"""Messages that cannot be used: each ends with its outcome counted, and the manager goes on."""

import copy
import hashlib
import json
import uuid
from pathlib import Path

import pytest

from support import REGION, spec_for, wait_until

EVENTS = Path(__file__).resolve().parents[1] / "data" / "events"
OUTCOMES = ["handled", "duplicate", "foreign", "ignored", "rejected", "left", "unclaimed"]

WRONGLY_TYPED = [None, True, 7, -1.5, "", [], ["x"], {}, {"x": 1}]
MISSING = object()

NO_JSON = ["hello", " ", "{", "}", '{"a":', "[1,]", "nul", "'text'", "{'a': 1}", "\ufeff{}x", '{"a": 1} {"b": 2}',
           "[" * 50_000, '{"a":' * 20_000, "9" * 5_000 + "x", '"\\ud800', "x" * 200_000]
TOPS = ["null", "true", "false", "0", "-1.5", "1e999", "9" * 400, '""', '"text"', "[]", "[1, {}]", "[[[]]]", "{}",
        '{"": ""}', '{"detail-type": null}', '{"spot_manager": 1}', '{"spot_manager": 2}',
        '{"text": 7}', '{"a": 1, "a": 2}']
UNKNOWN_KINDS = [
    {"detail-type": "EC2 Instance Teapot Notification", "source": "aws.ec2", "detail": {}},
    {"detail-type": "EC2 Instance State-change Notification", "source": "com.example", "detail": {}},
    {"spot_manager": 1, "report": "bored"},
    {"spot_manager": 1, "command": "explode", "uid": "u", "issued": "2026-01-15T12:00:00Z"},
    {"text": "A text that nobody agreed on"},
]


def sample(name):
    """An event as AWS sends it, of the account and region that the simulator plays."""
    return {**json.loads((EVENTS / f"{name}.json").read_text()), "account": "123456789012", "region": REGION}


REGISTER = {"spot_manager": 1, "command": "register", "uid": "0" * 32, "issued": "2026-01-15T12:00:00Z",
            "payload": "{}", "signature": "0" * 64}
BOOTED = {"spot_manager": 1, "report": "booted", "name": "nobody", "machine": "i-0123456789abcdef0",
          "token": "0" * 64}
LAUNCHED = {"text": "Lumos new spot instance launched", "iid": "i-0123456789abcdef0", "public_ip": "192.0.2.1",
            "private_ip": "NONE"}
LEGACY_REGISTER = {"text": "New spot requested from web-server", "name": "nobody", "private_ns": "a.example.com",
                   "public_ns": "b.example.com", "public_access": "TRUE", "price": "0.1", "ami": "ami-1",
                   "type": "t3.micro", "sg": "sg-1", "subnet": "subnet-1"}
EVENT_FIELDS = ["id", "time", "account", "region", "detail"]

# Each kind: a message of it about something foreign, the fields that it cannot do without, and those that say what
# it is.
KINDS = {
    "state_change": (sample("instance-state-change-running"),
                     [*EVENT_FIELDS, "detail.instance-id", "detail.state"], ["detail-type", "source"]),
    "fulfillment": (sample("spot-instance-request-fulfillment"),
                    [*EVENT_FIELDS, "detail.instance-id", "detail.spot-instance-request-id"],
                    ["detail-type", "source"]),
    "interruption": (sample("spot-interruption-warning-terminate"),
                     [*EVENT_FIELDS, "detail.instance-id", "detail.instance-action"], ["detail-type", "source"]),
    "rebalance": (sample("instance-rebalance-recommendation"), [*EVENT_FIELDS, "detail.instance-id"],
                  ["detail-type", "source"]),
    "image": (sample("ami-state-change-available"), [], ["detail-type", "source"]),
    "health": (sample("health-scheduled-change-retirement"), [], ["detail-type", "source"]),
    "booted": (BOOTED, ["name", "machine"], ["spot_manager", "report"]),
    "register": (REGISTER, ["uid", "issued", "payload", "signature"], ["spot_manager", "command"]),
    "legacy_launched": (LAUNCHED, ["iid"], ["text"]),
    "legacy_register": (LEGACY_REGISTER, ["name", "ami", "type", "sg", "subnet", "public_access"], ["text"]),
}


def paths(document, prefix=""):
    """`detail`, `detail.state`: every member of the document and of the objects in it."""
    for key, value in document.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{key}.")


def changed(document, path, value):
    document = copy.deepcopy(document)
    *parents, last = path.split(".")
    holder = document
    for parent in parents:
        holder = holder[parent]
    if value is MISSING:
        del holder[last]
    else:
        holder[last] = value
    return document


def value_at(document, path):
    for key in path.split("."):
        document = document[key]
    return document


def variants(document, path):
    """The document with this member missing, null, and of every type that it does not have."""
    right = type(value_at(document, path))
    for wrong in [MISSING, *WRONGLY_TYPED]:
        if wrong == "" or not isinstance(wrong, right):
            yield changed(document, path, wrong)


def fresh(document):
    """The message with an identity of its own, where it has one at all: repeats would be duplicates."""
    if isinstance(document.get("id"), str) and document["id"]:
        document["id"] = str(uuid.uuid4())
    return json.dumps(document)


@pytest.fixture
def outcomes(manager, simulator):
    """Sends messages and tells how many ended with each outcome, by kind."""
    sqs = simulator.client("sqs")

    def counted():
        return {(kind, outcome): manager.metric("spot_manager_messages_total", kind=kind, outcome=outcome)
                for kind in [*KINDS, "drained", "other", "unreadable"] for outcome in OUTCOMES}

    def send(bodies):
        before = counted()
        batch, size = [], 0
        for number, body in enumerate([*bodies, None]):
            if batch and (body is None or len(batch) == 10 or size + len(body.encode()) > 200_000):
                answer = sqs.send_message_batch(QueueUrl=simulator.queue_url, Entries=batch)
                assert not answer.get("Failed"), answer["Failed"]
                batch, size = [], 0
            if body is not None:
                batch.append({"Id": str(number), "MessageBody": body})
                size += len(body.encode())

        def all_counted():
            now = counted()
            return sum(now.values()) - sum(before.values()) >= len(bodies) and now
        after = wait_until(all_counted, timeout=60, what=f"{len(bodies)} messages are counted")
        return {key: int(after[key] - before[key]) for key in after if after[key] != before[key]}

    return send


def queue_is_empty(simulator):
    attributes = simulator.client("sqs").get_queue_attributes(
        QueueUrl=simulator.queue_url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"])["Attributes"]
    return all(count == "0" for count in attributes.values())


def by_outcome(counts):
    sums = {}
    for (_, outcome), count in counts.items():
        sums[outcome] = sums.get(outcome, 0) + count
    return sums


def test_text_that_is_no_json_is_rejected(outcomes, simulator):
    assert outcomes(NO_JSON) == {("unreadable", "rejected"): len(NO_JSON)}
    wait_until(lambda: queue_is_empty(simulator), what="nothing is left in the queue")


def test_every_json_type_at_the_top_has_an_outcome(outcomes, simulator):
    counts = by_outcome(outcomes(TOPS))
    assert sum(counts.values()) == len(TOPS)
    assert set(counts) <= {"rejected", "ignored"}
    wait_until(lambda: queue_is_empty(simulator), what="nothing is left in the queue")


def test_unknown_kinds_are_ignored(outcomes):
    counts = by_outcome(outcomes([json.dumps(body) for body in UNKNOWN_KINDS]))
    assert counts == {"ignored": len(UNKNOWN_KINDS)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_is_needed_and_not_right_is_rejected(kind, outcomes):
    document, needed, _ = KINDS[kind]
    bodies = [fresh(variant) for path in needed for variant in variants(document, path)]
    if bodies:
        assert outcomes(bodies) == {(kind, "rejected"): len(bodies)}


@pytest.mark.parametrize("kind", KINDS)
def test_other_fields_do_not_matter(kind, outcomes):
    document, needed, naming = KINDS[kind]
    free = [path for path in paths(document) if path not in [*needed, *naming]]
    bodies = [fresh(variant) for path in free for variant in variants(document, path)]
    counts = outcomes(bodies)
    assert sum(counts.values()) == len(bodies)
    assert {found for found, _ in counts} <= {kind}
    assert not {outcome for _, outcome in counts} & {"handled", "left"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_does_not_say_well_what_it_is_has_an_outcome(kind, outcomes):
    document, _, naming = KINDS[kind]
    bodies = [fresh(variant) for path in naming for variant in variants(document, path)]
    counts = by_outcome(outcomes(bodies))
    assert sum(counts.values()) == len(bodies)
    assert set(counts) <= {"rejected", "ignored"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_was_cut_off_is_rejected_with_the_reason(kind, outcomes, manager):
    whole = json.dumps(KINDS[kind][0])
    bodies = [whole[:length] for length in range(1, len(whole), len(whole) // 8)]
    assert outcomes(bodies) == {("unreadable", "rejected"): len(bodies)}
    rejected = manager.get("/messages?rejected=true").json()["rejected"]
    assert len(rejected) == len(bodies)
    assert all(told["reason"].startswith("the message is not JSON") for told in rejected)
    hashes = {hashlib.sha256(body.encode()).hexdigest() for body in bodies}
    assert all(told["sha256"] in hashes or told["head"].endswith("... (redacted)") for told in rejected)


def test_other_services_events_are_nobodys(outcomes):
    """One of every kind that AWS's documents show, of our account and region."""
    files = sorted(EVENTS.glob("*.json"))
    counts = by_outcome(outcomes([fresh(sample(file.stem)) for file in files]))
    assert sum(counts.values()) == len(files) > 20
    assert set(counts) <= {"ignored", "foreign", "unclaimed"}


def test_events_of_another_account_or_region_are_rejected(outcomes, manager):
    bodies = [fresh({**sample("instance-state-change-running"), **other})
              for other in ({"account": "210987654321"}, {"region": "eu-west-1"})]
    assert outcomes(bodies) == {("state_change", "rejected"): 2}
    reasons = {message["reason"] for message in manager.get("/messages?rejected=true").json()["rejected"]}
    assert reasons == {"it is an event of account 210987654321 in us-east-1",
                       "it is an event of account 123456789012 in eu-west-1"}


def test_a_huge_message_of_a_known_kind_is_taken_and_not_kept(outcomes, manager):
    """As large as SQS takes them."""
    event = sample("instance-state-change-running")
    deep = json.loads('{"x":' * 20 + "1" + "}" * 20)
    huge = [fresh({**event, "detail": {**event["detail"], **more}})
            for more in ({"x" * 100: "y" * 190_000}, {str(number): number for number in range(10_000)}, deep)]
    # All wait for their machine to become known; two are too large for that, and nobody's at once.
    assert by_outcome(outcomes(huge))["unclaimed"] == 3
    wait_until(lambda: manager.metric("spot_manager_messages_total", kind="state_change", outcome="foreign") == 2,
               what="two are nobody's")


def test_a_flood_of_rejected_messages_pushes_out_no_history_and_keeps_no_secret(outcomes, manager):
    manager.register(spec_for("chen"))
    manager.wait_for_state("chen", "serving")
    forged = [json.dumps({**REGISTER, "payload": json.dumps({"user_data": "a-secret"}), "uid": f"{number:032x}"})
              for number in range(300)]
    assert outcomes(forged) == {("register", "rejected"): len(forged)}
    rejected = manager.get("/messages?rejected=true&limit=500").json()["rejected"]
    assert 0 < len(rejected) <= 60
    assert rejected[0]["reason"] == "its signature is not of this store's key: it is forged, or another manager shares this queue"
    assert "a-secret" not in json.dumps(rejected) and "a-secret" not in manager.said()
    assert manager.get("/instances/chen/history").json()["history"][-1]["event"] == "registered"


def test_foreign_machines_cause_no_action(outcomes, manager):
    """EventBridge delivers the whole account's events."""
    before = manager.metric("spot_manager_actions_total")
    bodies = [fresh(changed(sample("instance-state-change-running"), "detail.instance-id", f"i-{number:017x}"))
              for number in range(200)]
    counts = by_outcome(outcomes(bodies))
    assert set(counts) <= {"unclaimed", "foreign"} and sum(counts.values()) == len(bodies)
    assert manager.metric("spot_manager_actions_total") == before


def test_the_manager_goes_on(outcomes, manager):
    outcomes([*NO_JSON, *TOPS, *map(json.dumps, UNKNOWN_KINDS)])
    assert manager.running
    assert manager.get("/healthz").status_code == 200
    answer = manager.post("/instances", json=spec_for("after-all-that"))
    assert answer.status_code == 202, answer.text
    wait_until(lambda: manager.get(answer.headers["Location"]).json()["state"] == "accepted",
               what="the registration is accepted")
