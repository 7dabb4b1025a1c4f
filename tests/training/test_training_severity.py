"""The severity of faults alone, on features that are computed once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.manifest import SCORES
from nima.training.distill import severity
from nima.training.networks.architecture import EVERYTHING, HIDDEN, SEVERITY, Architecture
from nima.training.networks.build import build
from nima.training.networks.weights import freeze
from nima.training.samples.samples import Samples

ARCHITECTURE = Architecture("mobilenet_folded", 0.25, 64, tile=64, fork=16, hidden=8, kernel="lanczos")


@pytest.fixture
def model() -> Any:
    import keras

    keras.utils.set_random_seed(4)
    built = build(ARCHITECTURE)
    last = built.get_layer(SEVERITY)
    last.set_weights([last.kernel + 0.3, last.bias])
    return built


@pytest.fixture
def samples() -> Samples:
    pixels = np.random.default_rng(1).integers(0, 256, (6, 128, 64, 3), np.uint8)
    return Samples(
        pixels, np.full((6, 2, SCORES), 0.1, np.float32), np.ones((6, 2), np.float32), np.zeros((6, 3), np.float32)
    )


def features(model: Any, samples: Samples, path: Path) -> NDArray[np.float32]:
    return np.asarray(severity.features_of(model, samples, path, batch_size=4).pixels, np.float32)


def scaled(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / 127.5 - 1


def test_on_features_the_model_answers_as_on_pictures(model: Any, samples: Samples, tmp_path: Path) -> None:
    seen = features(model, samples, tmp_path / "seen.npy")
    head = severity.on_features(model, seen)
    expected = model.predict_on_batch(scaled(samples.pixels))["technical"]
    assert expected.std(axis=0).max() > 1e-4
    assert head.predict_on_batch(seen)["technical"] == pytest.approx(expected, abs=1e-5)


def test_what_is_learned_on_features_is_learned_by_the_model(model: Any, samples: Samples, tmp_path: Path) -> None:
    seen = features(model, samples, tmp_path / "seen.npy")
    head = severity.on_features(model, seen)
    freeze(model, EVERYTHING, heads=True)
    learned = {weight.path.split("/")[0] for weight in head.trainable_weights}
    assert learned == {HIDDEN, SEVERITY}
    pictures = scaled(samples.pixels)
    before = model.predict_on_batch(pictures)
    head.compile("adam", loss={"technical": "categorical_crossentropy"})
    head.fit(seen, {"technical": np.eye(SCORES, dtype=np.float32)[[0] * 6]}, epochs=3, verbose=0)
    after = model.predict_on_batch(pictures)
    assert not np.allclose(after["technical"], before["technical"], atol=1e-5)
    assert after["technical"] == pytest.approx(head.predict_on_batch(seen)["technical"], abs=1e-5)
    assert np.array_equal(after["aesthetic"], before["aesthetic"])


def test_features_are_kept_and_are_those_of_one_model(model: Any, samples: Samples, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def made(start: Mapping[str, Any]) -> list[Samples]:
        return severity.with_features(
            model,
            {"a": samples, "b": samples},
            tmp_path,
            start,
            batch_size=4,
            tick=lambda done, of: told.append((done, of)),
        )

    first = made({"shop": 1})
    assert told == [(1, 2), (2, 2)]
    (tmp_path / "b.npy").unlink()
    np.save(tmp_path / "a.npy", first[0].pixels + 1)
    again = made({"shop": 1})
    assert np.array_equal(again[0].pixels, first[0].pixels + 1)
    assert np.allclose(again[1].pixels, first[1].pixels, atol=1e-5)
    with pytest.raises(InvalidRequest, match="another model"):
        made({"shop": 2})
