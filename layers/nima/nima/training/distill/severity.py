"""The severity of faults alone, trained on the features of a network that stays as it is: they are computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.training.networks.architecture import JOINED, SEVERITY_PATH
from nima.training.networks.weights import standardise
from nima.training.progress import Tick
from nima.training.samples.batches import as_input
from nima.training.samples.samples import Samples
from nima.training.trainer.claim import claim
from nima.whole import whole

_CLAIM = "start.json"


def features_of(model: Any, samples: Samples, path: Path, batch_size: int) -> Samples:
    """The samples with what the severity sees in the place of their pictures; kept in a file, whole or not at all.

    Args:
        model: A model with a hidden layer, made by ``nima.training.networks.build.build``.
        samples: With pictures.
        path: The ``.npy`` file.
        batch_size: Pictures in a batch.
    """
    import keras

    if not path.exists():
        seen = keras.Model(model.inputs, model.get_layer(JOINED).output)
        made = [
            np.asarray(seen.predict_on_batch(as_input(samples.pixels[at : at + batch_size])), np.float32)
            for at in range(0, len(samples), batch_size)
        ]
        with whole(path) as part:
            np.save(part, np.concatenate(made))
    return replace(samples, pixels=np.load(path))


def with_features(
    model: Any,
    parts: Mapping[str, Samples],
    folder: Path,
    start: Mapping[str, Any],
    *,
    batch_size: int,
    tick: Tick,
) -> list[Samples]:
    """``features_of`` for several samples, in files of their names.

    Args:
        start: What decides the model's weights, as JSON has it; a folder has the features of one model.
        tick: Called with how many of how many parts are done.

    Raises:
        InvalidRequest: The folder has those of another one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    claim(folder / _CLAIM, start, "the features of another model")
    found = []
    for done, (name, samples) in enumerate(parts.items(), 1):
        found.append(features_of(model, samples, folder / f"{name}.npy", batch_size))
        tick(done, len(parts))
    return found


def on_features(model: Any, features: NDArray[np.float32]) -> Any:
    """The technical head as a Keras model of features: it shares its layers, and so its weights, with the model.

    Features are standardised by those given, and no longer by those of each batch.

    Args:
        model: A model with a hidden layer.
        features: ``[n, k]``, some that are typical.
    """
    import keras

    standardise(model, features)
    head = model.get_layer("technical")
    inputs = keras.Input(features.shape[1:])
    severity = inputs
    for name in SEVERITY_PATH:
        severity = model.get_layer(name)(severity)
    # The head's last input is the severity; the others come first among the features.
    own = inputs[:, : head.kernel.shape[0] - 1]
    return keras.Model(inputs, {"technical": head(keras.layers.Concatenate()([own, severity]))})
