"""Focus stacks: one view from one place, exposed alike, the focus moved through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from nima.image.look import COLUMNS, ROWS, TALL, WIDE
from nima.shoot.frames import Frame
from nima.shoot.likeness import Agreement, shaken
from nima.shoot.sets.common import (
    LEAST,
    MOST_PASSED,
    are_enough,
    is_same_setup,
    may_pass,
    same_exposure,
    soon_after,
)

# A stack is taken from a stand: its frames lie on each other.
_AGREES = 0.85
_STAND = 0.02
# What shows the same, though it was moved.
_SAME_VIEW = 0.4
# Binary logarithms of detail: by what it changes between two frames where the focus moves, by what in a tile that the
# focus has passed, and the share of that which may be noise.
_MOVED, _PASSED, _NOISE = 0.15, 0.5, 0.15
_RISES = 0.85
"""Share of the tiles in which detail rises once and falls once, as the focus comes and goes."""
_WON = 2
# Detail from which a tile shows something, and the share of those that the focus has passed.
_PLAIN, _MOST_PASSED = 1.5, 0.6
# Levels by which the light of a tile changes where something moved, rather than the focus.
_STILL = 12.0
_LEAST_TILES = 8
# Frames from which it is no chance that they can be put in the order of a stack, and to which it is tried.
_LEAST_TO_AND_FRO, _MOST_TO_AND_FRO = 5, 30
# Of all frames together, as the same light falls on all of them.
_MOST = 0.5


def stack(frames: Sequence[Frame]) -> Sequence[int]:
    """Places of the frames that are one focus stack with the first; none where it is of none.

    In a stack what is sharp wanders: everywhere detail rises once and falls once, and at least three frames each are
    the sharpest somewhere. In a burst one frame is the sharpest everywhere, or detail comes and goes. A distance that
    is taken twice at once is of it; where the focus was turned to and fro, all of its frames put in order are a stack.
    """
    taken = _passed_in_order(frames, _steady(frames))
    steady = list(islice(_steady(frames), _MOST_TO_AND_FRO + 1))
    return steady if len(taken) < len(steady) and _is_passed_to_and_fro([frames[place] for place in steady]) else taken


def _passed_in_order(frames: Sequence[Frame], steady: Iterable[int]) -> Sequence[int]:
    """The first of some places whose frames are a stack as they were taken."""
    taken: list[int] = []
    again: list[int] = []
    for place in steady:
        frame = frames[place]
        if taken and not _is_refocused(frames[taken[-1]], frame):
            if len(taken) < 2 or place - 1 in again:
                break
            again.append(place)
        elif _is_passed_once([frames[one] for one in (*taken, place)]):
            taken.append(place)
        else:
            break
    stacked = [frames[place] for place in taken]
    if not are_enough(stacked) or not _wanders(stacked):
        return ()
    return sorted({*taken, *(place for place in again if place < taken[-1])})


def _is_passed_to_and_fro(frames: Sequence[Frame]) -> bool:
    """Whether frames that all differ are a stack once they are put in the order of their focus."""
    if not _LEAST_TO_AND_FRO <= len(frames) <= _MOST_TO_AND_FRO or not _wanders(frames):
        return False
    return all(_is_refocused(one, two) for one, two in pairwise(frames)) and _is_passed_once(_by_focus(frames))


def _by_focus(frames: Sequence[Frame]) -> list[Frame]:
    """Frames so that each has its detail about where the one before it has: of the ways that always go on to the one
    that is most like the last, the shortest."""
    details = np.stack([_detail(one).ravel() for one in frames])
    apart = np.square(details[:, None] - details[None]).mean(axis=2)
    ways = [_way(apart, first) for first in range(len(frames))]
    shortest = min(ways, key=lambda way: sum(float(apart[step]) for step in pairwise(way)))
    return [frames[place] for place in shortest]


def _way(apart: NDArray[np.float32], first: int) -> list[int]:
    way = [first]
    while len(way) < len(apart):
        left = [place for place in range(len(apart)) if place not in way]
        way.append(min(left, key=lambda place: float(apart[way[-1], place])))
    return way


def _steady(frames: Sequence[Frame]) -> Iterator[int]:
    """Places of the first frames that lie on each other, exposed alike; what shows something else is passed over."""
    last = 0
    for place, later in enumerate(frames):
        earlier = frames[last]
        if not soon_after(earlier, later) or place - last > MOST_PASSED:
            return
        agreement = shaken(earlier, later)
        if is_same_setup(earlier, later) and same_exposure(earlier, later) and _lies_on(agreement):
            yield place
            last = place
        elif agreement.value >= _SAME_VIEW or not may_pass(earlier, later):
            return


def _lies_on(agreement: Agreement) -> bool:
    return agreement.value >= _AGREES and max(abs(agreement.across), abs(agreement.down)) <= _STAND


def _is_refocused(earlier: Frame, later: Frame) -> bool:
    change = (_detail(later) - _detail(earlier))[_still((earlier, later))]
    return change.size >= _LEAST_TILES and float(np.quantile(change, 0.9) - np.quantile(change, 0.1)) >= _MOVED


def _is_passed_once(frames: Sequence[Frame]) -> bool:
    """Whether the focus has come and gone but once, nearly everywhere that it has been."""
    if len(frames) < LEAST:
        return True
    details = np.stack([_detail(one).ravel() for one in frames])
    spread = np.ptp(details, axis=0)
    # What detail falls by before the sharpest frame, and rises by behind it.
    before = np.arange(1, len(frames))[:, None] <= details.argmax(axis=0)
    steps = np.diff(details, axis=0)
    back = np.where(before, -steps, steps).clip(min=0).sum(axis=0)
    passed = spread >= _PASSED
    return not passed.any() or bool((back[passed] <= _NOISE * spread[passed]).mean() >= _RISES)


def _wanders(frames: Sequence[Frame]) -> bool:
    still = _still(frames)
    if still.mean() < _MOST:
        return False
    details = np.stack([_detail(one)[still] for one in frames])
    passed = np.ptp(details, axis=0) >= _PASSED
    shown = details.max(axis=0) >= _PLAIN
    if not shown.any() or passed[shown].mean() < _MOST_PASSED:
        return False
    won = np.bincount(details.argmax(axis=0)[passed], minlength=len(frames))
    return int((won >= _WON).sum()) >= min(len(frames), LEAST)


def _detail(frame: Frame) -> NDArray[np.float32]:
    """``[TALL, WIDE]`` detail in the direction that has less: smearing takes it from one, defocus from both."""
    assert frame.look is not None  # noqa: S101 (its callers look)
    found: NDArray[np.float32] = frame.look.detail.min(axis=0)
    return found


def _still(frames: Sequence[Frame]) -> NDArray[np.bool_]:
    """The tiles in which nothing moved."""
    lights = np.stack([_tiles(one) for one in frames])
    found: NDArray[np.bool_] = lights.max(axis=0) - lights.min(axis=0) <= _STILL
    return found


def _tiles(frame: Frame) -> NDArray[np.float64]:
    """``[TALL, WIDE]`` mean light, of what pixels of the look each tile has the most of."""
    assert frame.look is not None  # noqa: S101 (its callers look)
    light = frame.look.light.astype(np.float64)
    rows, columns = _edges(ROWS, TALL), _edges(COLUMNS, WIDE)
    sums = np.add.reduceat(np.add.reduceat(light, rows[:-1], axis=0), columns[:-1], axis=1)
    found: NDArray[np.float64] = sums / np.outer(np.diff(rows), np.diff(columns))
    return found


def _edges(side: int, count: int) -> NDArray[np.int_]:
    return np.linspace(0, side, count + 1).round().astype(np.int_)
