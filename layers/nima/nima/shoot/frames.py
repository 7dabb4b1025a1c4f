"""A frame of a shoot: one press of the button, however many files it left."""

from __future__ import annotations

from dataclasses import dataclass, field

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
        lost: How many shots right before it and right after it cannot be read.
    """

    name: str
    assessment: Assessment
    capture: Capture = field(default_factory=Capture)
    look: Look | None = None
    content: str | None = None
    hand: Hand = Hand()
    lost: tuple[int, int] = (0, 0)

    @property
    def score(self) -> float:
        """The composite, 1 to 10."""
        return self.assessment.composite.score


@dataclass(frozen=True, eq=False)
class Lost:
    """A shot of which no picture can be read, by its name and by what its file says all the same."""

    name: str
    capture: Capture = field(default_factory=Capture)


def gap(earlier: Frame, later: Frame) -> float | None:
    """Seconds from the end of one exposure to the start of the next; None where that cannot be told."""
    apart = later.capture.seconds_after(earlier.capture)
    return None if apart is None else max(0.0, apart - (earlier.capture.shutter or 0.0))
