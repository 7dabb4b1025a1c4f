"""Evaluation with a real model on picture files."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from nima.assess.assessor import Assessor
from nima.errors import InvalidRequest
from nima.model.litert import LazyModel, Model
from nima.model.manifest import Manifest
from nima.training import metrics
from nima.training.evaluate.evaluation import Evaluation, compare, evaluate, predict
from nima.training.labels import labels
from nima.training.labels.labels import Labels
from tests.pictures import encode, product, scene

DISTORTIONS = ("blur", "noise", "")


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Labels:
    """Nine pictures, one a product on white, of two distortions and none; a bell of votes around 2 to 6 for each."""
    folder = tmp_path_factory.mktemp("rated")
    rows = []
    for index in range(9):
        image = product(side=400) if index == 8 else scene(320, 240, seed=index)
        (folder / f"p{index}.png").write_bytes(encode(image))
        counts = [max(0, 6 - 3 * abs(score - (2 + index / 2))) for score in range(1, 11)]
        rows.append([f"p{index}", *map(round, counts), DISTORTIONS[index % 3]])
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["image", *range(1, 11), "distortion"], *rows])
    return labels.read(folder / "labels.csv", folder)[0]


@pytest.fixture(scope="module")
def found(model_folder: Path, rated: Labels) -> Evaluation:
    return evaluate(Model(model_folder), rated, head="technical")


def test_pictures_are_scored_as_the_function_scores_them(model_folder: Path, rated: Labels, found: Evaluation) -> None:
    assessor = Assessor(LazyModel(model_folder))
    served = [assessor.assess(file.read_bytes()).technical.distribution.mean for file in rated.files]
    np.testing.assert_allclose(found.predicted, served, atol=1e-3)
    assert np.ptp(found.predicted) > 0.1


def test_figures_are_those_of_the_means_and_distributions(model_folder: Path, rated: Labels, found: Evaluation) -> None:
    steps: list[tuple[int, int]] = []
    _, distributions = predict(Model(model_folder), rated.files, lambda *step: steps.append(step))
    assert steps[-1] == (9, 9)
    assert distributions.shape == (9, 2, 10)
    technical = distributions[:, 0]
    assert (found.model, found.head, found.labels) == (Manifest.read(model_folder).name, "technical", rated)
    assert found.srcc == metrics.srcc(metrics.means(technical), rated.means)
    assert found.emd1 == pytest.approx(metrics.emd(technical, rated.distributions, 1).mean())
    assert found.emd1 != found.emd2
    assert [part.name for part in found.distortions] == ["blur", "noise"]
    assert [part.count for part in found.distortions] == [3, 3]
    aesthetic = evaluate(Model(model_folder), rated, head="aesthetic")
    assert not np.allclose(aesthetic.predicted, found.predicted, atol=0.01)
    np.testing.assert_array_equal(found.other, aesthetic.distributions)


def test_a_perfect_model_is_told_so(rated: Labels) -> None:
    perfect = compare("oracle 1", "technical", rated.distributions, rated)
    assert (perfect.srcc, perfect.plcc, perfect.accuracy) == pytest.approx((1, 1, 1))
    assert (perfect.mae, perfect.emd1, perfect.emd2) == (0, 0, 0)
    reverse = compare("fool 1", "technical", rated.distributions[:, ::-1], rated)
    assert reverse.srcc == pytest.approx(-1)
    assert reverse.accuracy < 0.5


def test_nothing_and_unknown_heads_are_refused(model_folder: Path, rated: Labels) -> None:
    with pytest.raises(InvalidRequest, match="technical, aesthetic, not 'beauty'"):
        evaluate(Model(model_folder), rated, head="beauty")
    with pytest.raises(InvalidRequest, match="no picture"):
        evaluate(Model(model_folder), rated.subset([]))


def test_figures_for_a_manifest_are_plain_json(rated: Labels) -> None:
    flat = compare("flat 1", "technical", np.full((9, 10), 0.1), rated)
    assert math.isnan(flat.srcc)
    document = json.loads(json.dumps(flat.to_json(), allow_nan=False))
    assert (document["srcc"], document["pictures"], document["head"]) == (None, 9, "technical")
    assert document["distortions"][0]["srcc"] is None
    assert document["mae"] == pytest.approx(flat.mae)


def test_the_modules_beside_the_trainer_do_not_import_tensorflow() -> None:
    import subprocess
    import sys

    modules = "nima.training.evaluate.evaluation, nima.training.labels.splits"
    code = f"import sys, {modules}; print({{'tensorflow', 'keras'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
