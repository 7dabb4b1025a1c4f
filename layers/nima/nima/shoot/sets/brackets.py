"""Exposure brackets: one view, exposed differently in even steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.shoot.exposure import by_exposure, steps, stops_over
from nima.shoot.frames import Frame, gap
from nima.shoot.likeness import is_alike
from nima.shoot.sets.common import LEAST, are_enough, follows

LEAST_STEP = 0.25
"""Stops by which any two exposures of a bracket differ at least."""

_MOST_STEP = 4.5
# One of the series may have been thrown away.
_UNEVEN = 2.2
# Of what is told by light alone; and of two, which nobody sets and takes at once by hand.
_LEAST_SEEN, _LEAST_OF_TWO = 0.5, 0.9
# Hashes of one view that is exposed differently are farther apart.
_SIMILAR = 2 * NEAR_DUPLICATE_BITS
_AT_ONCE = 2.0
# Levels of mean luma, and of a dark picture the share of it, by which noise and clouds may contradict an exposure.
_FLICKER, _FLICKER_SHARE = 3.0, 0.2


def bracket(frames: Sequence[Frame]) -> int:
    """How many of the first frames are one exposure bracket; 0 where they are none.

    Exposures are told by shutter, aperture and sensitivity; where a file states nothing, by the light. They all differ,
    so that one that comes again begins the next bracket, and more light makes a brighter picture, which it does not
    where a camera only follows the light. Two are enough where they were taken at once, by a camera that says that it
    was set to bracket or too far apart for anything else.
    """
    taken = list(_different(frames))
    size = next((size for size in range(len(taken), 1, -1) if _is_bracket(taken[:size])), 0)
    return 0 if 0 < size < LEAST <= bracket(frames[1:]) else size


def _different(frames: Sequence[Frame]) -> Iterator[Frame]:
    """The first frames, as long as each shows the view of one before it and none of their exposures."""
    before: list[Frame] = []
    for frame in frames:
        if before:
            if not (follows(before[-1], frame) and _is_otherwise_exposed(frame, before)):
                return
            if not any(is_alike(one, frame, _SIMILAR) for one in reversed(before)):
                return
        before.append(frame)
        yield frame


def _is_otherwise_exposed(frame: Frame, before: Sequence[Frame]) -> bool:
    """Whether a frame is known to be exposed otherwise than all before it; where files state nothing, than some and
    like none: the darkest and the brightest have no light in common."""
    stops = [stops_over(one, frame) for one in before]
    if frame.capture.shutter is None:
        known = [abs(one) for one in stops if one is not None]
        return min(known, default=0.0) >= _LEAST_SEEN
    return all(one is not None and abs(one) >= LEAST_STEP for one in stops)


def _is_bracket(frames: Sequence[Frame]) -> bool:
    if not are_enough(frames) and not _are_two(frames):
        return False
    apart = steps(frames)
    lost = any(any(one.lost) for one in frames)
    even = 0 < max(apart) <= (2 if lost else 1) * min(_MOST_STEP, _UNEVEN * min(apart))
    lights = [float(np.mean(one.look.light)) for one in by_exposure(frames) if one.look is not None]
    if not even or any(later <= earlier - _FLICKER for earlier, later in pairwise(lights)):
        return False
    # Where one cannot be read, what is clipped in the others may hide the difference.
    if not lights or (lost and min(apart) >= _LEAST_OF_TWO):
        return True
    return lights[-1] > lights[0] + min(_FLICKER, _FLICKER_SHARE * lights[0])


def _are_two(frames: Sequence[Frame]) -> bool:
    one, other = frames[0], frames[-1]
    pause = gap(one, other)
    if len(frames) > 2 or pause is None or pause > _AT_ONCE:
        return False
    were_set = one.capture.auto_bracket and other.capture.auto_bracket
    return were_set or steps(frames)[0] >= _LEAST_OF_TWO
