"""A gate between a program and its server, which passes bytes on, or is as faulty as a network can be."""

import socket
import ssl
import struct
import threading
from contextlib import suppress


class Gate:
    """Listens on a port of its own. `mode` may be changed at any time: pass, refuse (nobody listens), reset (every
    connection is reset), silent (what is sent is taken, nothing comes back), drip (a byte at a time). With a
    certificate it speaks TLS to callers; that too may be changed."""

    def __init__(self, target_url, certificate=None):
        host, _, port = target_url.rpartition("//")[2].partition(":")
        self.target = (host, int(port))
        self.tls = certificate
        self.connections = set()
        self.taken = 0
        self.port = 0
        self.listener = None
        self._mode = "pass"

    @property
    def mode(self):
        return self._mode

    @mode.setter
    def mode(self, mode):
        """For new connections; the present ones end."""
        self._mode = mode
        if mode == "refuse" and self.listener:
            self.stop_listening()
        elif mode != "refuse" and not self.listener:
            self.listen()
        for connection in list(self.connections):
            self.end(connection)

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def stop_listening(self):
        # shutdown wakes the thread that accepts; close alone would leave the port open until then.
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.listener = None

    def accept(self, listener):
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.taken += 1
                threading.Thread(target=self.serve, args=[connection, self._mode], daemon=True).start()

    def serve(self, connection, mode):
        self.connections.add(connection)
        with suppress(OSError):
            if mode == "reset":
                connection.recv(1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif mode == "silent":
                while connection.recv(65536):
                    pass
            else:
                if self.tls:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(*self.tls)
                    plain, connection = connection, context.wrap_socket(connection, server_side=True)
                    self.connections.discard(plain)
                    self.connections.add(connection)
                with socket.create_connection(self.target) as server:
                    threading.Thread(target=self.pump, args=[connection, server, False], daemon=True).start()
                    self.pump(server, connection, mode == "drip")
        self.end(connection)

    def pump(self, source, sink, drip):
        with suppress(OSError):
            while data := source.recv(65536):
                if not drip:
                    sink.sendall(data)
                    continue
                for byte in data:
                    sink.sendall(bytes([byte]))
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def end(self, connection):
        self.connections.discard(connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def __enter__(self):
        self.listen()
        return self

    def __exit__(self, *_):
        self.mode = "refuse"
