"""How steep edges are beside their height, by direction: a movement leaves those along it as steep as they were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.image.numbers.series import series
from nima.image.numbers.view import View

# Steps down and to the right, each two beyond the one across it.
_STEPS = ((0, 1), (1, 1), (1, 0), (1, -1))
_REACH = 4
_LEAST_SIDE, _LEAST_EDGES = 32, 25
_HIGH = 36
_QUANTILES = (0.5, 0.9, 0.97)
_LENGTHS = np.array([1, np.sqrt(0.5), 1, np.sqrt(0.5)], np.float32)[:, np.newaxis]


def measure(view: View) -> dict[str, float]:
    """The quantiles of directions: how far apart, the least, the greatest, and the most between two that are across."""
    found = _by_direction(view.native)
    known = np.array([each for each in found if each is not None])
    if len(known) < 2:
        return series("slope", [0] * (4 * len(_QUANTILES) + 1))
    least, most = known.min(axis=0), known.max(axis=0)
    half = len(_STEPS) // 2
    pairs = [np.abs(a - b) for a, b in zip(found[:half], found[half:], strict=True) if a is not None and b is not None]
    across = np.max(pairs, axis=0) if pairs else np.zeros(len(_QUANTILES))
    return series("slope", (*(most - least), *least, *most, *across, len(known)))


def _by_direction(luma: NDArray[np.int16]) -> list[NDArray[np.float64] | None]:
    """Quantiles of the step over two pixels beside that over eight, where edges are high; None of too few."""
    if min(luma.shape) < _LEAST_SIDE:
        return [None] * len(_STEPS)
    steep, height = (np.stack([_differences(luma, step, reach) for step in _STEPS]) for reach in (1, _REACH))
    high = np.flatnonzero((height > _HIGH).any(axis=0))
    steep, height = steep[:, high].astype(np.float32), height[:, high].astype(np.float32)
    steepest = (steep * _LENGTHS).argmax(axis=0)
    found: list[NDArray[np.float64] | None] = []
    for place in range(len(_STEPS)):
        here = (steepest == place) & (height[place] > _HIGH)
        ratio = steep[place][here] / height[place][here]
        found.append(np.quantile(ratio, _QUANTILES) if ratio.size > _LEAST_EDGES else None)
    return found


def _differences(luma: NDArray[np.int16], step: tuple[int, int], reach: int) -> NDArray[np.int16]:
    """Across every second pixel of every second row, which lies in the middle; 1-d."""
    (down, right), (height, width) = step, luma.shape

    def moved(by: int) -> NDArray[np.int16]:
        top, left = _REACH + by * down, _REACH + by * right
        return luma[top : top + height - 2 * _REACH : 2, left : left + width - 2 * _REACH : 2]

    found: NDArray[np.int16] = np.abs(moved(reach) - moved(-reach)).ravel()
    return found
