"""A second way to a loopback port: from another address of this machine."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from nima.errors import InvalidRequest
from nima.local.server import HOST

_IP_FREEBIND = 15  # of linux/in.h: Podman's bridge gets its address with the first container
_CHUNK = 1 << 16


@contextmanager
def relay(address: str, port: int) -> Iterator[int]:
    """Connects whoever comes to an address with a loopback port while inside; yields the port to come to.

    Raises:
        InvalidRequest: It is no address of this machine.
    """
    try:
        server = _Relay(address, port)
    except OSError as error:
        raise InvalidRequest(f"{address} is no address of this machine.", detail=str(error)) from error
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()


class _Relay(socketserver.ThreadingTCPServer):
    """Connects whoever comes to an address with a loopback port."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: str, port: int) -> None:
        self.port = port
        super().__init__((address, 0), _Connection)

    def server_bind(self) -> None:
        if sys.platform == "linux":
            self.socket.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        super().server_bind()


class _Connection(socketserver.BaseRequestHandler):
    server: _Relay

    def handle(self) -> None:
        with suppress(OSError), socket.create_connection((HOST, self.server.port)) as target:
            back = threading.Thread(target=_pump, args=(target, self.request), daemon=True)
            back.start()
            _pump(self.request, target)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
