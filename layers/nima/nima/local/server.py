"""A WSGI application on a loopback port, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"


def listen(port: int, host: str = HOST) -> socket.socket:
    """A listening socket, on the loopback interface unless told otherwise; port 0 takes any free one.

    Raises:
        OSError: The port is taken or may not be used.
    """
    return socket.create_server((host, port), backlog=128)


def wait_for_signal() -> NoReturn:
    """Waits until the handler of a signal raises, while threads answer.

    In slices: Python can miss the signal that arrives just before a wait begins until that wait is over.
    """
    while True:
        time.sleep(1)


@contextmanager
def serving(
    app: WSGIApplication, listener: socket.socket, handler: type[WSGIRequestHandler] = WSGIRequestHandler
) -> Iterator[int]:
    """Serves while inside; yields the port, which is closed afterwards.

    Args:
        app: What answers.
        listener: The socket to answer on; taken over.
        handler: The class that reads a request off the socket.
    """
    port, quiet = listener.getsockname()[1], _quiet(handler)
    with listener:
        server = make_server(HOST, port, app, threaded=True, request_handler=quiet, fd=listener.fileno())
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"http-{port}", daemon=True
    )
    thread.start()
    try:
        yield port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _quiet(handler: type[WSGIRequestHandler]) -> type[WSGIRequestHandler]:
    """The handler without a log line for every request."""

    class Quiet(handler):  # type: ignore[misc, valid-type]
        def log_request(self, *_: Any) -> None:
            return

    return Quiet
