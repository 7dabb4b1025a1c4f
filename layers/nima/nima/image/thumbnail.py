"""A small JPEG of a picture, for lists and reports."""

from __future__ import annotations

import io

from PIL import Image

THUMBNAIL_SIDE = 480
"""Longest side in pixels."""

THUMBNAIL_BYTES = 40 << 10
"""Greatest size of the file."""

# Twice as large or more, a frame is first halved by plain means, which takes half of the time and does not show.
_REDUCING_GAP = 1.0

# Longest side, and the JPEG qualities to try with it: noise that does not fit is compressed harder, then made smaller.
_STEPS = ((THUMBNAIL_SIDE, (82, 68, 50)), (360, (50,)), (240, (40,)), (160, (30,)))


def make_thumbnail(frame: Image.Image, most: int = THUMBNAIL_SIDE) -> bytes:
    """The RGB frame as a JPEG of at most ``most`` pixels and ``THUMBNAIL_BYTES``; never enlarged."""
    for step, qualities in _STEPS:
        side = min(step, most)
        small = frame.copy()
        small.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=_REDUCING_GAP)
        small.info = {}  # Pillow would write the original's comment, which may be longer than the picture
        for quality in qualities:
            file = io.BytesIO()
            small.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= THUMBNAIL_BYTES:
                return file.getvalue()
    raise ValueError(f"a thumbnail of {side} px takes {file.tell()} bytes")
