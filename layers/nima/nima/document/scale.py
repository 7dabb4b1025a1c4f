"""What stars are by: how the composites of one model are spread over a population, for any weights. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from nima.document.record import Record
from nima.document.values import Limits, Opinion, Positive

STAR_SHARES = (0, 3, 9, 20, 38, 62, 80, 91, 97)
"""Share, in percent, of a population that is below 1, 1.5, .. 5 stars: five are the best 3 %, the middle has three, and
half a star is below all of it."""

_STEPS = len(STAR_SHARES)


@dataclass(frozen=True)
class Spread(Record):
    """The mean of a head's means over a population, and their standard deviation."""

    mean: Opinion
    deviation: Positive


@dataclass(frozen=True)
class Scale(Record):
    """A population of composites.

    A composite's mean and deviation over the population follow from those of both heads for any weights; in units of
    that deviation from that mean, one row of steps stands for all weights.

    Attributes:
        population: Its name.
        technical: Of the technical means.
        aesthetic: Of the aesthetic means.
        correlation: Of the two, -1..1.
        steps: Where 1, 1.5, .. 5 stars begin, in deviations of the composite from its mean, ascending.
        divisive_from: Aesthetic standard deviation from which opinions are expected to split.

    Raises:
        ValueError: There are not nine ascending steps, or no such correlation or deviation is possible.
    """

    population: str
    technical: Spread
    aesthetic: Spread
    correlation: Annotated[float, Limits(minimum=-1, maximum=1)]
    steps: Annotated[tuple[float, ...], Limits(minItems=_STEPS, maxItems=_STEPS)]
    divisive_from: Positive

    def __post_init__(self) -> None:
        if len(self.steps) != _STEPS or list(self.steps) != sorted(self.steps):
            raise ValueError(f"a scale has {_STEPS} ascending steps, not {self.steps}")
        if not -1 <= self.correlation <= 1 or min(self.technical.deviation, self.aesthetic.deviation) < 0:
            raise ValueError("a correlation is from -1 to 1, and a deviation not negative")

    def leasts(self, technical: float, aesthetic: float) -> tuple[float, ...]:
        """The composites at which 1, 1.5, .. 5 stars begin, for these weights."""
        mean = technical * self.technical.mean + aesthetic * self.aesthetic.mean
        one, other = technical * self.technical.deviation, aesthetic * self.aesthetic.deviation
        deviation = math.sqrt(max(0.0, one * one + other * other + 2 * self.correlation * one * other))
        return tuple(mean + step * deviation for step in self.steps)
