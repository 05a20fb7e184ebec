"""AWS refuses what is asked of it about images: somebody can read why, and it is done when it may be."""

import pytest

from gallery import ask, chain, imaged, in_account, made, usable
from support import wait_until
from test_interruptions import NAME, served


@pytest.fixture
def simulator_options():
    return ["--image-for", "200ms", "--snapshot-held-for", "100ms"]


def told(manager):
    return manager.get(f"/instances/{NAME}/images").json().get("trouble", "")


@pytest.mark.parametrize("manager_options", [["--image-backoff-first", "2s"]])
@pytest.mark.parametrize("fault, sentence", [
    ("access_denied", "we are not permitted to keep images: "),
    ("error:SnapshotLimitExceeded", "the account's quota of images or snapshots is used up: "),
    ("error:ResourceLimitExceeded", "the account's quota of images or snapshots is used up: "),
])
def test_an_image_that_is_refused_is_made_when_it_may_be(simulator, manager, fault, sentence):
    manager.register(imaged())
    served(simulator, manager)
    simulator.play({"service": "ec2", "operation": "CreateImage", "fault": fault, "count": 1})
    ask(manager)
    trouble = wait_until(lambda: told(manager), what="it is told why")
    assert trouble.startswith(f"its last image came to nothing: {sentence}") and "(next try at " in trouble
    shown = manager.instance(NAME)
    assert (shown["images"]["trouble"], shown["state"]) == (trouble, "serving") and trouble in shown["reason"]
    assert manager.metric("spot_manager_images_total", outcome="failed") == 1
    image = usable(manager)
    assert told(manager) == "" and "candidate" in manager.instance(NAME)["images"]
    assert set(in_account(simulator)[0]) == {image}


@pytest.mark.parametrize("operation", ["DeregisterImage", "DeleteSnapshot"])
def test_what_may_not_be_removed_stays_in_the_chain_until_it_is(simulator, manager, operation):
    manager.register(imaged(retain=1))
    served(simulator, manager)
    ask(manager)
    old = usable(manager)
    snapshots = in_account(simulator)[1]
    simulator.play({"service": "ec2", "operation": operation, "fault": "access_denied"})
    ask(manager)
    new = usable(manager, beside=[old])
    def refused():
        [found] = [found for found in chain(manager) if found["id"] == old]
        return found.get("trouble", "").startswith("we are not permitted to keep images: ") and found
    left = wait_until(refused, what="it is told what keeps failing")
    assert set(left["snapshots"]) == snapshots and ("deregistered" in left) == (operation == "DeleteSnapshot")
    images, kept = in_account(simulator)
    assert (old in images, new in images) == (operation == "DeregisterImage", True) and snapshots < kept
    assert f"image {old} is not removed yet: we are not permitted" in manager.instance(NAME)["reason"]
    assert manager.metric("spot_manager_actions_total", outcome="failed") >= 1

    simulator.be_kind()
    def clean():
        images, kept = in_account(simulator)
        return set(images) == {new} == {image["id"] for image in made(manager)} and not kept & snapshots
    wait_until(clean, what="the older image is gone, with its snapshots")
    assert "not removed" not in manager.instance(NAME)["reason"]


def test_an_open_request_whose_image_goes_is_given_up_in_a_sentence(simulator, manager):
    spec = imaged()
    simulator.control("capacity", available=False)
    manager.register(spec)
    wait_until(lambda: "capacity-not-available" in manager.instance(NAME)["reason"], what="a machine is asked for")
    simulator.control(f"images/{spec['image_id']}/deregister")
    simulator.control("capacity", available=True)
    wait_until(lambda: "bad-parameters" in {request["status"] for request in simulator.spot_requests_of(NAME)},
               what="EC2 gives the request up")
    wait_until(lambda: "InvalidAMIID.NotFound" in manager.instance(NAME)["reason"], what="it is told why there is none")
    answer = manager.put(f"/instances/{NAME}", json={**spec, "image_id": "ami-0fedcba9876543210"})
    assert answer.status_code == 202, answer.text
    assert served(simulator, manager)
