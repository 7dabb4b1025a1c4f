"""What versions of the preprocessing have in common: a model that was made for one is served with the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from nima.assess.assessor import Assessor
from nima.model.folder import SHIPPED
from nima.model.litert import Model
from tests.bench.preparation import COLLECTIONS, LARGE, moves, pictures


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_means_hardly_move_from_version_1(shared: Path, collection: str) -> None:
    paths = pictures(shared / "photos", collection)
    found = moves(Model(SHIPPED / "nima-lite"), paths)
    print(f"{len(paths)} of {collection}: {found.mean.round(4)}, at most {found.most.round(3)}, {found.large} large")
    assert len(paths) > 10
    assert found.mean.max() < 0.75 * LARGE
    assert found.most.max() < 3 * LARGE
    assert found.large <= len(paths) // 10


@pytest.mark.parametrize("collection", ["camera", "cutout"])
def test_those_of_the_published_models_neither(shared: Path, assessor: Assessor, collection: str) -> None:
    found = moves(assessor.model.get(), pictures(shared / "photos", collection))
    print(f"{collection}: {found.mean.round(4)}, at most {found.most.round(3)}")
    assert found.mean.max() < LARGE
