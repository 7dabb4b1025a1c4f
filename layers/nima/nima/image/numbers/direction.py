"""In which direction the finest detail is missing, beyond what the coarse one lacks: a shake or a movement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.image.numbers.series import series
from nima.image.numbers.view import Plane, View

# Steps down and to the right, each beside the one across it.
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, -1), (2, 1), (1, -2))
_FAR = 4
_EIGHTH = 8


def measure(view: View) -> dict[str, float]:
    """How the differences over a short step stand to those over a long one, over eight directions: of the view, and of
    the middle of the frame at its own size."""
    return {**_directions("dir", view.luma), **_directions("fine", view.native.astype(np.float32))}


def _directions(name: str, luma: Plane) -> dict[str, float]:
    height, width = luma.shape
    top, left = height // _EIGHTH, width // _EIGHTH
    middle = luma[top : height - top, left : width - left]
    ratios = np.array([_log(_energy(middle, *step)) - _log(_energy(middle, *_long(step))) for step in _STEPS])
    lowest, second = np.sort(ratios)[:2]
    across = np.abs(ratios[::2] - ratios[1::2]).max()
    return series(name, (ratios.max() - lowest, lowest, ratios.max(), second - lowest, across))


def _long(step: tuple[int, int]) -> tuple[int, int]:
    return _FAR * step[0], _FAR * step[1]


def _energy(plane: Plane, down: int, right: int) -> float:
    """Mean squared difference over a step, of every second pixel of every second row."""
    height, width = plane.shape
    if height <= down or width <= abs(right):
        return 0.0
    here = plane[down::2, max(right, 0) : width + min(right, 0) : 2]
    there = plane[: height - down : 2, max(-right, 0) : width - max(right, 0) : 2]
    return float(np.square(here - there).mean())


def _log(value: float) -> NDArray[np.float64] | float:
    return float(np.log(value + 0.1))
