"""From Keras HDF5 weights to a model folder: every tensor accounted for, every answer compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from nima.cli import models as cli
from nima.cli.commands import commands
from nima.errors import ModelUnavailable
from nima.model import install, keras_graph
from nima.model.hdf5 import load_weights
from nima.model.litert import Model
from nima.model.manifest import HEADS
from nima.model.parity import MAX_MEAN, MAX_PROBABILITY, pictures
from nima.model.published import IDEALO, Weights, blob_id
from tests.models import random_nima, write_keras2_weights


@pytest.fixture(scope="module")
def originals() -> dict[str, Any]:
    """Two networks of the published shape, which answer alike but for the order of the scores: the one's best is the
    other's worst."""
    one, other = random_nima(alpha=1.0, seed=0), keras_graph.build()
    other.set_weights(one.get_weights())
    head = other.get_layer(keras_graph.HEAD_LAYER)
    head.set_weights([weights[..., ::-1] for weights in head.get_weights()])
    return dict(zip(HEADS, (one, other), strict=True))


@pytest.fixture(scope="module")
def source(originals: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights under their published names, as Keras 2 wrote them."""
    folder = tmp_path_factory.mktemp("source")
    for number, wanted in enumerate(IDEALO, 1):
        write_keras2_weights(originals[wanted.head], folder / wanted.file, head_layer=f"dense_{number}")
    return folder


def _pins(source: Path) -> tuple[Weights, ...]:
    return tuple(Weights(w.head, w.file, blob_id((source / w.file).read_bytes())) for w in IDEALO)


@pytest.fixture(scope="module")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model folder that ``nima models install`` makes of the weights."""
    into = tmp_path_factory.mktemp("models")
    (into / ".nima-mobilenet-killed" / "new").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "IDEALO", _pins(source))
        result = CliRunner().invoke(commands, ["models", "install", "--source", str(source), "--into", str(into)])
    assert result.exit_code == 0, result.output
    assert "random 1" in result.output
    return into / "nima-mobilenet"


def test_weights_become_a_model_that_answers_as_keras(originals: dict[str, Any], source: Path, installed: Path) -> None:
    assert [path.name for path in installed.parent.iterdir()] == ["nima-mobilenet"]
    served = Model(installed)
    assert served.manifest.reasons is not None
    pins = "-".join(pin.blob[:8] for pin in _pins(source))
    assert served.manifest.version == served.manifest.renewed().version
    assert served.manifest.version.rpartition("-")[0] == pins
    means: dict[str, list[float]] = {head: [] for head in HEADS}
    for pixels in pictures(served.manifest.input).values():
        answer = served.predict(pixels)
        for head, original in originals.items():
            keras = original(pixels[np.newaxis].astype(np.float32) / 127.5 - 1, training=False).numpy()[0]
            assert np.abs(answer[head] - keras).max() <= MAX_PROBABILITY
            assert abs((answer[head] - keras) @ np.arange(1, 11)) <= MAX_MEAN
            means[head].append(float(answer[head] @ np.arange(1, 11)))
    assert min(np.ptp(values) for values in means.values()) > 0.3, "these pictures prove nothing"

    verified = CliRunner().invoke(commands, ["models", "verify", "--into", str(installed.parent)])
    assert (verified.exit_code, "files as hashed" in verified.output) == (0, True), verified.output


def test_a_conversion_that_changes_the_answers_is_not_installed(
    originals: dict[str, Any], source: Path, installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted = {file.heads: (installed / file.path).read_bytes() for file in Model(installed).manifest.files}
    biases = {head: model.get_layer(keras_graph.HEAD_LAYER).get_weights()[1] for head, model in originals.items()}

    def careless(model: Any) -> bytes:
        """The right conversion but for a little more weight on the higher scores."""
        bias = model.get_layer(keras_graph.HEAD_LAYER).get_weights()[1]
        (head,) = (head for head, known in biases.items() if np.array_equal(known, bias))
        assert converted[head,].count(bias.tobytes()) == 1
        return converted[head,].replace(bias.tobytes(), (bias + np.linspace(0, 1e-3, 10, dtype=np.float32)).tobytes())

    monkeypatch.setattr(keras_graph, "to_litert", careless)
    content = {pin.head: (source / pin.file).read_bytes() for pin in IDEALO}
    with pytest.raises(ModelUnavailable, match="differs from the original"):
        install.install_published(content, tmp_path, _pins(source))
    assert not list(tmp_path.iterdir())


def _remove(file: h5py.File) -> None:
    del file["conv_pw_7_bn/conv_pw_7_bn/moving_mean:0"]


def _add(file: h5py.File) -> None:
    file["conv_pw_7/conv_pw_7/bias:0"] = np.zeros(512, np.float32)


def _add_layer(file: h5py.File) -> None:
    file["dense_2/dense_2/kernel:0"] = np.zeros((10, 10), np.float32)


def _misshape(file: h5py.File) -> None:
    del file["conv_dw_3/conv_dw_3/depthwise_kernel:0"]
    file["conv_dw_3/conv_dw_3/depthwise_kernel:0"] = np.zeros((3, 3, 1, 128), np.float32)


def _spoil(file: h5py.File) -> None:
    file["conv1/conv1/kernel:0"][0, 0, 0, 0] = np.nan


@pytest.mark.parametrize(
    ("change", "tensor"),
    [
        (_remove, ": conv_pw_7_bn/moving_mean\\."),
        (_add, ": conv_pw_7/bias\\."),
        (_add_layer, ": .*dense_2/kernel"),
        (_misshape, ": conv_dw_3/kernel\\."),
        (_spoil, ": conv1/kernel\\."),
    ],
)
def test_every_tensor_is_accounted_for(originals: dict[str, Any], tmp_path: Path, change: Any, tensor: str) -> None:
    path = tmp_path / "weights.hdf5"
    write_keras2_weights(originals["technical"], path)
    with h5py.File(path, "a") as file:
        change(file)
    model = keras_graph.build()
    before = [weight.numpy() for weight in model.weights]
    with pytest.raises(ModelUnavailable, match=tensor):
        load_weights(model, path.read_bytes())
    assert all(np.array_equal(old, new.numpy()) for old, new in zip(before, model.weights, strict=True))


def test_what_is_not_hdf5_is_refused() -> None:
    with pytest.raises(ModelUnavailable, match="not a readable HDF5 file"):
        load_weights(keras_graph.build(), b"version https://git-lfs.github.com/spec/v1")
