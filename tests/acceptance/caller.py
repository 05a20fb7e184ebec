"""Somebody who uses a name: resolves it, keeps the answer for its TTL as resolvers do, and calls the machine."""

import http.client
import threading
import time

import dns.resolver

from support import wait_until

PAUSE = 0.1


class Caller(threading.Thread):
    """Calls the HTTP server under a name ten times a second, each time on a new connection. A context begins when DNS
    knows the name, since resolvers keep a denial too, and has its first answer."""

    def __init__(self, simulator, full_name, pause=PAUSE):
        super().__init__(daemon=True)
        self.simulator, self.full_name, self.pause = simulator, full_name, pause
        self.port = int(simulator.settings["SIM_MACHINE_PORT"])
        self.resolver = dns.resolver.Resolver(configure=False)
        self.resolver.nameservers = [simulator.settings["SIM_DNS_ADDRESS"]]
        self.resolver.port = int(simulator.settings["SIM_DNS_PORT"])
        self.resolver.cache = dns.resolver.Cache()
        self.resolver.lifetime = 2
        self.calls = []  # (when, seconds that it took, the machine that answered or None, what went wrong)
        self.ended = threading.Event()

    def call(self):
        """The id of the machine that answers."""
        address = self.resolver.resolve(self.full_name, "A")[0].to_text()
        connection = http.client.HTTPConnection(address, self.port, timeout=2)
        try:
            connection.request("GET", "/", headers={"Host": self.full_name, "Connection": "close"})
            answer = connection.getresponse()
            said = answer.read().decode()
            if answer.status != 200:
                raise OSError(f"status {answer.status}")
            return said.split()[1]  # `machine i-...`
        finally:
            connection.close()

    def run(self):
        while not self.ended.is_set():
            begun = time.monotonic()
            try:
                machine, trouble = self.call(), None
            except (OSError, http.client.HTTPException, dns.exception.DNSException) as error:
                machine, trouble = None, f"{type(error).__name__}: {error}"
            self.calls.append((begun, time.monotonic() - begun, machine, trouble))
            self.ended.wait(max(0.0, begun + self.pause - time.monotonic()))

    @property
    def answered_by(self):
        """The machine that answered the last call; None when it failed."""
        return self.calls[-1][2] if self.calls else None

    @property
    def failures(self):
        return [call for call in self.calls if call[2] is None]

    def outages(self):
        """(begin, seconds) of each time without an answer, from the first failed call to the next good one."""
        found, begun = [], None
        for when, took, machine, _ in self.calls:
            if machine is None and begun is None:
                begun = when
            elif machine is not None and begun is not None:
                found.append((begun, when + took - begun))
                begun = None
        if begun is not None:
            found.append((begun, time.monotonic() - begun))
        return found

    def __enter__(self):
        wait_until(lambda: self.simulator.dig(self.full_name), what=f"DNS knows {self.full_name}")
        self.start()
        wait_until(lambda: self.answered_by, what=f"{self.full_name} answers")
        self.calls.clear()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
