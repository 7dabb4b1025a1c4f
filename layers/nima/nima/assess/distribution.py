"""A distribution over the scores 1..10, and the numbers read from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SCORES = tuple(range(1, 11))
_DIGITS = 6
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Distribution:
    """Probabilities of the scores 1..10, in that order.

    Build one with ``Distribution.of``; the probabilities are kept to six digits so that a result reads the same from
    the table as it did when it was made.
    """

    probabilities: tuple[float, ...]

    @classmethod
    def of(cls, probabilities: Sequence[float]) -> Distribution:
        """Checks and rounds ten probabilities that sum to 1 (within 0.001).

        Raises:
            ValueError: Not ten, not finite, negative, or the sum is not 1.
        """
        values = cls.read(probabilities).probabilities
        total = sum(values)
        return cls(tuple(round(p / total, _DIGITS) for p in values))

    @classmethod
    def read(cls, probabilities: Sequence[Any]) -> Distribution:
        """The same check of numbers of any type, which are kept as they are.

        Raises:
            TypeError, ValueError: As ``of`` says, or one is no number.
        """
        values = tuple(float(p) for p in probabilities)
        if len(values) != len(SCORES) or not all(math.isfinite(p) and p >= 0 for p in values):
            raise ValueError("a distribution has ten finite probabilities that are not negative")
        total = sum(values)
        if abs(total - 1) > _SUM_TOLERANCE:
            raise ValueError(f"the probabilities sum to {total}, not to 1")
        return cls(values)

    @property
    def mean(self) -> float:
        """Mean opinion score, 1..10."""
        return round(self._moment(0.0, 1) / sum(self.probabilities), 4)

    @property
    def std(self) -> float:
        """Standard deviation of the opinions, 0..4.5."""
        total = sum(self.probabilities)
        mean = self._moment(0.0, 1) / total
        return round(math.sqrt(self._moment(mean, 2) / total), 4)

    def _moment(self, centre: float, order: int) -> float:
        return sum(p * (score - centre) ** order for score, p in zip(SCORES, self.probabilities, strict=True))
