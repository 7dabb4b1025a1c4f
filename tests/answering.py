"""A server that answers as it is told, for what an API does that goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def answering(answer: Callable[[int], tuple[int, bytes] | None]) -> Iterator[tuple[str, list[int]]]:
    """A server that answers in its own way, by the number of the question; where it has none, it lets one wait."""
    asked: list[int] = []
    waiting = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(len(asked))
            answered = answer(asked[-1])
            if answered is None:
                waiting.wait()
                return
            self.send_response(answered[0])
            self.send_header("Content-Length", str(len(answered[1])))
            self.end_headers()
            self.wfile.write(answered[1])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        waiting.set()
        server.shutdown()
        server.server_close()


def refusal(code: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": f"It is {code}."}}).encode()
