"""A distribution over the scores 1..10, and the numbers read from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from nima.document.record import Record, member
from nima.document.values import Limits, Share

SCORES = tuple(range(1, 11))
_DIGITS = 6
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Distribution(Record):
    """Probabilities of the scores 1..10, in that order.

    Build one with ``Distribution.of``; the probabilities are kept to six digits so that a result reads the same from
    the table as it did when it was made.
    """

    probabilities: Annotated[tuple[Share, ...], Limits(minItems=len(SCORES), maxItems=len(SCORES))] = field(
        metadata=member(alone=True)
    )

    def __post_init__(self) -> None:
        """Checks that there are ten and that they sum to 1.

        Raises:
            ValueError: Not ten, not finite, negative, or the sum is not 1 (within 0.001).
        """
        values = self.probabilities
        if len(values) != len(SCORES) or not all(math.isfinite(p) and p >= 0 for p in values):
            raise ValueError("a distribution has ten finite probabilities that are not negative")
        if abs(sum(values) - 1) > _SUM_TOLERANCE:
            raise ValueError(f"the probabilities sum to {sum(values)}, not to 1")

    @classmethod
    def of(cls, probabilities: Sequence[float]) -> Distribution:
        """Brings ten probabilities that sum to 1 (within 0.001) to sum to it exactly, and rounds them.

        Raises:
            ValueError: As above.
        """
        values = cls(tuple(float(p) for p in probabilities)).probabilities
        total = sum(values)
        return cls(tuple(round(p / total, _DIGITS) for p in values))

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
