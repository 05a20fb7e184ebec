"""Who may say what: messages put into the queue by those who should not, and DNS names that are another's. Each is
refused in a sentence that a person can read, and nothing is done because of it."""

import json
import time
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from support import REGION, spec_for, wait_until
from test_bad_messages import changed, fresh, sample
from test_retire import address_records, retire, wait_until_gone, write_record
from test_simulator_identity import metadata
from test_story import NAME, PUBLIC, serving_machine

SAMPLES = Path(__file__).resolve().parents[2] / "proto" / "samples"


@pytest.fixture
def say(simulator, manager):
    """Sends a message, as the simulator's user or as another; gives the reason why it was rejected."""
    def send(body, sqs=None):
        before = manager.metric("spot_manager_messages_total", outcome="rejected")
        text = body if isinstance(body, str) else json.dumps(body)
        (sqs or simulator.client("sqs")).send_message(QueueUrl=simulator.queue_url, MessageBody=text)
        wait_until(lambda: manager.metric("spot_manager_messages_total", outcome="rejected") == before + 1,
                   what="the message is rejected")
        return manager.get("/messages?rejected=true&limit=1").json()["rejected"][0]["reason"]
    return send


def as_machine(simulator, machine):
    """SQS, called by a machine with its own role."""
    read = metadata(simulator, machine["private_address"])
    role = read("meta-data/iam/security-credentials/")[1].split()[0]
    found = json.loads(read(f"meta-data/iam/security-credentials/{role}")[1])
    return boto3.client("sqs", region_name=REGION, endpoint_url=simulator.settings["AWS_ENDPOINT_URL"],
                        aws_access_key_id=found["AccessKeyId"], aws_secret_access_key=found["SecretAccessKey"],
                        aws_session_token=found["Token"], config=Config(proxies={}))


def command(name, **changes):
    return {**json.loads((SAMPLES / f"{name}.json").read_text()), **changes}


@pytest.mark.parametrize("name", ["register", "retire"])
def test_a_forged_command_does_nothing(name, say, manager):
    assert say(command(name)).startswith("its signature is not of this store's key")
    assert manager.get("/instances").json()["instances"] == []
    assert manager.get(f"/commands/{command(name)['uid']}").status_code == 404
    # Nothing of its payload is shown.
    assert "lms-chen" not in manager.get("/messages?rejected=true").text


def test_a_machine_speaks_for_itself_alone(simulator, manager, say):
    for name in ("one", "two"):
        manager.register(spec_for(name, dns={}))
    one, two = (serving_machine(simulator, manager, name) for name in ("one", "two"))
    sqs = as_machine(simulator, one)

    gone = changed(changed(sample("instance-state-change-terminated"), "detail.instance-id", two["id"]), "id", "e-1")
    assert say(gone, sqs) == f"it has the form of an event and was sent by machine {one['id']}"
    report = {"spot_manager": 1, "report": "booted", "name": "two", "machine": two["id"], "token": "x"}
    assert say(report, sqs) == f"machine {one['id']} reports about machine {two['id']}"
    assert say(report) == "its token is not that of two"
    legacy = {"text": "Lumos new spot instance launched", "iid": two["id"], "public_ip": "NONE", "private_ip": "NONE"}
    assert say(legacy, sqs).startswith("a legacy report is believed only from the machine's own role session")
    assert say({**sample("instance-state-change-terminated"), "account": "999999999999"}).startswith(
        "it is an event of account 999999999999")
    for name, machine in (("one", one), ("two", two)):
        found = manager.instance(name)
        assert (found["state"], found["machine"]) == ("serving", machine["id"])


def test_a_loss_that_ec2_does_not_confirm_is_not_acted_on(simulator, manager):
    manager.register(spec_for(NAME))
    machine = serving_machine(simulator, manager)
    event = changed(sample("instance-state-change-terminated"), "detail.instance-id", machine["id"])
    event["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    simulator.client("sqs").send_message(QueueUrl=simulator.queue_url, MessageBody=fresh(event))
    wait_until(lambda: "EC2 is asked" in str(manager.instance(NAME)["history"]), what="the event is taken in")

    def asked():
        launch = manager.instance(NAME)["launches"][-1]
        return launch["described"] > launch["claim"]["at"]
    wait_until(asked, what="EC2 is asked")
    assert manager.instance(NAME)["launches"][-1]["ec2_state"] == "running"
    assert len(simulator.spot_requests_of(NAME)) == 1
    assert simulator.dig(PUBLIC) == [machine["public_address"]]


def test_a_retirement_that_comes_again_does_not_touch_a_successor(simulator, manager):
    manager.register(spec_for(NAME))
    serving_machine(simulator, manager)
    # Taken from the queue before the manager has it, and kept by whoever may read there.
    manager.end()
    manager.start()
    manager.wait_until_up()
    simulator.play({"service": "sqs", "operation": "ReceiveMessage", "fault": "duplicate", "probability": 1})
    retire(manager)
    wait_until_gone(manager)
    manager.register(spec_for(NAME))
    serving_machine(simulator, manager)
    wait_until(lambda: manager.metric("spot_manager_messages_total", kind="retire", outcome="duplicate") >= 1,
               what="the command comes again")
    assert manager.instance(NAME)["state"] == "serving"


def test_a_dns_name_belongs_to_one_name(simulator, manager):
    manager.register(spec_for(NAME))
    serving_machine(simulator, manager)
    answer = manager.post("/instances", json=spec_for("other", dns={"public": {"name": PUBLIC}}))
    assert answer.status_code == 409
    assert answer.json()["detail"] == f"the DNS name {PUBLIC} belongs to {NAME}"

    # With the zone said too: the first one's zone is known by now.
    zone = simulator.settings["SIM_ZONE_ID"]
    answer = manager.post("/instances", json=spec_for("other", dns={"public": {"name": PUBLIC, "zone_id": zone}}))
    assert answer.status_code == 409

    # When the first one has gone, the name is free.
    retire(manager)
    wait_until_gone(manager)
    manager.register(spec_for("other", dns={"public": {"name": PUBLIC}}))
    manager.wait_for_state("other", "serving")


def test_that_a_dns_name_is_taken_may_show_only_when_its_zone_is_found(simulator, manager):
    simulator.control("capacity", instance_type="t3.large", available=False)
    manager.register(spec_for(NAME, dns={"public": {"name": PUBLIC}}))
    manager.wait_for_state(NAME, "requesting")
    zone = simulator.settings["SIM_ZONE_ID"]
    manager.register(spec_for("other", instance_types=["t3.small"], dns={"public": {"name": PUBLIC, "zone_id": zone}}))
    other = serving_machine(simulator, manager, "other")
    simulator.control("capacity", instance_type="t3.large", available=True)
    wait_until(lambda: "its DNS name belongs to other" in manager.instance(NAME)["reason"], what="the status says why")
    assert address_records(simulator) == {PUBLIC: [other["public_address"]]}


STRANGERS = {
    "CNAME": ({"Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "elsewhere.example.com"}]},
              f"{PUBLIC} is a CNAME, which cannot stand beside an A record: remove it first"),
    "routing policy": ({"Type": "A", "TTL": 60, "SetIdentifier": "blue", "Weight": 1,
                        "ResourceRecords": [{"Value": "192.0.2.66"}]},
                       f"{PUBLIC} has a routing policy: remove its record sets first"),
    "address": ({"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.66"}]},
                f'{PUBLIC} has an A record that is not ours: remove it, or say "take_over": true'),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_record_that_is_not_ours_is_not_written_over(kind, simulator, manager):
    record, sentence = STRANGERS[kind]
    simulator.client("route53").change_resource_record_sets(
        HostedZoneId=simulator.settings["SIM_ZONE_ID"],
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": PUBLIC, **record}}]})
    manager.register(spec_for(NAME, dns={"public": {"name": PUBLIC}}))
    wait_until(lambda: sentence in manager.instance(NAME)["reason"], what="the status says why")
    found = simulator.client("route53").list_resource_record_sets(
        HostedZoneId=simulator.settings["SIM_ZONE_ID"], StartRecordName=PUBLIC)["ResourceRecordSets"][0]
    assert (found["Type"], found["ResourceRecords"]) == (record["Type"], record["ResourceRecords"])

    # What is not ours is not deleted either.
    retire(manager)
    wait_until_gone(manager)
    assert simulator.client("route53").list_resource_record_sets(
        HostedZoneId=simulator.settings["SIM_ZONE_ID"], StartRecordName=PUBLIC)["ResourceRecordSets"][0] == found


def test_a_record_that_is_not_ours_is_taken_over_when_the_spec_says_so(simulator, manager):
    write_record(simulator, PUBLIC, "192.0.2.66")
    manager.register(spec_for(NAME, dns={"public": {"name": PUBLIC, "take_over": True}}))
    machine = serving_machine(simulator, manager)
    assert address_records(simulator) == {PUBLIC: [machine["public_address"]]}
