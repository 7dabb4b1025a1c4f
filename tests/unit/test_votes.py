"""The output layer that gives a head's answer the shape of people's votes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nima.assess.assessor import Assessor
from nima.model import golden
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel, Model
from nima.model.manifest import Manifest
from nima.model.votes import AVA, Votes
from tests.pictures import encode, scene

SHARED = Path(os.environ.get("NIMA_SHARED_DATA", Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))
LITE = SHIPPED / "nima-lite"
SCORES = np.arange(1, 11)
COMB = [0.1, 0.11, 0.15, 0.1, 0.11, 0.09, 0.11, 0.06, 0.1, 0.07]

distributions = (
    st.lists(st.floats(0, 1), min_size=10, max_size=10)
    .filter(lambda values: sum(values) > 0.01)
    .map(lambda values: [value / sum(values) for value in values])
)


def mean(votes: list[float]) -> float:
    return float(np.array(votes) @ SCORES)


def std(votes: list[float]) -> float:
    return float(np.sqrt(np.array(votes) @ SCORES**2 - mean(votes) ** 2))


def at(wanted: float) -> list[float]:
    """A distribution with this mean and several peaks."""
    share = (wanted - 1) / 9
    return [1 - share, *[0.0] * 8, share]


@given(distributions)
def test_the_mean_stays_and_there_is_one_peak(values: list[float]) -> None:
    votes = AVA.like(values)
    assert sum(votes) == pytest.approx(1)
    assert mean(votes) == pytest.approx(mean(values), abs=1e-6)
    rises = np.sign(np.diff(np.round(votes, 9)))
    assert list(rises[rises != 0]) == sorted(rises[rises != 0], reverse=True)


@pytest.mark.parametrize("wanted", [1.0, 1.02, 9.98, 10.0])
def test_the_ends_of_the_scale_are_reached(wanted: float) -> None:
    votes = AVA.like(at(wanted))
    assert mean(votes) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("wanted", "spread"), [(3, 1.55), (4, 1.44), (5, 1.37), (6, 1.44), (7, 1.59)])
def test_votes_spread_as_those_of_ava_do(wanted: float, spread: float) -> None:
    assert std(AVA.like(at(wanted))) == pytest.approx(spread, abs=0.06)
    assert std(COMB) > 2.7


@pytest.mark.skipif(not SHARED.is_dir(), reason="NIMA_SHARED_DATA is not here")
def test_real_votes_of_ava_are_spread_so() -> None:
    votes = np.array([e["label"] for e in json.loads((SHARED / "labels" / "ava19929_labels.json").read_text())], float)
    counts = votes.sum(axis=1)
    means = votes @ SCORES / counts
    stds = np.sqrt((votes @ SCORES**2 / counts - means**2) * counts / (counts - 1))
    for low in (3.5, 4, 4.5, 5, 5.5, 6, 6.5):
        chosen = (means >= low) & (means < low + 0.5)
        made = [std(AVA.like(at(float(wanted)))) for wanted in means[chosen][::10]]
        assert np.mean(made) == pytest.approx(stds[chosen].mean(), abs=0.05), low


@pytest.mark.parametrize("wrong", [("two peaks", (0.2,)), (AVA.form, ()), (AVA.form, (float("nan"),))])
def test_another_formula_is_refused(wrong: tuple[str, tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match="votes have the form"):
        Votes(*wrong, source="")


def test_the_shipped_model_gives_its_golden_scores_and_votes() -> None:
    assert golden.check(Model(LITE)) <= golden.TOLERANCE
    assert Manifest.read(LITE).votes == {"technical": AVA}
    score = Assessor(LazyModel(LITE)).assess(encode(scene(640, 480))).technical
    rises = np.sign(np.diff(score.distribution.probabilities))
    assert list(rises[rises != 0]) == sorted(rises[rises != 0], reverse=True)
    assert 1.3 < score.std < 1.7
