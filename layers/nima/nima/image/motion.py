"""How far things moved while the picture was taken."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

# A box of 7 pixels has the variance of a Gaussian of sigma 2.
_REBLUR_VARIANCE, _REBLUR_BOX_RADIUS = 4.0, 3
_LEAST_ENERGY = 1e-3
_CROSSED = (((0, 1), (1, 0)), ((1, 1), (1, -1)))


def streak(luma: NDArray[np.int16]) -> float:
    """The length, in pixels, over which edges are smeared in one direction more than across it; 0 where in none.

    As ``Frame.edge_width``, but by direction: along and across, level and aslant, blurring once more tells the first
    blur's variance. That of an even movement over a length is its square over twelve.
    """
    if min(luma.shape) < 3:
        return 0.0
    again = np.asarray(Image.fromarray(luma.astype(np.uint8)).filter(ImageFilter.BoxBlur(_REBLUR_BOX_RADIUS)))
    planes = luma.astype(np.float32), again.astype(np.float32)
    pairs = [[_variance(*(_energy(plane, *step) for plane in planes)) for step in crossed] for crossed in _CROSSED]
    return sqrt(12 * max(abs(one - other) for one, other in pairs))


def _variance(energy: float, reblurred: float) -> float:
    """The variance of the blur, along a direction, of what has these squared gradients before and after another."""
    ratio = max(energy, _LEAST_ENERGY) / max(reblurred, _LEAST_ENERGY)
    return _REBLUR_VARIANCE / max(ratio - 1, _LEAST_ENERGY)


def _energy(plane: NDArray[np.float32], down: int, right: int) -> float:
    """Mean squared difference to the pixel so far down and right (or left)."""
    height, width = plane.shape
    here = plane[: height - down, max(0, -right) : width - max(0, right)]
    there = plane[down:, max(0, right) : width + min(0, right)]
    return float(np.square(here - there).mean())
