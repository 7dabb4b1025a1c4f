"""The order of candidates: a total one that depends on nothing but the candidates. Pure.

In each tier (``Tier``) the composites that lie within a margin of the highest one say nothing about which of them is
better, so there other merits decide; below them the composite does. Between tiers the composite decides too, less what
a sure defect weighs; but what fails a required policy comes after all that passes. A picture's place among others thus
depends on these and on the highest composite of its tier, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from nima.catalogue.candidates import Candidate, Entry, Scored
from nima.catalogue.duplicates import group
from nima.document.result import Result

S = TypeVar("S", bound=Scored)

TIED = 0.1
"""Composites that lie closer together do not say which picture is better."""

CLEAR = 0.3
"""A lead from which it is clear which picture is better. The same photograph recoloured moves by .21, the median."""


OUTWEIGHED = 1.0
"""The lead from which a picture with a sure defect, or one that the style minds, comes before one without: a little
noise is better than a picture that shows nothing any more. Measured by ``python -m tests.bench.opinions``."""


class Merits(NamedTuple):
    """What decides between candidates whose composites do not, the least first."""

    reasons: int
    pixels: int
    score: float
    divided: bool
    key: str


def merits(candidate: Scored) -> Merits:
    """Those of a candidate."""
    reasons = len(candidate.assessment.deductions)
    return Merits(reasons, -candidate.pixels, -candidate.composite.score, candidate.divided, candidate.key)


def lead(one: Scored, other: Scored) -> float:
    """Points of the composite that one is ahead of another."""
    return round(one.composite.score - other.composite.score, 4)


def ordered(candidates: Iterable[S]) -> list[S]:
    """The best first."""
    found = list(candidates)
    highest: dict[int, S] = {}
    for one in found:
        number = one.tier.number
        highest[number] = max(highest.get(number, one), one, key=lambda scored: scored.composite.score)

    def place(one: S) -> tuple[bool, float, int, bool, Merits]:
        number, own = one.tier.number, merits(one)
        tied = lead(highest[number], one) < TIED
        worth = round((highest[number] if tied else one).composite.score - OUTWEIGHED * one.tier.defective, 4)
        return one.tier.failing, -worth, number, not tied, own if tied else own._replace(reasons=0, pixels=0)

    return sorted(found, key=place)


def tied(best_first: Sequence[S]) -> tuple[S, ...]:
    """The first ones, between which the composite does not decide; all of one tier."""
    rivals = [one for one in best_first if one.tier.number == best_first[0].tier.number]
    highest = max(rivals, key=lambda scored: scored.composite.score)
    return tuple(one for one in rivals if lead(highest, one) < TIED)


def grouped(results: Iterable[Result]) -> list[tuple[str, ...]]:
    """The keys of near-duplicates together; each group is around the largest picture of it, whatever their scores."""
    sizes = [(result.image.key, result.assessment) for result in results if result.assessment]
    sizes.sort(key=lambda one: (-one[1].image.width * one[1].image.height, -one[1].image.bytes, one[0]))
    groups = group((key, assessment.phash) for key, assessment in sizes)
    return [(first, *others) for first, others in groups.items()]


def arranged(groups: Iterable[Iterable[Candidate]]) -> tuple[Entry, ...]:
    """Entries in order, each of a group of near-duplicates, for which the best of them stands."""
    inside = {best.key: (best, others) for best, *others in map(ordered, groups)}
    best_first = ordered(best for best, _ in inside.values())
    return tuple(Entry(rank, one.result, one.tier, tuple(inside[one.key][1])) for rank, one in enumerate(best_first, 1))
