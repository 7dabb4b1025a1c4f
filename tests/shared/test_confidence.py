"""Confidence on pictures that it was not fitted to: what is said with more of it is nearer to the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nima.assess.assessor import Assessor
from nima.document.vocabulary import HIGH, LEVELS, LOW
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel
from nima.training.distill.data_list import HELD_OUT
from tests.bench.judgement import sources
from tests.bench.judgement.sources import Source
from tests.bench.scale import products


@pytest.fixture(scope="module")
def lite() -> Assessor:
    return Assessor(LazyModel(SHIPPED / "nima-lite"))


def test_what_is_said_with_confidence_is_nearer_to_the_teacher(
    lite: Assessor, assessor: Assessor, shared: Path
) -> None:
    every = [*sources.photographs(shared / "photos"), *sources.goods(shared / "photos")]
    found: dict[str, list[float]] = {level: [] for level in LEVELS}
    pictures = sources.of(every, HELD_OUT)
    for source in pictures:
        data = source.path.read_bytes()
        said = lite.assess(data)
        found[said.confidence.level].append(abs(said.composite.score - assessor.assess(data).composite.score))
    print({level: (len(of), round(float(np.mean(of)), 3)) for level, of in found.items()})
    assert min(map(len, found.values())) >= 0.15 * len(pictures)
    assert np.mean(found[HIGH]) <= 0.8 * np.mean(found[LOW])


def test_products_of_a_real_catalogue_are_seldom_doubted(lite: Assessor, shared: Path) -> None:
    pictures: Sequence[Source] = [source for source in products(HELD_OUT) if source.collection == sources.CATALOGUE]
    doubted = [s.picture for s in pictures if lite.assess(s.path.read_bytes()).confidence.level != HIGH]
    print(f"{len(doubted)} of {len(pictures)} doubted: {doubted}")
    assert len(pictures) > 50
    assert len(doubted) <= 0.2 * len(pictures)
