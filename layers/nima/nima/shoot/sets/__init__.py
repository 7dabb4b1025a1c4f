"""Frames that were taken to be made into one picture: exposure brackets, focus stacks, panoramas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nima.shoot.frames import Frame
from nima.shoot.sets.brackets import are_of_one_view, bracket, is_sure
from nima.shoot.sets.common import LEAST
from nima.shoot.sets.panoramas import panorama
from nima.shoot.sets.stacks import stack

BRACKET = "bracket"

FINDERS: Mapping[str, Callable[[Sequence[Frame]], Sequence[int]]] = {
    BRACKET: bracket,
    "stack": stack,
    "panorama": panorama,
}
"""By the kind of set: the places, among some frames, of those that are one with the first; none where it is of none."""


@dataclass(frozen=True, eq=False)
class Found:
    """A set, or a frame that is of none.

    Attributes:
        kind: A key of ``FINDERS``; None of a single frame.
        frames: In the order in which they were taken.
        sure: Whether it is known to be one. A bracket that is known by its light alone, amid a burst of the same view,
            may be frames of that burst which are exposed wrongly.
    """

    kind: str | None
    frames: tuple[Frame, ...]
    sure: bool = True


def find_sets(frames: Sequence[Frame]) -> list[Found]:
    """Takes one camera's frames apart, in the order of what was taken first."""
    return _doubted(list(_sets(frames)))


def _sets(frames: Sequence[Frame]) -> Iterator[Found]:
    left = list(frames)
    while left:
        sets = {kind: find(left) for kind, find in FINDERS.items()}
        kind = max(sets, key=lambda kind: len(sets[kind]))
        places = frozenset(sets[kind])
        yield Found(kind, tuple(left[place] for place in sorted(places))) if places else Found(None, (left[0],))
        left = [one for place, one in enumerate(left) if place not in places] if places else left[1:]


def _doubted(found: Sequence[Found]) -> list[Found]:
    """The same, with doubts of those brackets that may be of a burst."""
    runs: list[list[Found]] = []
    for one in found:
        if runs and are_of_one_view(runs[-1][-1].frames[-1], one.frames[0]):
            runs[-1].append(one)
        else:
            runs.append([one])
    return [
        replace(one, sure=one.kind != BRACKET or is_sure(one.frames, in_burst=_loose(run) >= LEAST))
        for run in runs
        for one in run
    ]


def _loose(run: Sequence[Found]) -> int:
    return sum(one.kind is None for one in run)
