"""Every backbone that can be trained can be served: what people see of its answers is the network's own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nima.errors import InvalidRequest, ModelUnavailable
from nima.model import parity
from nima.model.folder import SHIPPED
from nima.model.install import Origin
from nima.model.litert import Model, number_types
from nima.model.manifest import HEADS
from nima.training.export.convert import Blend, export
from nima.training.export.stored import MAX_ROUNDING, SINGLE
from nima.training.networks.architecture import BACKBONES, TRUNK, Architecture, input_spec
from nima.training.networks.build import build
from nima.training.networks.fold import fold_norms
from nima.training.trainer.folder import RUN, WEIGHTS
from tests.pretrained import like_pretrained

SCORES = np.arange(1, 11)


def network(backbone: str, head_scale: float = 0.05) -> tuple[Architecture, Any]:
    """A network whose trunk has statistics as training leaves them, and heads whose scores are spread."""
    architecture = Architecture(backbone, 0.75 if "v3" in backbone else 0.35, 64, dropout=0.0)
    model = build(architecture)
    like_pretrained(model.get_layer(TRUNK), seed=3)
    rng = np.random.default_rng(4)
    for head in HEADS:
        layer = model.get_layer(head)
        layer.set_weights([rng.normal(0, head_scale, layer.kernel.shape), rng.normal(0, 1, layer.bias.shape)])
    return architecture, model


def exported(architecture: Architecture, model: Any, folder: Path, blend: Blend | None = None) -> Model:
    run = folder / "run"
    run.mkdir(parents=True)
    model.save_weights(run / WEIGHTS)
    (run / RUN).write_text(json.dumps({"architecture": asdict(architecture)}))
    export(run, folder / "models", Origin("own", "", "", ""), blend=blend)
    return Model(folder / "models" / "own")


def moved(model: Any, architecture: Architecture, served: Model) -> float:
    """How far a mean score that is served is at most from the network's own, over pictures of several kinds."""
    found = []
    for pixels in parity.pictures(input_spec(architecture)).values():
        own = model(pixels[np.newaxis].astype(np.float32) / 127.5 - 1, training=False)
        answer = served.predict(pixels)
        found += [abs(float((answer[head] - np.asarray(own[head])[0]) @ SCORES)) for head in HEADS]
    return max(found)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_backbone_with_trained_statistics_is_exported_and_answers_as_it_did(backbone: str, tmp_path: Path) -> None:
    architecture, model = network(backbone)
    served = exported(architecture, model, tmp_path)
    stored = served.manifest.training["stored"]
    assert stored["weights"] in ("float16", "float32")
    found = moved(model, architecture, served)
    assert found <= MAX_ROUNDING
    assert stored["rounding"] == pytest.approx(found, abs=1e-4)
    pixels = np.random.default_rng(6).integers(0, 256, served.manifest.input.shape, np.uint8)
    for head, answer in served.predict(pixels).items():
        made_of = served.contributions(pixels)[head]
        assert made_of.base + made_of.points.sum() == pytest.approx(float(answer @ SCORES), abs=1e-3)
    (file,) = served.manifest.files
    types = number_types((tmp_path / "models" / "own" / file.path).read_bytes())
    assert ("float16" in types) == (stored["weights"] == "float16")


@pytest.mark.parametrize("backbone", ["mobilenet", "mobilenet_v2", "mobilenet_v3_small"])
def test_folding_leaves_the_answers_as_they_are(backbone: str) -> None:
    _, model = network(backbone)
    pixels = np.random.default_rng(5).uniform(-1, 1, (3, 64, 64, 3)).astype(np.float32)
    before = model.predict_on_batch(pixels)
    weights = model.get_weights()
    fold_norms(model)
    assert any(not np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))
    for head, answer in model.predict_on_batch(pixels).items():
        assert answer == pytest.approx(before[head], abs=1e-4)


def test_a_network_whose_scores_rounding_would_move_is_stored_whole(tmp_path: Path) -> None:
    architecture, model = network("mobilenet", head_scale=1.0)
    served = exported(architecture, model, tmp_path)
    assert served.manifest.training["stored"]["weights"] == SINGLE
    assert moved(model, architecture, served) < 1e-3


def test_weights_that_float16_cannot_hold_are_stored_whole(tmp_path: Path) -> None:
    architecture, model = network("mobilenet_folded")
    first = model.get_layer(TRUNK).get_layer("conv1")
    first.set_weights([weight * 1e7 for weight in first.get_weights()])
    served = exported(architecture, model, tmp_path)
    assert served.manifest.training["stored"]["weights"] == SINGLE
    assert moved(model, architecture, served) < 1e-3


def test_a_network_that_cannot_be_served_is_refused_with_what_was_tried(tmp_path: Path) -> None:
    architecture, model = network("mobilenet_folded")
    head = model.get_layer(HEADS[0])
    head.set_weights([head.kernel * np.nan, head.bias])
    with pytest.raises(ModelUnavailable) as refused:
        exported(architecture, model, tmp_path)
    message = refused.value.message
    assert "was not installed" in message
    assert "float16" in message
    assert "float32" in message
    assert "--learning-rate" in message
    assert not (tmp_path / "models" / "own").exists()


def test_a_network_of_keras_is_not_blended_with_a_folded_one(tmp_path: Path) -> None:
    architecture, model = network("mobilenet")
    with pytest.raises(InvalidRequest, match="Only mobilenet_folded takes the weights of a model folder"):
        exported(architecture, model, tmp_path, Blend(SHIPPED / "nima-lite", 0.5))
    assert not (tmp_path / "models" / "own").exists()
