"""A proxy between the functions and AWS that can fail: it answers 503 for a while, or never."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}
SLOW_DOWN = (
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
)
BUSY = b'{"__type": "com.amazonaws.dynamodb.v20120810#ServiceUnavailable", "message": "Busy."}'


class FaultyAws:
    """Forwards every request to ``target`` unless told otherwise.

    Attributes:
        url: Where containers reach it.
        refused: How many requests were answered 503.
        waiting: How many requests are waiting for an answer that does not come.
    """

    def __init__(self, target: str, host: str) -> None:
        self._target = urlsplit(target).netloc
        self._left: dict[str, int] = {}
        self._silent = threading.Event()
        self._lock = threading.Lock()
        self.refused = 0
        self.waiting = 0
        self._server = ThreadingHTTPServer(("0.0.0.0", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def fail(self, service: str, times: int) -> None:
        """Answers the next requests of a service (``s3``, ``dynamodb``, ...) with 503."""
        with self._lock:
            self._left[service] = times
            self.refused = 0

    def be_silent(self, silent: bool) -> None:
        """Takes requests and answers none of them."""
        (self._silent.set if silent else self._silent.clear)()

    def __enter__(self) -> FaultyAws:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._silent.clear()
        self._server.shutdown()
        self._server.server_close()

    def _refuses(self, service: str) -> bool:
        with self._lock:
            left = self._left.get(service, 0)
            self._left[service] = max(0, left - 1)
            self.refused += left > 0
            return left > 0

    def _waits(self, connection: socket.socket) -> bool:
        """Returns when nobody is to be silent any more, or False when the other side has given up."""
        with self._lock:
            self.waiting += 1
        try:
            while self._silent.is_set():
                if _gone(connection):
                    return False
            return True
        finally:
            with self._lock:
                self.waiting -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                return

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if not proxy._waits(self.connection):
                    self.close_connection = True
                    return
                found = _SERVICE.search(self.headers.get("Authorization", ""))
                service = found[1] if found else ""
                if proxy._refuses(service):
                    self.answer(503, {"Content-Type": "application/xml"}, SLOW_DOWN if service == "s3" else BUSY)
                    return
                upstream = http.client.HTTPConnection(proxy._target, timeout=60)
                try:
                    upstream.request(self.command, self.path, body, dict(self.headers.items()))
                    response = upstream.getresponse()
                    self.answer(response.status, dict(response.getheaders()), response.read())
                finally:
                    upstream.close()

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in (*_HOP_BY_HOP, "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

        return Handler


def _gone(connection: socket.socket) -> bool:
    """Whether the other side has hung up; waits a moment for it."""
    connection.settimeout(0.05)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(None)
