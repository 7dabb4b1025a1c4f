"""Panoramas: neighbouring views that overlap, exposed alike."""

from __future__ import annotations

from collections.abc import Sequence

from nima.shoot.frames import Frame
from nima.shoot.likeness import Agreement, overlap, shaken
from nima.shoot.sets.common import are_enough, chain, follows, same_exposure

# Of 780 pairs of unlike photographs a tenth agrees better in some fifth of the frame; that two such in a row should
# also be shifted alike is left to one in some thousand.
_AGREES = 0.45
_STEP = 0.12
"""By how much two steps of a turn may differ, in shares of a side."""
# A camera that is not in manual mode follows the light a little.
_STOPS = 0.7


def panorama(frames: Sequence[Frame]) -> int:
    """How many of the first frames are one panorama: at least three, turned on in one direction; else 0.

    Where a view cannot be read, those on both of its sides need not overlap.
    """
    steps: list[Agreement] = []

    def goes_on(earlier: Frame, later: Frame) -> bool:
        if not (follows(earlier, later) and same_exposure(earlier, later, _STOPS)):
            return False
        if earlier.lost[1]:
            return True
        step = overlap(earlier, later)
        if step.value < _AGREES or step.value <= shaken(earlier, later).value or (steps and _turns(steps[-1], step)):
            return False
        steps.append(step)
        return True

    taken = list(chain(frames, goes_on))
    return len(taken) if steps and are_enough(taken) else 0


def _turns(one: Agreement, other: Agreement) -> bool:
    return abs(one.across - other.across) > 2 * _STEP or abs(one.down - other.down) > _STEP
