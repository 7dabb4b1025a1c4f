"""Exposure brackets: one view, exposed differently in even steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.shoot.frames import Frame, gap
from nima.shoot.likeness import is_alike
from nima.shoot.sets.common import LEAST, follows

LEAST_STEP = 0.25
"""Stops by which any two exposures of a bracket differ at least."""

_MOST_STEP = 4.5
# One of the series may have been thrown away.
_UNEVEN = 2.2
# Hashes of one view that is exposed differently are farther apart.
_SIMILAR = 2 * NEAR_DUPLICATE_BITS
_AT_ONCE = 2.0
# Levels of mean luma by which noise and clouds may contradict an exposure.
_FLICKER = 3.0


def bracket(frames: Sequence[Frame]) -> int:
    """How many of the first frames are one exposure bracket; 0 where they are none.

    Exposures are told by shutter, aperture and sensitivity. They all differ, so that one that comes again begins the
    next bracket, and more light makes a brighter picture, which it does not where a camera only follows the light. Two
    are enough where the camera says that it was set to bracket.
    """
    taken = list(_different(frames))
    for size in range(len(taken), 1, -1):
        if _is_bracket(taken[:size]):
            return size
    return 0


def _different(frames: Sequence[Frame]) -> Iterator[Frame]:
    """The first frames, as long as each shows the view of one before it and none of their exposures."""
    before: list[Frame] = []
    for frame in frames:
        if before:
            steps = [frame.capture.stops_over(one.capture) for one in before]
            if not follows(before[-1], frame) or any(step is None or abs(step) < LEAST_STEP for step in steps):
                return
            if not any(is_alike(one, frame, _SIMILAR) for one in reversed(before)):
                return
        before.append(frame)
        yield frame


def _is_bracket(frames: Sequence[Frame]) -> bool:
    by_light = sorted(frames, key=lambda one: one.capture.stops_over(frames[0].capture) or 0.0)
    steps = [later.capture.stops_over(earlier.capture) or 0.0 for earlier, later in pairwise(by_light)]
    if len(frames) < LEAST and not _was_set(frames):
        return False
    even = max(steps) <= min(_MOST_STEP, _UNEVEN * min(steps))
    lights = [float(np.mean(one.look.light)) for one in by_light if one.look is not None]
    brighter = all(later > earlier - _FLICKER for earlier, later in pairwise(lights))
    return even and brighter and (not lights or lights[-1] > lights[0] + _FLICKER)


def _was_set(frames: Sequence[Frame]) -> bool:
    pauses = [gap(earlier, later) for earlier, later in pairwise(frames)]
    return all(one.capture.auto_bracket for one in frames) and all(p is not None and p <= _AT_ONCE for p in pauses)
