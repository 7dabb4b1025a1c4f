"""An output layer without weights: a head's answer becomes a distribution with one peak, as people's votes have.

A teacher's labels may be no votes: those of TID2013 are fill-ins for its means, of which a network learns a comb. Their
mean is all that is known, and is kept; the spread is that of real votes at that mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ONE_PEAK = "one peak, 1"
"""Of all distributions over the scores ``s`` = 1..10 with the answer's mean, that with ``p`` proportional to
``exp(a s - c (s - 5.5)^2)``. Its curvature ``c`` is a polynomial of the mean, never negative: there is one peak."""

_MIDDLE = 5.5
_STEEPEST = 60.0
_HALVINGS = 60


@dataclass(frozen=True)
class Votes:
    """What a head's answers become.

    Attributes:
        form: ``ONE_PEAK``; another one is another formula.
        curvature: Coefficients of ``c`` by the powers 0, 1, .. of the mean's distance from 5.5.
        source: What votes the curvature was fitted to, and how.
    """

    form: str
    curvature: tuple[float, ...]
    source: str

    def __post_init__(self) -> None:
        if self.form != ONE_PEAK or not self.curvature or not all(map(math.isfinite, self.curvature)):
            raise ValueError(f"votes have the form {ONE_PEAK!r} and a curvature, not {self.form!r}, {self.curvature}")

    def like(self, probabilities: Sequence[float]) -> list[float]:
        """The votes of the same mean (to 1e-9).

        Args:
            probabilities: Of the scores 1, 2, .., summing to 1.
        """
        scores = range(1, len(probabilities) + 1)
        mean = _mean(probabilities)
        bend = max(0.0, sum(c * (mean - _MIDDLE) ** power for power, c in enumerate(self.curvature)))
        flat = [-bend * (score - _MIDDLE) ** 2 for score in scores]
        low, high, votes = -_STEEPEST, _STEEPEST, list(probabilities)
        for _ in range(_HALVINGS):
            slope = (low + high) / 2
            exponents = [slope * score + other for score, other in zip(scores, flat, strict=True)]
            highest = max(exponents)
            votes = [math.exp(exponent - highest) for exponent in exponents]
            total = sum(votes)
            votes = [vote / total for vote in votes]
            low, high = (slope, high) if _mean(votes) < mean else (low, slope)
        return votes


def _mean(probabilities: Sequence[float]) -> float:
    return sum(score * p for score, p in enumerate(probabilities, 1))


AVA = Votes(
    ONE_PEAK,
    (0.2584, -0.0189, -0.0261),
    "19,929 vote histograms of AVA (82 to 530 votes each; github.com/phuockhanhle/iqs-digikam at c2027026): least "
    "squares of the unbiased standard deviation, Gauss-Newton; off by .02 on average for means from 3 to 7.5",
)
"""Real votes on photographs, from 2.1 to 8.3 in the mean."""
