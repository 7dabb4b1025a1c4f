"""Percentiles from end to end: a population is measured, lies in the manifest and names itself in the result."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nima.assess.assessor import Assessor
from nima.assess.percentile import percentile
from nima.local.adopt import adopt
from nima.model.litert import LazyModel
from nima.model.manifest import Manifest, Population
from nima.model.populations import OF_IDEALO, of_weights
from nima.model.published import IDEALO
from tests.pictures import encode, scene

SHARED = Path(os.environ.get("NIMA_SHARED_DATA", Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="NIMA_SHARED_DATA is not here")


def test_quantiles_by_hand() -> None:
    population = Population.of("five", [5, 3, 4, 7, 6])
    assert population.name == "five"
    assert (population.quantiles[0], population.quantiles[100]) == (3, 7)
    # Four gaps of 25 percent each.
    assert [population.quantiles[i] for i in (10, 25, 50, 60, 75)] == [3.4, 4, 5, 5.4, 6]


@given(st.lists(st.floats(1, 10), min_size=2, max_size=300))
def test_a_photograph_of_the_population_finds_its_own_place(means: list[float]) -> None:
    quantiles = Population.of("some", means).quantiles
    assert len(quantiles) == 101
    assert list(quantiles) == sorted(quantiles)
    for mean in means:
        below, same = sum(m < mean - 1e-3 for m in means), sum(abs(m - mean) <= 1e-3 for m in means)
        # Between the share below and the share not above, give or take a step of the quantiles and of the means.
        slack = 1.1 + 100 / len(means)
        place = percentile(mean, quantiles)
        assert 100 * below / len(means) - slack <= place <= 100 * (below + same) / len(means) + slack


@pytest.mark.parametrize("means", [[], [5.0], [0.5, 5], [5, 10.5], [5, float("nan")], [float("nan"), 5]])
def test_what_is_no_population_is_refused(means: Sequence[float]) -> None:
    with pytest.raises(ValueError, match="at least two means"):
        Population.of("some", means)


def test_a_result_names_its_population(model_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder, tmp_path / "model"))
    picture = encode(scene(320, 240))
    before = Assessor(LazyModel(folder)).assess(picture)
    assert before.to_json()["technical"]["percentile"]["reference"] is None
    mean = before.technical.distribution.mean
    # Three of four lie below it, and the result stands between the third and the last.
    population = Population.of("four photographs", [mean - 3, mean - 2, mean - 1, mean + 1])
    replace(Manifest.read(folder), population={"technical": population}).renewed().write(folder)
    after = Assessor(LazyModel(folder)).assess(picture).to_json()
    assert after["technical"]["percentile"]["reference"] == {"population": "four photographs", "value": 83.3}
    assert after["aesthetic"]["percentile"]["reference"] is None


def test_only_known_weights_have_idealos_populations(model_folder: Path, tmp_path: Path) -> None:
    assert of_weights(IDEALO) == OF_IDEALO
    assert of_weights([replace(IDEALO[0], blob="0" * 40), IDEALO[1]]) == {"aesthetic": OF_IDEALO["aesthetic"]}
    assert Manifest.read(adopt(model_folder, tmp_path)).population == {}


def test_idealos_populations_are_whole() -> None:
    for population in OF_IDEALO.values():
        assert len(population.quantiles) == 101
        assert list(population.quantiles) == sorted(set(population.quantiles))


@needs_shared
def test_the_aesthetic_population_is_that_of_the_published_predictions() -> None:
    published = json.loads((SHARED / "labels" / "idealo_nima_pred_ava19929.json").read_text())
    measured = Population.of("19,929 AVA photographs", [entry["mean_score_prediction"] for entry in published])
    assert measured == OF_IDEALO["aesthetic"]


@needs_shared
def test_an_adopted_conversion_places_a_photograph_among_its_population(tmp_path: Path) -> None:
    folder = adopt(SHARED / "nima-idealo", tmp_path)
    assert Manifest.read(folder).population == OF_IDEALO
    result = Assessor(LazyModel(folder)).assess((SHARED / "rated" / "ava" / "42039.jpg").read_bytes()).to_json()
    published = json.loads((SHARED / "labels" / "idealo_nima_pred_ava19929.json").read_text())
    reference = result["aesthetic"]["percentile"]["reference"]
    below = [entry for entry in published if entry["mean_score_prediction"] < result["aesthetic"]["mean"]]
    assert reference["population"] == "19,929 AVA photographs"
    assert reference["value"] == pytest.approx(100 * len(below) / len(published), abs=0.5)
    assert result["technical"]["percentile"]["reference"]["population"] == "2,286 everyday photographs"
