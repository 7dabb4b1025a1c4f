"""Networks that start from served models, and checkpoints of their training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nima.errors import InvalidRequest
from nima.model.folder import SHIPPED
from nima.model.litert import Model
from nima.model.manifest import HEADS, Manifest
from nima.training.networks.architecture import (
    BACKBONES,
    BRANCHES,
    DETAIL,
    EVERYTHING,
    HIDDEN,
    SEVERITY,
    STANDARD,
    TRUNK,
    Architecture,
    input_spec,
    of_model,
)
from nima.training.networks.build import build, start_from_folder
from nima.training.networks.weights import _start_head, fold_standard, freeze
from nima.training.trainer import checkpoint

LITE = SHIPPED / "nima-lite"


def architecture(**other: Any) -> Architecture:
    return replace(of_model(Manifest.read(LITE)), **other)


def test_a_network_that_starts_from_a_served_model_answers_as_it_does() -> None:
    served = Model(LITE)
    model = start_from_folder(architecture(), LITE)
    pixels = np.random.default_rng(5).integers(0, 256, served.manifest.input.shape, np.uint8)
    answer = model(pixels[np.newaxis].astype(np.float32) / 127.5 - 1)
    for head, distribution in served.predict(pixels).items():
        own = np.asarray(answer[head])[0].tolist()
        votes = served.manifest.votes.get(head)
        assert (votes.like(own) if votes else own) == pytest.approx(distribution.tolist(), abs=1e-4)


@pytest.mark.parametrize("other", [{"alpha": 0.5}, {"tile": 0}])
def test_a_network_with_other_layers_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="do not have the layers"):
        start_from_folder(architecture(**other), LITE)


@pytest.mark.parametrize("name", BACKBONES)
def test_every_backbone_answers_with_distributions_and_freezes_its_first_layers(name: str) -> None:
    model = build(Architecture(name, 0.75 if "v3" in name else 0.5, 64))
    answer = model(np.zeros((2, 64, 64, 3), np.float32))
    assert sorted(answer) == sorted(HEADS)
    for distribution in answer.values():
        assert np.asarray(distribution).sum(axis=1) == pytest.approx(1, abs=1e-5)
    everything = len(model.trainable_weights)
    freeze(model, 10)
    assert 0 < len(model.trainable_weights) < everything
    assert all(not layer.trainable for layer in model.get_layer(TRUNK).layers[:10])


def test_branches_are_frozen_after_all_of_the_trunk() -> None:
    model = build(Architecture("mobilenet_folded", 0.25, 64, fork=16))
    trunk, *branches = (model.get_layer(part) for part in (TRUNK, *BRANCHES.values()))
    freeze(model, len(trunk.layers))
    assert not trunk.trainable_weights
    for branch in branches:
        assert len(branch.trainable_weights) == len(branch.weights) > 0
    freeze(model, EVERYTHING)
    assert not any(branch.trainable_weights for branch in branches)


def test_the_trunk_for_detail_can_be_trained_while_the_other_stays() -> None:
    model = build(architecture())
    trunk, detail = model.get_layer(TRUNK), model.get_layer(DETAIL)
    freeze(model, len(trunk.layers), detail=True)
    assert not trunk.trainable_weights
    assert len(detail.trainable_weights) == len(detail.weights) > 0
    freeze(model, len(trunk.layers))
    assert not detail.trainable_weights


def test_detail_tells_the_technical_head_alone() -> None:
    model = build(architecture())
    severity = model.get_layer(SEVERITY)
    severity.set_weights([severity.kernel * 0 + 1, severity.bias])
    spec = input_spec(architecture())
    pixels = np.random.default_rng(6).uniform(-1, 1, (1, *spec.shape)).astype(np.float32)
    other = pixels.copy()
    other[:, spec.height :] = 0
    answers = [model(given) for given in (pixels, other)]
    one, another = ({head: np.asarray(answer[head]) for head in HEADS} for answer in answers)
    same = {head: np.array_equal(one[head], another[head]) for head in HEADS}
    assert same == {"technical": False, "aesthetic": True}


def test_what_standardises_detail_is_folded_into_the_head() -> None:
    model = build(Architecture("mobilenet_folded", 0.25, 64, tile=64))
    standard = model.get_layer(STANDARD)
    rng = np.random.default_rng(0)
    standard.set_weights([rng.uniform(low, 2, standard.gamma.shape) for low in (0.5, -2, -2, 0.1)])
    pixels = rng.uniform(-1, 1, (3, 128, 64, 3)).astype(np.float32)
    before = model.predict(pixels, verbose=0)
    fold_standard(model)
    after = model.predict(pixels, verbose=0)
    assert not standard.trainable
    for head in HEADS:
        assert after[head] == pytest.approx(before[head], abs=1e-5)
    fold_standard(model)
    assert model.predict(pixels, verbose=0)["technical"] == pytest.approx(before["technical"], abs=1e-5)


def test_a_severity_is_nothing_at_first_and_then_lowers_the_mean_by_itself() -> None:
    import keras

    keras.utils.set_random_seed(2)
    plain = Architecture("mobilenet_folded", 0.25, 64)
    began = build(plain)
    model = build(replace(plain, tile=32, hidden=8))
    shared = {layer.name for layer in began.layers if layer.weights and layer.name not in HEADS}
    for name in shared:
        model.get_layer(name).set_weights(began.get_layer(name).get_weights())
    for head in HEADS:
        _start_head(model, head, *began.get_layer(head).get_weights())
    pixels = np.random.default_rng(3).uniform(-1, 1, (4, 96, 64, 3)).astype(np.float32)
    technical = np.asarray(model(pixels)["technical"])
    assert technical == pytest.approx(np.asarray(began(pixels[:, :64])["technical"]), abs=1e-5)
    severity = model.get_layer(SEVERITY)
    severity.set_weights([severity.kernel * 0, severity.bias * 0 - 0.5])
    worse = np.asarray(model(pixels)["technical"])
    scores = np.arange(1, 11)
    assert np.all(worse @ scores < technical @ scores - 0.05)


def test_heads_can_stay_as_they_are_while_their_hidden_layer_learns() -> None:
    model = build(Architecture("mobilenet_folded", 0.25, 64, hidden=8))
    freeze(model, EVERYTHING, heads=True)
    trained = {weight.path.split("/")[0] for weight in model.trainable_weights}
    assert trained == {STANDARD, HIDDEN, SEVERITY}


@pytest.fixture
def small() -> Any:
    import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


def fit(model: Any, folder: Path, epochs: int) -> int:
    """Trains on, and returns the epochs that were over before."""
    import keras

    over = checkpoint.restore(model, folder)
    made = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: checkpoint.keep(model, folder, epoch + 1))
    x, y = np.ones((8, 2)), np.ones((8, 1))
    model.fit(x, y, initial_epoch=over, epochs=epochs, verbose=0, callbacks=[made])
    return over


def test_a_half_written_checkpoint_is_as_none(small: Any, tmp_path: Path) -> None:
    assert fit(small, tmp_path, 3) == 0
    trained = small.get_weights()
    (tmp_path / "part-00004.weights.h5").write_bytes(b"half")
    assert checkpoint.restore(small, tmp_path) == 3
    assert all(np.array_equal(a, b) for a, b in zip(trained, small.get_weights(), strict=True))
    assert fit(small, tmp_path, 5) == 3
    assert checkpoint.epochs(tmp_path) == 5
