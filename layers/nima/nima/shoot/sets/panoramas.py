"""Panoramas: neighbouring views that overlap, exposed alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nima.shoot.frames import Frame
from nima.shoot.likeness import Agreement, overlaps, shaken
from nima.shoot.sets.common import are_enough, chain, follows, same_exposure

# What the steps of a turn agree on the whole: of unlike photographs in a row, two such steps are one in some thousand.
_AGREES = 0.45
_STEP = 0.12
"""By how much two steps of a turn may differ, in shares of a side."""
# The same where one of them agrees less well.
_DOUBTFUL_STEP = 0.06
# A camera that is not in manual mode follows the light a little.
_STOPS = 0.7


@dataclass(frozen=True)
class _Turn:
    """A way in which some views follow each other: its last step, and what its steps agree in all."""

    last: Agreement
    sum: float
    steps: int

    @property
    def agrees(self) -> float:
        return self.sum / self.steps

    def on(self, steps: Sequence[Agreement]) -> _Turn | None:
        """It with the best of some steps that is like its last one."""
        like = next((step for step in steps if _are_alike(self.last, step)), None)
        return like and _Turn(like, self.sum + like.value, self.steps + 1)


def panorama(frames: Sequence[Frame]) -> int:
    """How many of the first frames are one panorama: at least three, turned on in one direction; else 0.

    Where a view cannot be read, those on both of its sides need not overlap.
    """
    turns: list[_Turn] = []
    whole = 0

    def goes_on(earlier: Frame, later: Frame) -> bool:
        nonlocal turns
        if not (follows(earlier, later) and same_exposure(earlier, later, _STOPS)):
            return False
        if earlier.lost[1]:
            return True
        steps = _steps(earlier, later)
        turns = (
            [on for turn in turns if (on := turn.on(steps))] if turns else [_Turn(one, one.value, 1) for one in steps]
        )
        return bool(turns)

    for size, _ in enumerate(chain(frames, goes_on), 1):
        if any(turn.agrees >= _AGREES for turn in turns) and are_enough(frames[:size]):
            whole = size
    return whole


def _steps(earlier: Frame, later: Frame) -> list[Agreement]:
    """How the camera may have been turned between two views, rather than shaken."""
    held = shaken(earlier, later).value
    return [step for step in overlaps(earlier, later) if step.value > held]


def _are_alike(one: Agreement, other: Agreement) -> bool:
    most = _STEP if min(one.value, other.value) >= _AGREES else _DOUBTFUL_STEP
    return abs(one.across - other.across) <= 2 * most and abs(one.down - other.down) <= most
