"""Panoramas: neighbouring views that overlap, in a row or in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nima.shoot.frames import Frame
from nima.shoot.likeness import Agreement, overlaps, shaken
from nima.shoot.sets.common import are_enough, follows, may_pass, same_exposure, soon_after

# What the steps of a turn agree on the whole: of unlike photographs in a row, two such steps are one in some thousand.
_AGREES = 0.45
# The same where no moment is stated, so that any pictures may stand in a row: of 2,120 photographs unlike ones agreed
# on .55, and of panoramas none on less than .74.
_AGREES_UNTIMED = 0.65
_STEP = 0.12
"""By how much two steps of a turn may differ, in shares of a side."""
# The same where one of them agrees less well.
_DOUBTFUL_STEP = 0.06
# A camera that is not in manual mode follows the light.
_STOPS = 1.5
# What a view agrees with itself, taken again.
_AGAIN = 0.6
# Steps that agree so well may have frames in between that are none of the turn.
_SURELY, _MOST_PASSED = 0.6, 2
# By how much better than to one side a step agrees that leads to another row, and by how much one that others are not
# considered beside.
_CLEARLY, _BY_FAR = 0.2, 0.3


@dataclass(frozen=True)
class _Turn:
    """A way in which some views follow each other: its last step, and what its steps agree in all."""

    last: Agreement
    sum: float
    steps: int

    @classmethod
    def of(cls, step: Agreement) -> _Turn:
        return cls(step, step.value, 1)

    @property
    def agrees(self) -> float:
        return self.sum / self.steps

    def on(self, steps: Sequence[Agreement]) -> _Turn | None:
        """It with the best of some steps that is like its last one."""
        like = next((step for step in steps if _are_alike(self.last, step)), None)
        return like and _Turn(like, self.sum + like.value, self.steps + 1)

    def aside(self, steps: Sequence[Agreement], *, back: bool) -> _Turn | None:
        """It with the best of some steps if that is across it, as a second row begins, which goes back or on."""
        beside = next((step for step in steps[:1] if step.value >= _AGREES and _are_across(self.last, step)), None)
        if beside is None:
            return None
        last = Agreement(self.last.value, -self.last.across, -self.last.down) if back else self.last
        return _Turn(last, self.sum + beside.value, self.steps + 1)


class _Walk:
    """The views of a panorama, as they are found one after the other.

    Attributes:
        whole: Places of those that are known to be one.
    """

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.whole: list[int] = []
        self._frames = frames
        self._places = [0]
        self._again: list[int] = []
        self._row = 0
        self._turns: list[_Turn] = []

    def goes_on(self, place: int) -> bool:
        """Takes a frame, or passes it over; False where it is the end."""
        earlier, later = self._frames[self._places[-1]], self._frames[place]
        if not soon_after(earlier, later):
            return False
        if follows(earlier, later) and same_exposure(earlier, later, _STOPS) and self._takes(earlier, later, place):
            return True
        return (
            _agree(self._turns) >= _SURELY
            and place - self._places[-1] <= _MOST_PASSED
            and may_pass(earlier, later)
            and not _show_one_scene(earlier, later)
        )

    def _takes(self, earlier: Frame, later: Frame, place: int) -> bool:
        if earlier.lost[1]:
            self._add(place)
            return True
        steps = _steps(earlier, later)
        turns = [on for turn in self._turns if (on := turn.on(steps))] if self._turns else list(map(_Turn.of, steps))
        aside = self._aside(steps, place)
        if turns and _agree(turns) >= _agree(aside) - _CLEARLY:
            self._turns = turns
            self._add(place)
        elif self._turns and self._again[-1:] != [place - 1] and shaken(earlier, later).value >= _AGAIN:
            self._again.append(place)
        elif aside:  # the view counts once another one follows
            self._turns, self._row = aside, place
            self._places.append(place)
        else:
            return False
        return True

    def _add(self, place: int) -> None:
        self._places.append(place)
        views = [self._frames[one] for one in self._places]
        timed = all(may_pass(one, other) for one, other in pairwise(views))
        if _agree(self._turns) >= (_AGREES if timed else _AGREES_UNTIMED) and are_enough(views):
            self.whole = sorted({*self._places, *(one for one in self._again if one < place)})

    def _aside(self, steps: Sequence[Agreement], place: int) -> list[_Turn]:
        """How a view may begin another row: below or above the last one of the row, or the first one."""
        if place == 1 or self._row == self._places[-1]:
            return []
        over = _steps(self._frames[self._row], self._frames[place])
        ways = ((steps, True), (over, False))
        turns = [turn for turn in self._turns if turn.agrees >= _AGREES]
        return [on for those, back in ways for turn in turns if (on := turn.aside(those, back=back))]


def panorama(frames: Sequence[Frame]) -> Sequence[int]:
    """Places of the frames that are one panorama with the first: at least three, turned on in one direction.

    Where a view cannot be read, those on both of its sides need not overlap. One that is taken twice is of it, and so
    is a second row; what shows something else in between, as another body took it, is passed over.
    """
    walk = _Walk(frames)
    for place in range(1, len(frames)):
        if not walk.goes_on(place):
            break
    return walk.whole


def _steps(earlier: Frame, later: Frame) -> list[Agreement]:
    """How the camera may have been turned between two views, rather than shaken or, by far, in another way."""
    steps, held = overlaps(earlier, later), shaken(earlier, later).value
    return [step for step in steps if step.value > held and step.value >= steps[0].value - _BY_FAR]


def _agree(turns: Sequence[_Turn]) -> float:
    return max((turn.agrees for turn in turns), default=0.0)


def _show_one_scene(one: Frame, other: Frame) -> bool:
    return max((step.value for step in (shaken(one, other), *overlaps(one, other))), default=0.0) >= _AGREES


def _are_alike(one: Agreement, other: Agreement) -> bool:
    most = _STEP if min(one.value, other.value) >= _AGREES else _DOUBTFUL_STEP
    return abs(one.across - other.across) <= 2 * most and abs(one.down - other.down) <= most


def _are_across(one: Agreement, other: Agreement) -> bool:
    """Whether a step is up or down where another is to a side, or the other way round."""
    along, aside = (other.across, other.down) if abs(one.across) > abs(one.down) else (other.down, other.across)
    return abs(along) <= _STEP < abs(aside)
