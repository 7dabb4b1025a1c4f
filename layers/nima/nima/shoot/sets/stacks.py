"""Focus stacks: one view from one place, exposed alike, the focus moved through it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nima.image.look import COLUMNS, ROWS, TALL, WIDE
from nima.shoot.frames import Frame
from nima.shoot.likeness import shaken
from nima.shoot.sets.common import LEAST, are_enough, chain, follows, same_exposure

# A stack is taken from a stand: its frames lie on each other.
_AGREES = 0.85
_STAND = 0.02
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
# Of all frames together, as the same light falls on all of them.
_MOST = 0.5


def stack(frames: Sequence[Frame]) -> int:
    """How many of the first frames are one focus stack; 0 where they are none.

    In a stack what is sharp wanders: everywhere detail rises once and falls once, and at least three frames each are
    the sharpest somewhere. In a burst one frame is the sharpest everywhere, or detail comes and goes.
    """
    taken: list[Frame] = []
    for frame in chain(frames, _moves_on):
        if not _is_passed_once([*taken, frame]):
            break
        taken.append(frame)
    return len(taken) if are_enough(taken) and _wanders(taken) else 0


def _moves_on(earlier: Frame, later: Frame) -> bool:
    if earlier.look is None or later.look is None:
        return False
    if not (follows(earlier, later) and same_exposure(earlier, later)):
        return False
    agreement = shaken(earlier, later)
    if agreement.value < _AGREES or max(abs(agreement.across), abs(agreement.down)) > _STAND:
        return False
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
