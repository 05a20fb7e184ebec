"""What the tests of images share: a name of whose machine images are made, and looking at them."""

from account import NAME_TAG
from support import wait_until
from test_interruptions import NAME, quick_spec
from test_replace import follow

RETAIN = 3


def imaged(name=NAME, patience="5s", **image):
    """A registration with images that are made only when they are asked for."""
    return quick_spec(name, image={"schedule": "off", "retain": RETAIN, **image}, readiness={"patience": patience})


def chain(manager, name=NAME):
    """Newest first."""
    answer = manager.get(f"/instances/{name}/images")
    assert answer.status_code == 200, answer.text
    return answer.json()["images"]


def made(manager, name=NAME):
    return [image for image in chain(manager, name) if image["origin"] == "made"]


def in_account(simulator, name=NAME):
    """The account's images of a name by id, and all its snapshots of it."""
    state = simulator.state()
    return ({image["id"]: image for image in state["images"] if image["tags"].get(NAME_TAG) == name},
            {snapshot["id"] for snapshot in state["snapshots"] if snapshot["tags"].get(NAME_TAG) == name})


def usable(manager, name=NAME, beside=()):
    """Waits for an image that is none of these, and can be booted from; gives its id."""
    def found():
        return next((image["id"] for image in made(manager, name) if image["id"] and image["id"] not in beside
                     and image.get("available") and image.get("announced")), None)
    return wait_until(found, timeout=30, what=f"{name} has another image than {beside}")


def ask(manager, name=NAME):
    assert follow(manager, manager.post(f"/instances/{name}/image"))["state"] == "accepted"


def machine_in(simulator, machine):
    return next(found for found in simulator.state()["machines"] if found["id"] == machine)


def verdicts(manager, name=NAME):
    return {image["id"]: image["verdict"] for image in chain(manager, name)}
