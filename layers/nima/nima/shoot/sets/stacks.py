"""Focus stacks: one view from one place, exposed alike, the focus moved through it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nima.image.look import COLUMNS, ROWS, TALL, WIDE
from nima.shoot.frames import Frame
from nima.shoot.likeness import shaken
from nima.shoot.sets.common import LEAST, chain, follows, same_exposure

# A stack is taken from a stand: its frames lie on each other.
_AGREES = 0.85
_STAND = 0.02
# Binary logarithms of detail: by what it changes where the focus moves, and what makes one frame the sharper one.
_MOVED = 0.15
_SHARPER = 0.5
_WON = 2
# Levels by which the light of a tile changes where something moved, rather than the focus.
_STILL = 12.0
_LEAST_TILES = 8
# Of all frames together, as the same light falls on all of them.
_MOST = 0.5


def stack(frames: Sequence[Frame]) -> int:
    """How many of the first frames are one focus stack; 0 where they are none.

    In a stack what is sharp wanders: the first, the middle and the last frames each are the sharpest ones somewhere. In
    a burst one frame is the sharpest everywhere, or none is.
    """
    taken = list(chain(frames, _moves_on))
    return len(taken) if len(taken) >= LEAST and _wanders(taken) else 0


def _moves_on(earlier: Frame, later: Frame) -> bool:
    if earlier.look is None or later.look is None:
        return False
    if not (follows(earlier, later) and same_exposure(earlier, later)):
        return False
    agreement = shaken(earlier, later)
    if agreement.value < _AGREES or max(abs(agreement.across), abs(agreement.down)) > _STAND:
        return False
    change = (_detail(later) - _detail(earlier))[_still((earlier, later))]
    return change.size >= _LEAST_TILES and float(np.quantile(change, 0.9) - np.quantile(change, 0.1)) >= 2 * _MOVED


def _wanders(frames: Sequence[Frame]) -> bool:
    moved = shaken(frames[0], frames[-1])
    if max(abs(moved.across), abs(moved.down)) > _STAND:
        return False
    still = _still(frames)
    if still.mean() < _MOST:
        return False
    details = np.stack([_detail(one)[still] for one in frames])
    thirds = np.stack([details[part].max(axis=0) for part in np.array_split(np.arange(len(frames)), 3)])
    best, next_best = np.sort(thirds, axis=0)[-1], np.sort(thirds, axis=0)[-2]
    won = np.bincount(thirds.argmax(axis=0)[best - next_best >= _SHARPER], minlength=3)
    return bool((won >= _WON).all())


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
