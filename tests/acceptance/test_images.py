"""Images by name: what other tools announce, and what the commands tell."""

import json
import subprocess

import pytest

from support import Manager, clean_environment, spec_for, wait_until

IMAGE = "ami-0fedcba9876543210"
STATES = ("requesting", "booting", "serving")


@pytest.fixture
def tell(manager):
    """Runs a command of the manager's program on the manager's own host."""
    def run(*arguments):
        listen = manager.url.partition("//")[2]
        settings = {"SPOT_MANAGER_LISTEN": listen, "SPOT_MANAGER_TOKENS_FILE": str(manager.folder / "tokens"),
                    "SPOT_MANAGER_STORE": str(manager.folder / "store")}
        return subprocess.run([manager.arguments[0], *arguments], capture_output=True, text=True, timeout=20,
                              env=clean_environment(manager.folder, **settings))
    return run


def images(manager, name="lms-chen"):
    return manager.get(f"/instances/{name}/images").json()["images"]


def test_another_tools_image_comes_into_the_chain_by_a_signed_message(manager, simulator, tell):
    manager.register(spec_for("lms-chen", image={"schedule": "off"}))
    manager.wait_for_state("lms-chen", "serving")
    signed = tell("sign", "lms-chen", IMAGE)
    assert (signed.returncode, signed.stderr) == (0, "")
    queue = simulator.client("sqs")
    forged = signed.stdout.replace(IMAGE, IMAGE.replace("f", "e"))
    for body in (forged, signed.stdout, signed.stdout):
        queue.send_message(QueueUrl=simulator.queue_url, MessageBody=body)
    wait_until(lambda: manager.metric("spot_manager_messages_total", kind="image_created", outcome="duplicate"),
               what="all have been taken in")
    assert manager.metric("spot_manager_messages_total", kind="image_created", outcome="rejected") == 1
    [announced] = [image for image in images(manager) if image["origin"] == "announced"]
    assert announced["id"] == IMAGE
    listed = tell("images", "lms-chen")
    assert listed.returncode == 0 and IMAGE in listed.stdout.splitlines()[0]


def test_an_image_is_made_and_the_next_machine_boots_from_it(manager, simulator, tell):
    manager.register(spec_for("lms-chen", image={"schedule": "off", "retain": 1}))
    first = manager.wait_for_state("lms-chen", "serving")["machine"]
    known = {image["id"] for image in images(manager)}
    answer = manager.post("/instances/lms-chen/image")
    assert answer.status_code == 202, answer.text
    made = wait_until(lambda: [image for image in images(manager)
                               if image["id"] not in known and image.get("announced")],
                      what="an image is made and announced")[0]
    assert (made["machine"], made["verdict"]) == (first, "candidate")
    assert manager.metric("spot_manager_images_total", outcome="made") == 1

    assert manager.post("/instances/lms-chen/replace").status_code == 202
    second = wait_until(lambda: [machine for machine in simulator.machines_of("lms-chen") if machine["id"] != first],
                        what="another machine is launched")[0]
    assert second["image_id"] == made["id"]
    wait_until(lambda: [image for image in images(manager) if image["id"] == made["id"] and image["verdict"] == "good"],
               what="the image is known to be good")
    assert f"{made['id']}" in tell("images", "lms-chen").stdout

    # Nothing of it is left when the name is retired so.
    assert manager.delete("/instances/lms-chen?remove_images=true").status_code == 202
    wait_until(lambda: manager.get("/instances/lms-chen").status_code == 404, timeout=40, what="the name is gone")
    owned = simulator.client("ec2")
    assert owned.describe_images(Owners=["self"])["Images"] == []
    assert owned.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []


def test_another_tool_registers_an_image_and_the_next_machine_boots_from_it(manager, simulator, tell):
    """Packer, say, or a person: by the AWS CLI alone, but for the signature."""
    manager.register(spec_for("lms-chen", image={"schedule": "off"}))
    first = manager.wait_for_state("lms-chen", "serving")["machine"]
    image = simulator.aws("ec2", "create-image", "--instance-id", first, "--name", "by packer")["ImageId"]
    simulator.aws("ec2", "wait", "image-available", "--image-ids", image)
    simulator.aws("--endpoint-url", simulator.settings["AWS_ENDPOINT_URL"], "sqs", "send-message", "--queue-url",
                  simulator.queue_url, "--message-body", tell("sign", "lms-chen", image).stdout)
    def known():
        return [found for found in images(manager) if found["id"] == image and found["state"] == "available"]
    wait_until(known, what="the image is in the chain, and EC2 was asked about it")
    assert manager.post("/instances/lms-chen/replace").status_code == 202
    second = wait_until(lambda: [found for found in simulator.machines_of("lms-chen") if found["id"] != first],
                        what="another machine is launched")[0]
    assert second["image_id"] == image
    wait_until(lambda: [found for found in known() if found["verdict"] == "good"], what="the image is good")


def test_only_this_stores_word_about_this_life_of_a_name_counts(build, manager, simulator, tell, tmp_path):
    queue = simulator.client("sqs")

    def refused(body):
        known = manager.metric("spot_manager_messages_total", kind="image_created", outcome="rejected")
        queue.send_message(QueueUrl=simulator.queue_url, MessageBody=body)
        wait_until(lambda: manager.metric("spot_manager_messages_total", kind="image_created",
                                          outcome="rejected") == known + 1, what="the message is rejected")
        return manager.get("/messages?rejected=true&limit=1").json()["rejected"][0]["reason"]

    spec = spec_for("lms-chen", dns={}, image={"schedule": "off"})
    manager.register(spec)
    manager.wait_for_state("lms-chen", "serving")
    own = tell("sign", "lms-chen", IMAGE).stdout
    foreign = "its signature is not of this store's key"
    assert refused(json.dumps({**json.loads(own), "issued": "2026-01-15T12:00:00Z"})).startswith(foreign)

    folder = tmp_path / "other"
    folder.mkdir()
    other_queue = queue.create_queue(QueueName="other")["QueueUrl"]
    with Manager(build / "src" / "spot-manager", folder, simulator.aws_settings, other_queue) as other:
        other.wait_until_up()
        other.register(spec)
        other.wait_for_state("lms-chen", *STATES)
        signed = tell("sign", "lms-chen", IMAGE, "--store", str(folder / "store"))
    assert signed.returncode == 0 and refused(signed.stdout).startswith(foreign)

    manager.delete("/instances/lms-chen")
    wait_until(lambda: manager.get("/instances/lms-chen").status_code == 404, what="the name is gone")
    manager.register(spec)
    manager.wait_for_state("lms-chen", *STATES)
    queue.send_message(QueueUrl=simulator.queue_url, MessageBody=own)
    uid = json.loads(own)["uid"]
    decided = wait_until(lambda: manager.get(f"/commands/{uid}").json().get("reason"), what="the message is taken in")
    assert "lms-chen" in decided
    assert [image for image in images(manager) if image["origin"] == "announced"] == []


def test_what_cannot_be_signed_or_listed_is_said_in_a_sentence(tell):
    signed = tell("sign", "nobody", IMAGE)
    assert signed.returncode == 2 and signed.stdout == ""
    assert signed.stderr.startswith("spot-manager: no name nobody is registered in the store in ")
    listed = tell("images", "nobody")
    assert (listed.returncode, listed.stderr) == (1, "spot-manager: no name `nobody` is registered\n")
