"""Whether the right picture comes first, by the product's own ranking of shops' pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nima.catalogue.ranking import rank
from nima.document.result import ObjectRef, Result
from tests.bench.judgement import measures
from tests.bench.judgement.answers import Judged
from tests.bench.judgement.darkroom import CLEAN, SAVED
from tests.bench.judgement.defects import SPOILED
from tests.bench.judgement.measures import Estimate
from tests.bench.judgement.sources import MAIN_VIEWS

TIE = 0.1
"""Composites that are no further apart than this tell nothing."""


def first(pictures: Iterable[Judged]) -> Judged:
    """The picture that comes first in the style that they were judged in."""
    by_key = {one.key: one for one in pictures}
    style = next(iter(by_key.values())).said.composite.style
    results = (Result(image=ObjectRef(key=key), assessment=one.said) for key, one in by_key.items())
    return by_key[rank(results, style).entries[0].key]


def by_source(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for one in judged:
        found.setdefault(f"{one.source.collection}/{one.source.picture}", []).append(one)
    return found


def good_first(judged: Iterable[Judged]) -> Estimate:
    """Of each shot with its ``SPOILED`` variants, whether the good one comes first."""
    hits = []
    for pictures in by_source(judged).values():
        good, variants = _variants(pictures)
        chosen = [one for one in variants if (one.kind, one.level) in SPOILED]
        if good and len(chosen) >= len(SPOILED) - 1:
            hits.append(first([good, *chosen]) is good)
    return measures.share(sum(hits), len(hits))


def good_before(judged: Iterable[Judged], kind: str | None = None, level: str | None = None) -> Estimate:
    """Of each good shot beside each of its variants, or beside one, whether the good one comes first."""
    hits: dict[str, list[bool]] = {}
    for pictures in by_source(judged).values():
        good, variants = _variants(pictures)
        for one in variants:
            if good and kind in (None, one.kind) and level in (None, one.level):
                hits.setdefault(one.source.group, []).append(first([good, one]) is good)
    return measures.grouped_share(hits)


def ties(judged: Iterable[Judged]) -> Estimate:
    """The share of those pairs whose composites are no more than ``TIE`` apart."""
    hits: dict[str, list[bool]] = {}
    for pictures in by_source(judged).values():
        good, variants = _variants(pictures)
        for one in variants:
            if good:
                hits.setdefault(one.source.group, []).append(abs(_score(good) - _score(one)) <= TIE)
    return measures.grouped_share(hits)


def main_first(catalogue: Iterable[Judged]) -> tuple[Estimate, float]:
    """Whether the picture that a shop shows first comes first of its product's, and how often chance would have it."""
    products: dict[str, list[Judged]] = {}
    for one in catalogue:
        products.setdefault(one.source.group, []).append(one)
    hits, chance = [], []
    for pictures in products.values():
        shown = [one for one in pictures if one.source.view in MAIN_VIEWS]
        if len(shown) == 1 and len(pictures) > 1:
            hits.append(first(pictures) is shown[0])
            chance.append(1 / len(pictures))
    return measures.share(sum(hits), len(hits)), sum(chance) / len(chance) if chance else float("nan")


def _score(one: Judged) -> float:
    return one.said.composite.score


def _variants(pictures: Sequence[Judged]) -> tuple[Judged | None, list[Judged]]:
    good = next((one for one in pictures if (one.kind, one.level) == (CLEAN, SAVED)), None)
    return good, [one for one in pictures if one.kind != CLEAN]
