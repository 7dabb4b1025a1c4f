"""A run as it is, before it is exported: its network in Keras answers as a served model does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import HEADS, Manifest, ModelFile
from nima.model.prepare import PREPROCESSING
from nima.training import backend
from nima.training.labels.dataset import sha256
from nima.training.networks.architecture import input_spec
from nima.training.networks.build import build
from nima.training.samples.batches import as_input
from nima.training.trainer.folder import WEIGHTS, read_run


class RunModel:
    """The kept weights of a run.

    Args:
        run: The run's folder; its name and the hash of the weights are the model's.

    Attributes:
        manifest: What the manifest of the exported model would say of its input and its weights.

    Raises:
        InvalidRequest: It is not the folder of a run, or the run has no weights yet.
    """

    def __init__(self, run: Path) -> None:
        architecture, document = read_run(run)
        backend.load()
        weights, digest = run / WEIGHTS, sha256(run / WEIGHTS)
        self.manifest = Manifest(
            id=run.resolve().name,
            version=digest[:12],
            description="A run that is not exported.",
            licence="",
            source=str(run),
            training_data="",
            preprocessing=PREPROCESSING,
            files=(ModelFile(weights.name, digest, weights.stat().st_size, HEADS),),
            input=input_spec(architecture),
            training=document,
        )
        self._network = build(architecture)
        self._network.load_weights(weights)

    def predict(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
        """As ``nima.model.litert.Model.predict``."""
        answer = self._network.predict_on_batch(as_input(pixels[np.newaxis]))
        return {head: np.asarray(answer[head], np.float64)[0] for head in HEADS}
