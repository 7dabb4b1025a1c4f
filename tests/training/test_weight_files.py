"""The files of weights that people have: each is taken whole, or refused with what does not fit."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nima.errors import InvalidRequest
from nima.model import keras_graph
from nima.training.networks.architecture import APPLICATIONS, TRUNK, Architecture
from nima.training.networks.build import build
from nima.training.networks.pretrained import take

V1, V2, V3 = (Architecture(name, 0.35, 64) for name in ("mobilenet", "mobilenet_v2", "mobilenet_v3_small"))
FOLDED = Architecture("mobilenet_folded", 0.25, 64)


def application(architecture: Architecture, **options: Any) -> Any:
    """The trunk as everybody else makes it, with random weights and statistics."""
    import keras

    make = getattr(keras.applications, APPLICATIONS[architecture.backbone])
    side = architecture.side
    model = make((side, side, 3), alpha=architecture.alpha, include_top=False, pooling="avg", weights=None, **options)
    rng = np.random.default_rng(2)
    model.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in model.get_weights()])
    return model


def guide(base: Any) -> Any:
    """The guide's model: a head of ten scores behind the base's own layers, trained for one step."""
    import keras

    model = keras.Model(base.input, keras.layers.Dense(10, "softmax")(base.output))
    return compiled(model)


def sequential(base: Any) -> Any:
    import keras

    return compiled(keras.Sequential([base, keras.layers.Dense(100, "relu"), keras.layers.Dense(4, "softmax")]))


def compiled(model: Any) -> Any:
    model.compile("adam", "categorical_crossentropy")
    return model


def saved(make: Callable[[Any], Any], name: str) -> Callable[[Any, Path], Path]:
    def save(base: Any, folder: Path) -> Path:
        path = folder / name
        model = make(base)
        model.save_weights(path) if name.endswith(".weights.h5") else model.save(path)
        return path

    return save


def unnamed(base: Any, folder: Path) -> Path:
    """Weights as Keras 3 wrote them before it kept the layers' names."""
    path = saved(sequential, "old.weights.h5")(base, folder)
    with h5py.File(path, "a") as file:
        file.visititems(lambda _, entry: entry.attrs.pop("name", None))
    return path


def by_path(place: Callable[[str, str], str]) -> Callable[[Any, Path], Path]:
    """Weights in the layouts of Keras 2: by the place of a layer's tensor in the file."""

    def save(base: Any, folder: Path) -> Path:
        path = folder / "keras-2.h5"
        with h5py.File(path, "w") as file:
            for layer in base.layers:
                for weight in layer.weights:
                    depthwise = type(layer).__name__ == "DepthwiseConv2D" and weight.name == "kernel"
                    tensor = "depthwise_kernel" if depthwise else weight.name
                    file[place(layer.name, f"{tensor}:0")] = np.asarray(weight)
            file[place("predictions", "kernel:0")] = np.ones((8, 4), np.float32)
            file["optimizer_weights/Adam/m/Conv1/kernel:0"] = np.ones((3, 3), np.float32)
        return path

    return save


def teachable_machine(layer: str, tensor: str) -> str:
    return f"model_weights/sequential_1/{layer}/{tensor}"


def released(layer: str, tensor: str) -> str:
    return f"{layer}/{layer}/{tensor}"


def built_twice(layer: str, tensor: str) -> str:
    return f"{layer}/{layer}_2/{tensor}"


def slashed(layer: str, tensor: str) -> str:
    """As MobileNetV3's weights of ImageNet are named: ``expanded_conv/depthwise/BatchNorm``."""
    name = layer.replace("conv", "Conv", 1) if layer.startswith("conv") else layer
    for part in ("_expand", "_depthwise", "_squeeze_excite", "_project"):
        name = name.replace(part, part.replace("_", "/", 1))
    name = name.replace("excite_conv", "excite/Conv").replace("_bn", "/BatchNorm")
    return f"{name}/{name}/{tensor}"


FILES = {
    "weights of the trunk": (V2, saved(lambda base: base, "trunk.weights.h5")),
    "weights of the guide's model": (V2, saved(guide, "guide.weights.h5")),
    "weights of a trunk in a model": (V1, saved(sequential, "shop.weights.h5")),
    "weights without names": (V2, unnamed),
    "the guide's model": (V2, saved(guide, "guide.keras")),
    "a trunk in a model": (V3, saved(sequential, "shop.keras")),
    "a model in HDF5": (V2, saved(guide, "guide.h5")),
    "a trunk in a model in HDF5": (V1, saved(sequential, "shop.h5")),
    "Teachable Machine": (V2, by_path(teachable_machine)),
    "a release of keras-applications": (V1, by_path(released)),
    "a release with slashes": (V3, by_path(slashed)),
    "layers that were numbered": (V1, by_path(built_twice)),
}


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
@pytest.mark.parametrize("name", FILES)
def test_every_layer_of_a_file_is_taken(name: str, tmp_path: Path) -> None:
    architecture, save = FILES[name]
    options = {"include_preprocessing": False} if architecture is V3 else {}
    base = application(architecture, **options)
    path = save(base, tmp_path)
    model = build(architecture)
    line = take(model, architecture, path)
    layers = sum(bool(layer.weights) for layer in base.layers)
    assert f"all {layers} layers of {architecture.backbone} 0.35" in line
    for own, theirs in zip(model.get_layer(TRUNK).get_weights(), base.get_weights(), strict=True):
        assert np.array_equal(own, theirs)
    assert ("left aside" in line) == (name != "weights of the trunk")


def classifier(folder: Path, architecture: Architecture = FOLDED) -> tuple[Path, Any]:
    """A LiteRT file of a trunk with a convolution for classes behind it, as those of ImageNet are."""
    import keras

    trunk = build(architecture).get_layer(TRUNK)
    pooled = keras.layers.Reshape((1, 1, trunk.output.shape[-1]))(trunk.output)
    path = folder / "classes.tflite"
    path.write_bytes(keras_graph.to_litert(keras.Model(trunk.input, keras.layers.Conv2D(7, 1)(pooled))))
    return path, trunk


def test_a_litert_classifier_gives_its_trunk(tmp_path: Path) -> None:
    path, trunk = classifier(tmp_path)
    model = build(FOLDED)
    assert "all 27 layers of mobilenet_folded 0.25 are taken from it; left aside: " in take(model, FOLDED, path)
    for own, theirs in zip(model.get_layer(TRUNK).get_weights(), trunk.get_weights(), strict=True):
        assert own == pytest.approx(theirs, abs=1e-6)


def refusal(architecture: Architecture, path: Path) -> str:
    """The refusal; nothing of the file was taken."""
    model = build(architecture)
    before = model.get_weights()
    with pytest.raises(InvalidRequest) as refused:
        take(model, architecture, path)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    message = refused.value.message
    assert "\n" not in message
    assert len(message) < 500
    return message


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return by_path(teachable_machine)(application(V2), tmp_path_factory.mktemp("narrow"))


def test_weights_of_another_width_are_told_as_such(narrow: Path, tmp_path: Path) -> None:
    message = refusal(Architecture("mobilenet_v2", 1.0, 64), narrow)
    assert "do not fit mobilenet_v2 1: of its 104 layers" in message
    assert "Conv1 has 3x3x3x16 for 3x3x3x32" in message
    assert message.endswith("They fit --backbone mobilenet_v2 --alpha 0.35.")
    path, _ = classifier(tmp_path)
    message = refusal(Architecture("mobilenet_folded", 0.5, 64), path)
    assert "conv1 has 3x3x3x8 for 3x3x3x16" in message
    assert message.endswith("They fit --backbone mobilenet_folded --alpha 0.25.")


def test_weights_of_another_network_are_told_as_such(narrow: Path) -> None:
    message = refusal(V3, narrow)
    assert "not there are conv, conv_bn, expanded_conv_squeeze_excite_conv and" in message
    assert message.endswith("They fit --backbone mobilenet_v2 --alpha 0.35.")


def test_layers_that_miss_are_named(narrow: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(narrow, tmp_path / "cut.h5"))
    with h5py.File(path, "a") as file:
        del file["model_weights/sequential_1/bn_Conv1"]
        del file["model_weights/sequential_1/block_3_project/kernel:0"]
    message = refusal(V2, path)
    assert "of its 104 layers 102 fit; not there are bn_Conv1, block_3_project." in message
    assert message.endswith("They fit no trunk of a usual width.")


def test_a_file_with_two_such_trunks_is_refused(narrow: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(narrow, tmp_path / "two.h5"))
    with h5py.File(path, "a") as file:
        file.copy("model_weights/sequential_1", "model_weights/sequential_2")
    assert "Conv1 is there twice" in refusal(V2, path)


def test_weights_that_are_no_numbers_are_refused(narrow: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(narrow, tmp_path / "nan.h5"))
    with h5py.File(path, "a") as file:
        file["model_weights/sequential_1/bn_Conv1/beta:0"][3] = np.nan
    assert "not all numbers" in refusal(V2, path)


def test_what_is_no_file_of_weights_is_refused(narrow: Path, tmp_path: Path) -> None:
    text, cut, archive = tmp_path / "text.h5", tmp_path / "cut.h5", tmp_path / "pictures.zip"
    text.write_text("no weights")
    assert refusal(V2, text).endswith("is no file of weights; what is read are .h5, .weights.h5 and .keras of Keras, "
                                      ".tflite of LiteRT.")  # fmt: skip
    cut.write_bytes(narrow.read_bytes()[:5000])
    assert "cut.h5 is a damaged file of weights: " in refusal(V2, cut)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.jpg", b"")
    assert "holds no model.weights.h5" in refusal(V2, archive)
    half = tmp_path / "half.keras"
    half.write_bytes(archive.read_bytes()[:40])
    assert "half.keras is a damaged file of weights: " in refusal(V2, half)


def test_litert_is_for_the_folded_trunk_and_keras_for_the_others(narrow: Path, tmp_path: Path) -> None:
    path, _ = classifier(tmp_path)
    assert "take --backbone mobilenet_folded" in refusal(V2, path)
    assert "take --backbone mobilenet." in refusal(FOLDED, narrow)
