"""Ratings as a label file has them: of each picture, and each vote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import SCORES
from nima.training.labels.findings import Finding, Votes


@dataclass(frozen=True)
class Entry:
    """What a file says of one picture.

    Attributes:
        image: Its id.
        numbers: ``[10]`` counts or shares of the scores.
        votes: How many people rated it; 0 where the numbers are shares.
        group, distortion, side: Where the file has such columns.
    """

    image: str
    numbers: NDArray[np.float64]
    votes: int
    group: str | None = None
    distortion: str | None = None
    side: str | None = None

    @property
    def distribution(self) -> NDArray[np.float64]:
        """``[10]`` probabilities."""
        normalised: NDArray[np.float64] = self.numbers / self.numbers.sum()
        return normalised

    def same(self, other: Entry) -> bool:
        """Whether another entry says the same."""
        mine, theirs = ((e.image, e.numbers.tolist(), e.group, e.distortion, e.side) for e in (self, other))
        return mine == theirs


@dataclass(frozen=True)
class Ratings:
    """A parsed file.

    Attributes:
        entries: One for each picture, in the order of the file.
        votes: Every vote, if the file holds single votes.
        findings: What is repeated in the file.
    """

    entries: tuple[Entry, ...]
    votes: Votes | None = None
    findings: tuple[Finding, ...] = ()

    def without(self, raters: Iterable[str]) -> Ratings:
        """The same without these raters' votes, and without the pictures that nobody else rated."""
        if self.votes is None:
            return self
        dropped = set(raters)
        votes = {which: score for which, score in self.votes.items() if which[1] not in dropped}
        counted = count(votes)
        entries = (
            replace(entry, numbers=counted[entry.image], votes=int(counted[entry.image].sum()))
            for entry in self.entries
            if entry.image in counted
        )
        return Ratings(tuple(entries), votes, self.findings)


def count(votes: Votes) -> dict[str, NDArray[np.float64]]:
    """``[10]`` how often each score was given, by image."""
    counted: dict[str, NDArray[np.float64]] = {}
    for (picture, _), score in votes.items():
        counted.setdefault(picture, np.zeros(SCORES))[score - 1] += 1
    return counted
