"""The chunks of a WebP file (RFC 9649): whether the first frame's data are there, and what of the canvas it covers."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from PIL import Image

from nima.errors import UndecodableImage
from nima.image.canvas import whiten_around
from nima.image.container import Container
from nima.image.crop import Box
from nima.image.padding import ends_in_padding

_FIRST_CHUNK = 12
_CODED = {b"VP8 ", b"VP8L"}
# More than a decoder reads ahead.
_DISPENSABLE = 16
# Those of the first frame are among the first; an animation has one for each of its frames.
_MOST_CHUNKS = 10_000
_FRAME, _FRAME_HEADER = b"ANMF", 16


def _check_complete(data: bytes) -> None:
    """Raises ``UndecodableImage`` where only zeros stand in the place of the first frame's data.

    A plain bottom may be coded as zeros too; of those the decoder needs the last.
    """
    start, end = _first_frame(data) or (_FIRST_CHUNK, len(data))
    for name, at, stop in _chunks(data, start, end):
        if name in _CODED and ends_in_padding(data, stop) and _decodes(name, data[at : stop - _DISPENSABLE]):
            raise UndecodableImage("The file is incomplete: there are zeros in the place of pixels.")


class WebP(Container):
    """A WebP file."""

    def load(self, image: Image.Image) -> None:
        _check_complete(self.data)
        image.load()
        covered = _covered(self.data)
        if covered:
            whiten_around(image, covered)


inspect = WebP


def _covered(data: bytes) -> Box | None:
    """The part of an animation's canvas that its first frame covers; None for a still picture."""
    frame = _first_frame(data)
    if frame is None:
        return None
    at = frame[0] - _FRAME_HEADER
    left, top, width, height = (int.from_bytes(data[at + i : at + i + 3], "little") for i in (0, 3, 6, 9))
    return 2 * left, 2 * top, 2 * left + width + 1, 2 * top + height + 1


def _decodes(name: bytes, coded: bytes) -> bool:
    chunk = name + struct.pack("<I", len(coded)) + coded + bytes(len(coded) & 1)
    try:
        with Image.open(
            io.BytesIO(b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk), formats=["WEBP"]
        ) as i:
            i.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _first_frame(data: bytes) -> tuple[int, int] | None:
    """Where the chunks of an animation's first frame lie."""
    frames = ((at + _FRAME_HEADER, end) for name, at, end in _chunks(data, _FIRST_CHUNK, len(data)) if name == _FRAME)
    return next(frames, None)


def _chunks(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name and content of each chunk between two offsets; the last one may be cut short."""
    for _ in range(_MOST_CHUNKS):
        if start + 8 > end:
            return
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        yield data[start : start + 4], start + 8, min(start + 8 + size, end)
        start += 8 + size + (size & 1)
