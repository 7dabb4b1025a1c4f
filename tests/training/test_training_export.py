"""What is trained is what is served: a run becomes a model folder, and a model folder the start of a run."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nima.errors import InvalidRequest
from nima.model.install import Origin
from nima.model.litert import Model
from nima.model.manifest import HEADS, Manifest
from nima.training.export.convert import Blend, export
from nima.training.networks.architecture import SEVERITY, STANDARD, TRUNK, Architecture, of_model
from nima.training.networks.build import build, start_from_folder
from nima.training.networks.litert import read_layers
from nima.training.networks.weights import start_from
from nima.training.trainer.folder import RUN, WEIGHTS

PLAIN = Architecture("mobilenet_folded", 0.25, 64, dropout=0.0)
SHAPES = {
    "a trunk": PLAIN,
    "detail": replace(PLAIN, tile=64),
    "fork": replace(PLAIN, fork=16),
    "fork, detail and a hidden layer": replace(PLAIN, tile=32, fork=16, hidden=8, kernel="lanczos"),
}


def served(
    architecture: Architecture, folder: Path, counting: int = 0, seed: int = 3, blend: Blend | None = None
) -> Model:
    """A model folder of a run with random weights; of the last features only ``counting`` ones count, if not 0."""
    import keras

    keras.utils.set_random_seed(seed)
    model = build(architecture)
    if architecture.tile or architecture.hidden:
        standard = model.get_layer(STANDARD)
        rng = np.random.default_rng(0)
        standard.set_weights([rng.uniform(low, 2, standard.gamma.shape) for low in (0.5, -2, -2, 0.1)])
    rng = np.random.default_rng(seed)
    if architecture.hidden:
        severity = model.get_layer(SEVERITY)
        severity.set_weights([rng.normal(0, 1, severity.kernel.shape), rng.normal(0, 1, severity.bias.shape)])
    for head in HEADS:
        layer = model.get_layer(head)
        kernel = rng.normal(0, 30, layer.kernel.shape)
        kernel[rng.permutation(len(kernel))[: len(kernel) - counting if counting else 0]] = 0
        layer.set_weights([kernel, rng.normal(0, 1, layer.bias.shape)])
    run = folder / "run"
    run.mkdir(parents=True)
    model.save_weights(run / WEIGHTS)
    (run / RUN).write_text(json.dumps({"architecture": asdict(architecture)}))
    found, _ = export(run, folder / "models", Origin("own", "", "", ""), blend=blend)
    return found


@pytest.fixture(scope="module", params=SHAPES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return served(SHAPES[request.param], tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of another model with a fork."""
    folder = tmp_path_factory.mktemp("forked")
    served(SHAPES["fork"], folder, seed=4)
    return folder / "models" / "own"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    served(PLAIN, folder)
    return folder / "models" / "own"


def answers(network: Any, pixels: np.ndarray) -> dict[str, np.ndarray]:
    return {head: np.asarray(p)[0] for head, p in network(pixels[np.newaxis].astype(np.float32) / 127.5 - 1).items()}


def test_a_run_goes_on_from_what_is_served(model: Model, tmp_path_factory: pytest.TempPathFactory) -> None:
    architecture = of_model(model.manifest)
    assert architecture in SHAPES.values()
    folder = tmp_path_factory.getbasetemp()
    (manifest,) = (p for p in folder.rglob("own/manifest.json") if model.manifest.version in p.read_text())
    network = start_from_folder(architecture, manifest.parent)
    pixels = np.random.default_rng(5).integers(0, 256, model.manifest.input.shape, np.uint8)
    found = answers(network, pixels)
    for head, distribution in model.predict(pixels).items():
        assert found[head] == pytest.approx(distribution, abs=1e-5)


def test_a_fork_keeps_the_features_that_count_for_its_head(tmp_path: Path) -> None:
    architecture = SHAPES["fork, detail and a hidden layer"]
    model = served(PLAIN, tmp_path, counting=architecture.fork)
    network = start_from_folder(architecture, tmp_path / "models" / "own")
    pixels = np.random.default_rng(6).integers(0, 256, (96, 64, 3), np.uint8)
    expected = model.predict(pixels[:64])["aesthetic"]
    assert expected.max() > 0.15
    assert answers(network, pixels)["aesthetic"] == pytest.approx(expected, abs=1e-5)


def test_the_trunk_is_the_mean_of_both_heads_trunks_by_their_shares(tmp_path: Path) -> None:
    folders = []
    for seed in (1, 2):
        served(PLAIN, tmp_path / str(seed), seed=seed)
        folders.append(tmp_path / str(seed) / "models" / "own" / "nima.tflite")
    network, *others = (build(PLAIN) for _ in range(3))
    start_from(network, [(f.read_bytes(), (h,)) for f, h in zip(folders, HEADS, strict=True)], (0.25, 0.75))
    for other, file in zip(others, folders, strict=True):
        start_from(other, [(file.read_bytes(), ())])
    mean, first, second = (model.get_layer(TRUNK).get_weights() for model in (network, *others))
    for a, b, c in zip(mean, first, second, strict=True):
        assert a == pytest.approx(0.25 * b + 0.75 * c, abs=1e-6)


def test_a_blend_does_not_mix_a_hidden_layer_with_one_that_never_was(plain: Path, tmp_path: Path) -> None:
    first = Model(plain)
    pixels = np.random.default_rng(7).integers(0, 256, (64, 64, 3), np.uint8)
    run = replace(PLAIN, hidden=8)
    blends = {share: served(run, tmp_path / str(share), seed=4, blend=Blend(plain, share)) for share in (0.0, 0.5, 1.0)}
    for share, model in blends.items():
        assert model.manifest.training["blend"] == {"model": f"own {first.manifest.version}", "share": share}
    nothing, half, all_of_it = (model.predict(pixels)["technical"] for model in blends.values())
    assert nothing == pytest.approx(first.predict(pixels)["technical"], abs=1e-4)
    assert np.abs(all_of_it - nothing).max() > 0.01
    assert np.abs(half - nothing).max() > 0.001


def test_a_head_of_the_blended_model_comes_with_its_branch(forked: Path, tmp_path: Path) -> None:
    for name, head in (("own", None), ("mixed", "aesthetic")):
        served(SHAPES["fork"], tmp_path / name, blend=Blend(forked, 1.0, head=head))
    folders = (*(tmp_path / name / "models" / "own" for name in ("own", "mixed")), forked)
    files = (read_layers((folder / "nima.tflite").read_bytes()) for folder in folders)
    for ours, layer, theirs in zip(*files, strict=True):
        assert not np.array_equal(ours.kernel, theirs.kernel)
        assert np.array_equal(layer.kernel, (theirs if "/aesthetic" in layer.name else ours).kernel), layer.name


def test_a_network_without_the_fork_of_the_file_is_refused(forked: Path) -> None:
    with pytest.raises(InvalidRequest, match="do not have the layers"):
        start_from_folder(PLAIN, forked)


def test_only_a_folded_trunk_forks() -> None:
    with pytest.raises(InvalidRequest, match="forks"):
        Architecture("mobilenet_v2", fork=16)


def test_a_kernel_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="is not one of"):
        replace(PLAIN, kernel="sharp")


def test_a_model_goes_on_with_its_own_sampling(plain: Path) -> None:
    """What its other head sees stays as it is."""
    manifest = Manifest.read(plain)
    sampled = replace(manifest, input=replace(manifest.input, kernel="nearest"), training={})
    assert of_model(sampled) == replace(PLAIN, alpha=1.0, dropout=0.2, kernel="nearest")
    with pytest.raises(InvalidRequest, match="describes no architecture"):
        of_model(replace(manifest, training={"architecture": {"depth": 3}}))
