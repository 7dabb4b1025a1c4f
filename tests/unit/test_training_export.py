"""What is trained is what is served: a run becomes a model folder, and a model folder the start of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nima.errors import InvalidRequest
from nima.model.install import Origin
from nima.model.litert import Model
from nima.training import backbone, trainer
from nima.training.export import export

PLAIN = backbone.Architecture("mobilenet_folded", 0.25, 64, dropout=0.0)
SHAPES = {
    "a trunk": PLAIN,
    "detail": replace(PLAIN, tile=64),
    "branch": replace(PLAIN, branch=16),
    "branch, detail and a hidden layer": replace(PLAIN, tile=32, branch=16, hidden=8, kernel="lanczos"),
}


def served(architecture: backbone.Architecture, folder: Path) -> Model:
    """A model folder of a run with random weights."""
    import keras

    keras.utils.set_random_seed(3)
    model = backbone.build(architecture)
    if architecture.tile:
        standard = model.get_layer(backbone.STANDARD)
        rng = np.random.default_rng(0)
        standard.set_weights([rng.uniform(low, 2, standard.gamma.shape) for low in (0.5, -2, -2, 0.1)])
    run = folder / "run"
    run.mkdir(parents=True)
    model.save_weights(run / trainer.WEIGHTS)
    (run / trainer.RUN).write_text(json.dumps({"architecture": architecture.to_json()}))
    found, _ = export(run, folder / "models", Origin("own", "", "", ""), backbone.input_spec(architecture))
    return found


@pytest.fixture(scope="module", params=SHAPES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return served(SHAPES[request.param], tmp_path_factory.mktemp("export"))


def answers(network: Any, pixels: np.ndarray) -> dict[str, np.ndarray]:
    return {head: np.asarray(p)[0] for head, p in network(pixels[np.newaxis].astype(np.float32) / 127.5 - 1).items()}


def test_a_run_goes_on_from_what_is_served(model: Model, tmp_path_factory: pytest.TempPathFactory) -> None:
    architecture = backbone.of_model(model.manifest)
    assert architecture in SHAPES.values()
    folder = tmp_path_factory.getbasetemp()
    (manifest,) = (p for p in folder.rglob("own/manifest.json") if model.manifest.version in p.read_text())
    network = backbone.start_from_folder(architecture, manifest.parent)
    pixels = np.random.default_rng(5).integers(0, 256, model.manifest.input.shape, np.uint8)
    found = answers(network, pixels)
    for head, distribution in model.predict(pixels).items():
        assert found[head] == pytest.approx(distribution, abs=1e-5)


def test_a_wider_network_begins_with_the_same_aesthetic_head(tmp_path: Path) -> None:
    model = served(PLAIN, tmp_path)
    network = backbone.start_from_folder(SHAPES["branch, detail and a hidden layer"], tmp_path / "models" / "own")
    pixels = np.random.default_rng(6).integers(0, 256, (96, 64, 3), np.uint8)
    expected = model.predict(pixels[:64])["aesthetic"]
    assert answers(network, pixels)["aesthetic"] == pytest.approx(expected, abs=1e-5)


def test_a_network_without_the_branch_of_the_file_is_refused(tmp_path: Path) -> None:
    served(SHAPES["branch"], tmp_path)
    with pytest.raises(InvalidRequest, match="do not have the layers"):
        backbone.start_from_folder(PLAIN, tmp_path / "models" / "own")


def test_only_a_folded_trunk_has_a_branch() -> None:
    with pytest.raises(InvalidRequest, match="branch"):
        backbone.Architecture("mobilenet_v2", branch=16)
