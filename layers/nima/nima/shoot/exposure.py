"""By how much frames were exposed differently."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nima.shoot.frames import Frame

_GAMMA = 2.2
# Luma between which light is neither lost in noise nor clipped, and the share of a frame that has to lie there.
_DARKEST, _BRIGHTEST, _LEAST = 12, 240, 0.05


def stops_over(one: Frame, other: Frame) -> float | None:
    """By how many stops one frame was exposed more than another of the same view.

    By what both files state; where neither states anything, by the light. None where that is not known.
    """
    if one.capture.shutter is not None or other.capture.shutter is not None:
        return one.capture.stops_over(other.capture)
    return by_light(one, other)


def by_exposure(frames: Sequence[Frame]) -> list[Frame]:
    """Frames of one view, the one that was exposed least first."""
    if any(one.capture.shutter is not None for one in frames):
        return sorted(frames, key=lambda one: stops_over(one, frames[0]) or 0.0)
    return sorted(frames, key=lambda one: 0.0 if one.look is None else float(one.look.light.mean()))


def steps(frames: Sequence[Frame]) -> list[float]:
    """Stops from each frame to the one that was exposed next to it; 0 where that is not known."""
    return [stops_over(later, earlier) or 0.0 for earlier, later in pairwise(by_exposure(frames))]


def by_light(one: Frame, other: Frame) -> float | None:
    """The same by what both show; None where hardly anything is neither black nor white in both."""
    if one.look is None or other.look is None:
        return None
    lights = np.stack([one.look.light, other.look.light]).astype(np.float64)
    seen = ((lights >= _DARKEST) & (lights <= _BRIGHTEST)).all(axis=0)
    if seen.mean() < _LEAST:
        return None
    return _GAMMA * float(np.median(np.log2(lights[0][seen] / lights[1][seen])))
