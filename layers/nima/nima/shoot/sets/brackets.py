"""Exposure brackets: one view, exposed differently in even steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.shoot.exposure import by_exposure, by_light, steps, stops_over
from nima.shoot.frames import Frame, gap
from nima.shoot.likeness import is_alike
from nima.shoot.sets.common import LEAST, MOST_PASSED, are_enough, is_same_setup, may_pass, soon_after

LEAST_STEP = 0.25
"""Stops by which any two exposures of a bracket differ at least."""

_MOST_STEP = 4.5
# One of the series may have been thrown away.
_UNEVEN = 2.2
# By light alone steps are a camera's where each is about as large as the next: what is clipped makes them less.
_EVEN = 1.8
# Of what is told by light alone; and of two, which nobody sets and takes at once by hand.
_LEAST_SEEN, _LEAST_OF_TWO = 0.5, 0.9
# Hashes of one view that is exposed differently are farther apart.
_SIMILAR = 2 * NEAR_DUPLICATE_BITS
_AT_ONCE = 2.0
# Share of the stops stated that the light has to show: a camera that follows the light is a little late, and takes as
# many pictures by one exposure as serve.
_LEAST_SHOWN, _SURELY_SHOWN = 0.35, 0.7
# Levels of mean luma, and of a dark picture the share of it, by which noise and clouds may contradict an exposure.
_FLICKER, _FLICKER_SHARE = 3.0, 0.2


def bracket(frames: Sequence[Frame]) -> Sequence[int]:
    """Places of the frames that are one exposure bracket with the first; none where it is of none.

    Exposures are told by shutter, aperture and sensitivity; where a file states nothing, by the light. They all differ,
    so that one that comes again begins the next bracket, unless it comes at once, as one that has failed is taken
    again. More light makes a brighter picture, which it does not where a camera only follows the light. Two are enough
    where they were taken at once, by a camera that says that it was set to bracket or too far apart for anything else.
    What shows something else in between, as another body took it, or somebody before the lens, is passed over.
    """
    taken, again = _different(frames)
    if again and not _shows(by_exposure([frames[place] for place in taken]), _SURELY_SHOWN):
        taken, again = [place for place in taken if place < again[0]], []
    size = next(
        (size for size in range(len(taken), 1, -1) if _is_bracket([frames[place] for place in taken[:size]])), 0
    )
    if not size or (size < LEAST <= len(bracket(frames[1:]))):
        return ()
    last = taken[size - 1]
    return sorted(
        {*taken[:size], *(one for one in again if one < last or (one == last + 1 and not bracket(frames[one:])))}
    )


def is_sure(frames: Sequence[Frame], *, in_burst: bool) -> bool:
    """Whether a bracket is known to be one: its files state exposures, or it stands alone and its steps are even."""
    if any(one.capture.shutter is not None for one in frames):
        return True
    return not in_burst and all(
        max(darker, lighter) <= _EVEN * min(darker, lighter) for darker, lighter in pairwise(steps(frames))
    )


def are_of_one_view(one: Frame, other: Frame) -> bool:
    """Whether two frames show the same, however they are exposed."""
    return is_alike(one, other, _SIMILAR)


def _different(frames: Sequence[Frame]) -> tuple[list[int], list[int]]:
    """Places of the first frames that show one view and are all exposed otherwise; and of those taken again."""
    taken: list[int] = [0]
    again: list[int] = []
    for place, frame in enumerate(frames[1:], 1):
        before = [frames[one] for one in taken]
        if not soon_after(before[-1], frame) or place - taken[-1] > MOST_PASSED:
            break
        if not (is_same_setup(before[-1], frame) and any(are_of_one_view(one, frame) for one in reversed(before))):
            if not may_pass(before[-1], frame):
                break
        elif _is_otherwise_exposed(frame, before):
            taken.append(place)
        elif len(taken) > 1 and not again and _is_exposed_as(before[-1], frame):
            again.append(place)
        else:
            break
    return taken, again


def _is_otherwise_exposed(frame: Frame, before: Sequence[Frame]) -> bool:
    """Whether a frame is known to be exposed otherwise than all before it; where files state nothing, than some and
    like none: the darkest and the brightest have no light in common."""
    stops = [stops_over(one, frame) for one in before]
    if frame.capture.shutter is None:
        known = [abs(one) for one in stops if one is not None]
        return min(known, default=0.0) >= _LEAST_SEEN
    return all(one is not None and abs(one) >= LEAST_STEP for one in stops)


def _is_exposed_as(one: Frame, other: Frame) -> bool:
    stops = stops_over(one, other)
    return stops is not None and abs(stops) < LEAST_STEP


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
    return _shows(by_exposure(frames)) and lights[-1] > lights[0] + min(_FLICKER, _FLICKER_SHARE * lights[0])


def _shows(frames: Sequence[Frame], share: float = _LEAST_SHOWN) -> bool:
    """Whether the light of frames, the darkest first, differs as their exposures do, as far as it tells."""
    seen = [by_light(later, earlier) for earlier, later in pairwise(frames)]
    known = [(one, stated) for one, stated in zip(seen, steps(frames), strict=True) if one is not None]
    return sum(one for one, _ in known) >= share * sum(stated for _, stated in known)


def _are_two(frames: Sequence[Frame]) -> bool:
    one, other = frames[0], frames[-1]
    pause = gap(one, other)
    if len(frames) > 2 or pause is None:
        return False
    were_set = one.capture.auto_bracket and other.capture.auto_bracket
    return were_set or (pause <= _AT_ONCE and steps(frames)[0] >= _LEAST_OF_TWO)
