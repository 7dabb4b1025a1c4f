"""A WSGI application on a loopback port, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
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


class HttpServer:
    """Serves from entering to leaving the ``with`` block; leaving it closes the port.

    Args:
        app: What answers.
        listener: The socket to answer on; taken over.
        handler: The class that reads a request off the socket.
    """

    def __init__(
        self,
        app: WSGIApplication,
        listener: socket.socket,
        handler: type[WSGIRequestHandler] = WSGIRequestHandler,
    ) -> None:
        with listener:
            self._server = make_server(
                HOST,
                listener.getsockname()[1],
                app,
                threaded=True,
                request_handler=_quiet(handler),
                fd=listener.fileno(),
            )
        self.port = self._server.port
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"http-{self.port}", daemon=True
        )

    def __enter__(self) -> HttpServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _quiet(handler: type[WSGIRequestHandler]) -> type[WSGIRequestHandler]:
    """The handler without a log line for every request."""

    class Quiet(handler):  # type: ignore[misc, valid-type]
        def log_request(self, *_: Any) -> None:
            return

    return Quiet
