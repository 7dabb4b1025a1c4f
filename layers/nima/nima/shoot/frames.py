"""A frame of a shoot: one press of the button, however many files it left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import PurePath

from nima.document.assessment import Assessment
from nima.image.look import Look
from nima.shoot.capture import Capture


@dataclass(frozen=True)
class Hand:
    """What somebody has said of a picture by hand.

    Attributes:
        stars: 0 to 5, or None.
        kept: True where it was flagged as a pick, False where it was rejected, else None.
        unreadable: Whether something may have been said that cannot be read.
    """

    stars: int | None = None
    kept: bool | None = None
    unreadable: bool = False


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of a shoot.

    Attributes:
        name: What it goes by; there is one frame of a name.
        assessment: What is said of its pixels.
        capture: How it was taken.
        look: How it looks at a glance, where that was noted.
        content: What files with the same bytes have in common, where that is known.
        hand: What somebody has said of it.
    """

    name: str
    assessment: Assessment
    capture: Capture = field(default_factory=Capture)
    look: Look | None = None
    content: str | None = None
    hand: Hand = Hand()

    @property
    def score(self) -> float:
        """The composite, 1 to 10."""
        return self.assessment.composite.score

    @property
    def camera(self) -> str:
        """Which camera took it, as far as its file tells."""
        return self.capture.serial or self.capture.camera or ""


def in_order(frames: Collection[Frame]) -> list[tuple[Frame, ...]]:
    """Frames camera by camera in the order they were taken; those that state no moment by folder and name."""
    timed = sorted((one for one in frames if one.capture.taken), key=lambda one: one.camera)
    untimed = sorted((one for one in frames if not one.capture.taken), key=_place)
    found = [_by_moment(tuple(those)) for _, those in groupby(timed, key=lambda one: one.camera)]
    return found + [tuple(those) for _, those in groupby(untimed, key=lambda one: PurePath(one.name).parent)]


def _by_moment(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Clocks that all tell their offset go by UTC: a camera may have been set to another zone in between."""
    zoned = all(one.capture.offset is not None for one in frames)

    def moment(one: Frame) -> tuple[datetime, str]:
        taken, offset = one.capture.taken or datetime.min, one.capture.offset
        return taken - offset if zoned and offset else taken, one.name

    return tuple(sorted(frames, key=moment))


def _place(one: Frame) -> tuple[str, str]:
    return str(PurePath(one.name).parent), one.name


def gap(earlier: Frame, later: Frame) -> float | None:
    """Seconds from the end of one exposure to the start of the next; None where that cannot be told."""
    apart = later.capture.seconds_after(earlier.capture)
    return None if apart is None else max(0.0, apart - (earlier.capture.shutter or 0.0))
