"""What a score loses where a place is covered: an approximation for any network, at some inferences."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.crop import Region

CELLS = 4
"""Places along each side."""

WINDOW = 2
"""Places along each side that are covered at once: what is smaller moves a score by little more than chance does."""

INFERENCES = (CELLS - WINDOW + 1) ** 2

Means = Mapping[str, float]
"""Mean opinion scores by head."""


def occluded(
    frame: Image.Image, region: Region, means: Means, ask: Callable[[Image.Image], Means]
) -> dict[str, NDArray[np.float64]]:
    """Covers one window of a region after another with the frame's mean colour, half a window apart.

    Args:
        frame: An RGB picture.
        region: What of it is covered.
        means: What the frame gets as it is.
        ask: What a frame gets; called ``INFERENCES`` times.

    Returns:
        For each head ``[CELLS, CELLS]``: what its mean lost in points, in the mean of the windows over each place.
        Above 0 where the place holds the score up, below 0 where it pulls it down.
    """
    colour = tuple(round(float(level)) for level in np.asarray(frame).mean(axis=(0, 1)))
    lost = {head: np.zeros((CELLS, CELLS)) for head in means}
    windows = np.zeros((CELLS, CELLS))
    for row in range(CELLS - WINDOW + 1):
        for column in range(CELLS - WINDOW + 1):
            covered = frame.copy()
            covered.paste(colour, _window(region, frame.size, row, column))
            place = np.s_[row : row + WINDOW, column : column + WINDOW]
            windows[place] += 1
            for head, mean in ask(covered).items():
                lost[head][place] += means[head] - mean
    return {head: total / windows for head, total in lost.items()}


def _window(region: Region, size: tuple[int, int], row: int, column: int) -> tuple[int, int, int, int]:
    """A window's box, as far as the frame has it."""
    left, top, right, bottom = region
    wide, tall = (right - left) / CELLS, (bottom - top) / CELLS
    x0, y0 = max(0, round(left + column * wide)), max(0, round(top + row * tall))
    x1, y1 = round(left + (column + WINDOW) * wide), round(top + (row + WINDOW) * tall)
    return x0, y0, max(x0, min(size[0], x1)), max(y0, min(size[1], y1))
