"""Messages between processes: a few facts as JSON, then bytes. Neither can run code."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

Stream = IO[bytes]

_LENGTHS = struct.Struct(">IQ")
_MAX_FACTS, _MAX_PAYLOAD = 1 << 20, 1 << 30


def send(stream: Stream, facts: dict[str, Any], payload: bytes = b"") -> None:
    """Writes one message; ``OSError`` where nobody reads any more."""
    head = json.dumps(facts).encode()
    stream.write(_LENGTHS.pack(len(head), len(payload)) + head)
    stream.write(payload)
    stream.flush()


def receive(stream: Stream) -> tuple[dict[str, Any], bytes]:
    """Reads one message; ``EOFError`` where the other side has ended, ``ValueError`` where it says nonsense."""
    head, payload = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if head > _MAX_FACTS or payload > _MAX_PAYLOAD:
        raise ValueError(f"a message of {head} + {payload} bytes")
    return json.loads(_exactly(stream, head)), _exactly(stream, payload)


def _exactly(stream: Stream, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError(f"{len(data)} of {size} bytes")
    return data
