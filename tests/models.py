"""Real models without published weights: NIMA MobileNets with random weights whose scores differ between pictures.

``python -m tests.models FOLDER`` makes a model folder with both heads at a width of 0.25.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.model.install import Origin, pack
from nima.model.keras_graph import HEAD_LAYER, INPUT_SIDE, build, tensorflow, to_litert
from nima.model.manifest import HEADS, SCORES

ORIGIN = Origin(
    id="nima-test",
    version="1",
    description="Random weights for tests.",
    source="tests/models.py",
    licence="Apache-2.0",
    training_data="none",
)

_SPREAD = 0.8
_WIDTH = 2.0


def random_nima(alpha: float, seed: int) -> Any:
    """A Keras NIMA MobileNet with random weights that answers as a trained one does.

    A freshly initialised one gives every picture nearly the same flat distribution. Here the batch norms know the
    statistics of real activations, and the head turns one random direction of the features into the mean of a
    bell-shaped distribution whose mean spreads by about ``_SPREAD`` around 5.5 over synthetic pictures.
    """
    keras = tensorflow().keras
    keras.utils.set_random_seed(seed)
    model = build(alpha)
    batch = _textures(24) / 127.5 - 1
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    model(batch, training=True)
    head = model.get_layer(HEAD_LAYER)
    features = np.asarray(keras.Model(model.input, head.input)(batch, training=False))
    centre = features.mean(axis=0)
    direction = np.random.default_rng(seed).normal(size=centre.shape)
    direction *= _SPREAD / ((features - centre) @ direction).std()
    steps = np.arange(1, SCORES + 1) - 5.5
    kernel = np.outer(direction, steps) / _WIDTH**2
    head.set_weights([kernel, -(steps**2) / (2 * _WIDTH**2) - centre @ kernel])
    return model


def pack_random(folder: Path, alpha: float) -> dict[str, Any]:
    """Writes a model folder with random weights; returns the Keras models it was converted from, by head."""
    models = {head: random_nima(alpha, seed) for seed, head in enumerate(HEADS, 1)}
    pack(folder, ORIGIN, {(head,): to_litert(model) for head, model in models.items()})
    return models


def write_keras2_weights(model: Any, path: Path, head_layer: str = "dense_1") -> None:
    """Saves weights as Keras 2 did: a group for each layer, ``layer_names`` and ``weight_names`` as bytes."""
    import h5py

    with h5py.File(path, "w") as file:
        names = [head_layer if layer.name == HEAD_LAYER else layer.name for layer in model.layers]
        file.attrs["layer_names"] = [name.encode() for name in names]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.1.5"
        for name, layer in zip(names, model.layers, strict=True):
            group = file.create_group(name)
            kernel = "depthwise_kernel" if name.startswith("conv_dw") else "kernel"
            weights = {f"{name}/{kernel if w.name == 'kernel' else w.name}:0": w.numpy() for w in layer.weights}
            group.attrs["weight_names"] = [weight.encode() for weight in weights]
            for weight, value in weights.items():
                group.create_dataset(weight, data=value)


def _textures(count: int) -> NDArray[np.float32]:
    """``[count, 224, 224, 3]`` values 0..255: random tiles from fine to coarse, from dull to full contrast."""
    from PIL import Image

    rng = np.random.default_rng(0)
    pictures = []
    for index in range(count):
        side = INPUT_SIDE >> (index % 6)
        middle, contrast = rng.uniform(60, 195), rng.uniform(10, 90)
        tiles = np.clip(rng.normal(middle, contrast, (side, side, 3)), 0, 255).astype(np.uint8)
        pictures.append(np.asarray(Image.fromarray(tiles).resize((INPUT_SIDE, INPUT_SIDE))))
    return np.stack(pictures).astype(np.float32)


if __name__ == "__main__":
    pack_random(Path(sys.argv[1]), alpha=0.25)
