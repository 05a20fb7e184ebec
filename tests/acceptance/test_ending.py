"""SIGTERM, whatever is going on: the manager ends well and in time."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import spec_for, wait_until


def end_in_time(manager, seconds):
    begun = time.monotonic()
    assert manager.end(timeout=seconds) == 0, manager.said()[-2000:]
    print(f"ended after {time.monotonic() - begun:.1f} s")


@pytest.mark.parametrize("service", ["sqs", "ec2", "route53"])
def test_while_calls_hang(service, simulator, manager):
    manager.register(spec_for("lms-00"))
    manager.wait_for_state("lms-00", "serving")
    simulator.play({"service": service, "fault": "delay", "by": "60s"})
    callers = ThreadPoolExecutor(8)
    for number in range(8):
        callers.submit(manager.post, "/instances", json=spec_for(f"lms-1{number}"))
    wait_until(lambda: simulator.faults()[0]["struck"] > 0, what="a call hangs")
    end_in_time(manager, 8)
    callers.shutdown()


def test_while_many_names_are_under_way(simulator, manager):
    names = [f"lms-{number:02}" for number in range(40)]
    for name in names:
        manager.register(spec_for(name))
    end_in_time(manager, 8)
    manager.start()
    manager.wait_until_up()
    wait_until(lambda: all(manager.get(f"/instances/{name}").json().get("state") == "serving" for name in names),
               timeout=60, what="every name that was taken is served")
    assert len(simulator.state()["spot_requests"]) == len(names)


def test_while_callers_are_slow(manager):
    address = ("127.0.0.1", int(manager.url.rpartition(":")[2]))
    callers = [socket.create_connection(address) for _ in range(20)]
    for caller in callers[:10]:
        caller.sendall(b"POST /instances HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{")
    end_in_time(manager, 8)
    for caller in callers:
        caller.close()
