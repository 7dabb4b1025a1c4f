"""Frames that are drawn around a picture: at its rim, or a line within its ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.image.crop import Box

# A border is a band of one colour around the picture, set off from what is inside by a step along most of its length.
_MAX_SHARE = 0.12
_TOLERANCE = 12
_EVEN_SHARE = 0.97
_STEP = 24
_STEP_SHARE = 0.8
_BLEND_LINES = 2
_WHITE_PAPER = 245
# A line within the ground, which goes on behind it.
_LINE_SHARE = 0.03
_LINE_LENGTH = 0.8
_BLANK, _BLANK_SHARE = 4, 0.9
_EVERY = 2


def border_box(pixels: NDArray[np.uint8]) -> Box:
    """What lies within the border, where there is one on two opposite sides at least; else the whole.

    Args:
        pixels: ``[height, width, 3]`` sRGB.
    """
    height, width = pixels.shape[:2]
    rows, columns = pixels[:, ::_EVERY], pixels[::_EVERY].transpose(1, 0, 2)
    top, bottom, left, right = (_band(side) for side in (rows, rows[::-1], columns, columns[::-1]))
    if not min(top, bottom):
        top = bottom = 0
    if not min(left, right):
        left = right = 0
    return left, top, width - right, height - bottom


def _band(lines: NDArray[np.uint8]) -> int:
    """How many of the first lines are one band of a border, or lie up to the end of its line; 0 where there is none."""
    most = round(len(lines) * _MAX_SHARE)
    colour = np.median(lines[0], axis=0).astype(np.int16)
    if colour.min() >= _WHITE_PAPER:
        return _line(lines, colour)
    depth = 0
    while depth < most and (_distance(lines[depth], colour) <= _TOLERANCE).mean() >= _EVEN_SHARE:
        depth += 1
    inside = depth + _BLEND_LINES - 1
    if not 0 < depth < most or inside >= len(lines):
        return 0
    # What the border has at its own corners does not count against the step.
    step = _distance(lines[inside], colour) >= _STEP
    return depth if step.mean() >= _STEP_SHARE else 0


def _line(lines: NDArray[np.uint8], paper: NDArray[np.int16]) -> int:
    """How far in a line ends that is drawn along the edge of the paper, which goes on behind it."""
    near = lines[: max(1, round(len(lines) * _MAX_SHARE)), :: 2 * _EVERY].astype(np.int16)
    red, green, blue = (np.abs(near[..., channel] - paper[channel]) for channel in range(3))
    greatest = np.maximum(np.maximum(red, green), blue)
    drawn = np.flatnonzero((greatest >= _STEP).mean(axis=1) >= _LINE_LENGTH)
    if not drawn.size:
        return 0
    end = int(drawn[-1]) + _BLEND_LINES
    thick = drawn[-1] - drawn[0] <= _LINE_SHARE * len(lines)
    return end if thick and end < len(near) and (greatest[end] <= _BLANK).mean() >= _BLANK_SHARE else 0


def _distance(line: NDArray[np.uint8], colour: NDArray[np.int16]) -> NDArray[np.int16]:
    greatest: NDArray[np.int16] = np.abs(line.astype(np.int16) - colour).max(axis=1)
    return greatest
