"""Telling zeros that stand in the place of missing data, as a broken download or a sparse copy leaves them."""

from __future__ import annotations

import numpy as np

# No coded picture ends in so many zero bytes: entropy coders write the bits that they need, and little more.
PADDING = 32
# Nor are so many ever amid them. Copies leave out whole sectors, and erased flash memory is all ones.
_HOLES = bytes(512), b"\xff" * 512
# Uncompressed pixels may be black down to the end. Missing ones begin in the middle of a row, below a whole one.
_LEAST_ROWS = 6
_NEAR_EDGE = 3
_MOST_BLANK = 0.02
_LEAST_BRIGHTNESS = 16


def ends_in_padding(data: bytes, end: int) -> bool:
    """Whether compressed data that end at an offset end in zeros that no encoder wrote."""
    return end >= PADDING and data[end - PADDING : end] == bytes(PADDING)


def has_hole(data: bytes, start: int, end: int) -> bool:
    """Whether a sector of arithmetic-coded data, in which one byte hardly ever repeats, is blank."""
    return any(data.find(hole, start, end) >= 0 for hole in _HOLES)


def rows_end_in_padding(data: bytes, start: int, end: int, row: int, pixel: int) -> bool:
    """Whether the uncompressed rows between two offsets stop in the middle of one, and only zeros follow.

    Args:
        row: Bytes of a row.
        pixel: Bytes of a pixel; 1 where it has fewer bits.
    """
    blank = bytes(_LEAST_ROWS * row)
    if not row or end - start < 2 * len(blank) or data[end - len(blank) : end] != blank:
        return False
    above, column = divmod(len(data[start:end].rstrip(b"\0")), row)
    width, x = row // pixel, column // pixel
    if above == 0 or not _NEAR_EDGE <= x <= width - _NEAR_EDGE:
        return False
    last = np.frombuffer(data, np.uint8, row * 2, start + (above - 1) * row).reshape(2, row)[:, : width * pixel]
    before, cut = last.reshape(2, width, pixel)
    whole = all((pixels == 0).all(axis=1).mean() <= _MOST_BLANK for pixels in (before, cut[:x]))
    abrupt = before[x:].mean() >= _LEAST_BRIGHTNESS and cut[:x].mean() >= before[:x].mean() / 2
    return whole and bool(abrupt)
