"""From a training run to a model folder that the functions serve, proven to answer as the Keras model does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nima.errors import InvalidRequest
from nima.model import keras_graph, parity
from nima.model.install import Origin, pack
from nima.model.litert import Model
from nima.model.manifest import HEADS, InputSpec
from nima.model.staging import staged
from nima.training import backbone, trainer


def export(
    run: Path,
    models: Path,
    origin: Origin,
    spec: InputSpec,
    tick: Callable[[int, int], None] | None = None,
) -> tuple[Model, list[parity.Difference]]:
    """Converts the kept weights of a run to LiteRT, stored in float16, and installs them as a model folder.

    Args:
        run: The run's folder.
        models: The folder of model folders.
        origin: What the manifest says. An empty version becomes the hash of the LiteRT file.
        spec: The input that the run was trained with.
        tick: Told how many of how many pictures are compared.

    Returns:
        The installed model, and how its answers differ from Keras's with the same weights.

    Raises:
        InvalidRequest: The run is not finished or answers for one head only.
        ModelUnavailable: The answers differ too much; nothing was installed.
    """
    keras_graph.tensorflow()
    architecture = read_architecture(run)
    if architecture.heads != HEADS:
        raise InvalidRequest(f"A model is served with both heads; this run has {', '.join(architecture.heads)}.")
    model = backbone.build(architecture)
    model.load_weights(run / trainer.WEIGHTS)
    backbone.fold_standard(model)
    # Keras gets the rounded weights too: what the comparison then shows is the conversion alone.
    model.set_weights([np.asarray(w, np.float16).astype(np.float32) for w in model.get_weights()])
    content = keras_graph.to_litert(model, half=True)
    document = json.loads((run / trainer.RUN).read_text(encoding="utf-8"))
    named = Origin(
        **{
            **vars(origin),
            "version": origin.version or hashlib.sha256(content).hexdigest()[:12],
            "training": {**document, **origin.training},
        }
    )
    references = {head: _Head(model, head) for head in HEADS}
    with staged(models, named.id) as folder:
        # The converter decides on the order of the outputs: the right one is that which agrees.
        for heads in (HEADS, HEADS[::-1]):
            served = pack(folder, named, {heads: content}, spec)
            differences = parity.compare(references, served, tick)
            if all(difference.small for difference in differences):
                break
        parity.check(differences)
    return Model(models / named.id), differences


def read_architecture(run: Path) -> backbone.Architecture:
    """The architecture of a run; raises ``InvalidRequest`` where there is no run with weights."""
    try:
        document = json.loads((run / trainer.RUN).read_text(encoding="utf-8"))["architecture"]
    except (OSError, ValueError, KeyError) as error:
        raise InvalidRequest(f"{run} is not the folder of a training run.") from error
    if not (run / trainer.WEIGHTS).is_file():
        raise InvalidRequest(f"The run in {run} has no weights yet.")
    return backbone.Architecture(**{**document, "heads": tuple(document["heads"])})


def with_figures(folder: Path, figures: Mapping[str, Any]) -> None:
    """Adds measured figures to the ``training`` part of a model folder's manifest."""
    from dataclasses import replace

    from nima.model.manifest import Manifest

    manifest = Manifest.read(folder)
    replace(manifest, training={**manifest.training, **figures}).write(folder)


class _Head:
    """One head of a Keras model, as ``parity`` calls it."""

    def __init__(self, model: Any, head: str) -> None:
        self._model, self._head = model, head

    def __call__(self, pixels: Any, training: bool) -> Any:
        return self._model(pixels, training=training)[self._head]
