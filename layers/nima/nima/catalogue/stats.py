"""How the scores of a category are spread, in histograms. Pure.

The counters of a category lie in several shards, so that many pictures can be counted at once; ``nima.aws.stats`` keeps
them. A picture's contribution is remembered with its result, so that exactly that can be taken back.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from nima.document.assessment import Percentile, Score
from nima.document.record import Record, member
from nima.document.result import Result
from nima.document.values import Count, Limits, OneOf, Opinion
from nima.document.vocabulary import REJECTED, SCORED
from nima.heads import HEADS
from nima.words import say

SHARDS = 8
"""Items that a category's counters are spread over."""

LEAST_COMPARED = 20
"""Fewest pictures of a category that people are told a place among."""

LOWEST, HIGHEST, WIDTH = 1.0, 10.0, 0.05
BINS = 180
"""Bins of ``WIDTH`` from ``LOWEST`` to ``HIGHEST``; each holds its lower end, the last one both."""

SCALES: Mapping[str, str] = {**{name: head.counter for name, head in HEADS.items()}, "composite": "c"}
"""What the names of each score's counters begin with."""

QUANTILES = (5, 25, 50, 75, 95)
Scale = Annotated[str, OneOf(lambda: SCALES)]
Percent = Annotated[str, OneOf(lambda: map(str, QUANTILES))]

# Scores have four digits, so that whole numbers decide about the bin and no rounding error does.
_PER_UNIT = 10_000
_PER_BIN = 500


def bin_of(score: float) -> int:
    """The bin 0..179 of a score 1..10.

    Raises:
        ValueError: It is outside that range.
    """
    steps = round(score * _PER_UNIT) - _PER_UNIT
    if not 0 <= steps <= BINS * _PER_BIN:
        raise ValueError(f"{score} is no score from 1 to 10")
    return min(steps // _PER_BIN, BINS - 1)


def shard_of(key: str) -> int:
    """The shard that the picture of a key is counted in."""
    return zlib.crc32(key.encode()) % SHARDS


@dataclass(frozen=True)
class Histogram(Record):
    """How many pictures lie in each of the ``BINS``."""

    low: float = field(default=LOWEST, init=False, metadata=member(name="from"))
    high: float = field(default=HIGHEST, init=False, metadata=member(name="to"))
    bin_width: float = field(default=WIDTH, init=False)
    counts: Annotated[tuple[Count, ...], Limits(minItems=BINS, maxItems=BINS)] = (0,) * BINS
    quantiles: Mapping[Percent, Opinion | None] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self._derive(quantiles={str(percent): self.quantile(percent) for percent in QUANTILES})

    @property
    def total(self) -> int:
        return sum(self.counts)

    def percentile(self, score: float) -> float | None:
        """Share of the pictures, in percent with one decimal, below a score; None where there are none.

        Those of the score's own bin count as half below (the mid-rank percentile), so that a picture that is alone
        stands at 50.
        """
        if not self.total:
            return None
        place = bin_of(score)
        return round(100 * (sum(self.counts[:place]) + self.counts[place] / 2) / self.total, 1)

    def quantile(self, percent: float) -> float | None:
        """The score below which ``percent`` of the pictures lie, straight within a bin; None where there are none."""
        wanted, below = self.total * percent / 100, 0
        for place, count in enumerate(self.counts):
            if count and below + count >= wanted:
                return round(LOWEST + (place + max(0.0, wanted - below) / count) * WIDTH, 3)
            below += count
        return None


@dataclass(frozen=True)
class Contribution(Record):
    """What one picture adds to its category: one to each of some counters of one shard."""

    category: str
    shard: int
    counters: tuple[str, ...]

    @classmethod
    def of(cls, result: Result) -> Contribution | None:
        """The contribution of a result; None where its category is not known.

        A rejected picture is counted as such and moves no histogram.
        """
        if result.category is None:
            return None
        counters = [REJECTED]
        if result.assessment:
            assessed = result.assessment
            scores = {head: score.mean for head, score in assessed.scores.items()}
            scores["composite"] = assessed.composite.score
            counters = [SCORED, *(_counter(scale, bin_of(score)) for scale, score in scores.items())]
        return cls(result.category, shard_of(result.image.key), tuple(counters))


def moves(before: Contribution | None, after: Contribution | None) -> dict[tuple[str, int], dict[str, int]]:
    """What has to be added to which counters, by category and shard, where one contribution takes another's place."""
    moved: dict[tuple[str, int], Counter[str]] = {}
    for contribution, by in ((before, -1), (after, 1)):
        if contribution:
            counters = moved.setdefault((contribution.category, contribution.shard), Counter())
            for name in contribution.counters:
                counters[name] += by
    changes = {place: {name: by for name, by in counters.items() if by} for place, counters in moved.items()}
    return {place: counters for place, counters in changes.items() if counters}


@dataclass(frozen=True)
class CategoryStats(Record):
    """A category's pictures: how many, and how their scores are spread."""

    category: str
    scored: Count
    rejected: Count
    histograms: Mapping[Scale, Histogram] = field(metadata=member(flat=True))

    @classmethod
    def of_counters(cls, category: str, shards: Iterable[Mapping[str, int]]) -> CategoryStats:
        """Adds up the counters of a category's shards."""
        totals: Counter[str] = Counter()
        for shard in shards:
            totals.update(shard)
        histograms = {
            scale: Histogram(
                tuple(totals[_counter(scale, place)] + totals[_earlier_counter(scale, place)] for place in range(BINS))
            )
            for scale in SCALES
        }
        return cls(category, totals[SCORED], totals[REJECTED], histograms)

    def place(self, result: Result) -> Result:
        """The result with its catalogue percentiles filled in: where it stands among its category's pictures."""
        assessed = result.assessment
        if assessed is None or not self.scored:
            return result
        scores = {head: self._stand(score, head) for head, score in assessed.scores.items()}
        return replace(result, assessment=replace(assessed, scores=scores))

    def _stand(self, score: Score, head: str) -> Score:
        value = self.histograms[head].percentile(score.mean)
        population = say("populations", "category", name=self.category)
        place = None if value is None else Percentile(population, value)
        return replace(score, percentile=replace(score.percentile, catalogue=place))


def _counter(scale: str, place: int) -> str:
    """The name of a bin's counter."""
    return f"{SCALES[scale]}{place}"


def _earlier_counter(scale: str, place: int) -> str:
    """The name that earlier releases gave it. What they counted is taken back by that name."""
    return f"{scale}:{place}"
