"""Messages to and from the process that decodes: a few facts as JSON, then bytes.

Neither can run code: a hostile file may have taken over the other side.
"""

from __future__ import annotations

import json
import struct
from dataclasses import fields
from typing import IO, Any

from PIL import Image

from nima.errors import ImageTooLarge, Internal, NimaError, TooManyPixels, UndecodableImage, UnsupportedFormat
from nima.image.decode import Picture

Stream = IO[bytes]

_LENGTHS = struct.Struct(">IQ")
_MAX_FACTS, _MAX_PAYLOAD = 1 << 20, 1 << 30
_ERRORS = {error.code: error for error in (ImageTooLarge, TooManyPixels, UndecodableImage, UnsupportedFormat)}


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


def send_answer(stream: Stream, answer: Picture | NimaError) -> None:
    """Writes a picture, or the error that stands for it."""
    if isinstance(answer, NimaError):
        send(stream, {"code": answer.code, "message": answer.message, "detail": answer.detail})
        return
    facts = {field.name: getattr(answer, field.name) for field in fields(answer) if field.name != "frame"}
    send(stream, {"picture": facts, "size": answer.frame.size}, answer.frame.tobytes())


def receive_answer(stream: Stream) -> Picture | NimaError:
    """Reads what ``send_answer`` wrote; fails as ``receive`` does."""
    facts, pixels = receive(stream)
    try:
        if "picture" in facts:
            width, height = facts["size"]
            return Picture(frame=Image.frombytes("RGB", (width, height), pixels), **facts["picture"])
        return _ERRORS.get(facts["code"], Internal)(facts["message"], detail=facts["detail"])
    except (LookupError, TypeError) as error:
        raise ValueError(f"not an answer: {error!r}") from error
