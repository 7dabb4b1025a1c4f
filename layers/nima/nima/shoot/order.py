"""The order of a shoot: camera by camera, each as it was used."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import PurePath

from nima.shoot.bodies import bodies
from nima.shoot.frames import Frame, Lost

_DIGITS = re.compile(r"(\d+)")

_Shot = Frame | Lost


def camera(one: _Shot) -> str:
    """Which camera took it, as far as its file tells."""
    return one.capture.serial or one.capture.camera or ""


def in_order(frames: Collection[Frame], lost: Collection[Lost] = ()) -> list[tuple[Frame, ...]]:
    """Frames camera by camera in the order they were taken; those that state no moment by folder and name.

    Each is told how many lost ones are right before it and right after it.
    """
    everything: list[_Shot] = [*frames, *_placed(frames, lost)]
    timed = sorted((one for one in everything if one.capture.taken), key=camera)
    untimed = sorted((one for one in everything if not one.capture.taken), key=_place)
    found = [body for _, those in groupby(timed, key=camera) for body in bodies(_by_moment(tuple(those)))]
    found += [tuple(those) for _, those in groupby(untimed, key=lambda one: PurePath(one.name).parent)]
    return [tuple(_counted(those)) for those in found]


def by_number(name: str) -> tuple[str | int, ...]:
    """What sorts names as people do: IMG_9 before IMG_10."""
    return tuple(int(part) if number % 2 else part for number, part in enumerate(_DIGITS.split(name)))


def _placed(frames: Collection[Frame], lost: Collection[Lost]) -> Iterator[Lost]:
    """One that states no moment is taken for begun when its neighbour by name was."""
    named = sorted(frames, key=_place)
    places = [_place(one) for one in named]
    for one in lost:
        at = bisect(places, _place(one))
        near = [frame for frame in named[max(at - 1, 0) : at + 1] if _place(frame)[0] == _place(one)[0]]
        yield replace(one, capture=near[0].capture) if near and not one.capture.taken else one


def _counted(those: tuple[_Shot, ...]) -> Iterator[Frame]:
    frames = [(place, one) for place, one in enumerate(those) if isinstance(one, Frame)]
    ends = [-1, *(place for place, _ in frames), len(those)]
    for number, (place, one) in enumerate(frames):
        beside = place - ends[number] - 1, ends[number + 2] - place - 1
        yield replace(one, lost=beside) if any(beside) else one


def _by_moment(those: tuple[_Shot, ...]) -> tuple[_Shot, ...]:
    """Clocks that all tell their offset go by UTC: a camera may have been set to another zone in between."""
    zoned = all(one.capture.offset is not None for one in those)

    def moment(one: _Shot) -> tuple[datetime, tuple[str | int, ...]]:
        taken, offset = one.capture.taken or datetime.min, one.capture.offset
        return taken - offset if zoned and offset else taken, by_number(one.name)

    return tuple(sorted(those, key=moment))


def _place(one: _Shot) -> tuple[str, tuple[str | int, ...]]:
    return str(PurePath(one.name).parent), by_number(one.name)
