"""A run as it is, before it is exported: its network in Keras answers as a served model does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nima.model.litert import Model
from nima.model.manifest import HEADS, Manifest, ModelFile
from nima.model.prepare import PREPROCESSING
from nima.training import backend
from nima.training.labels.dataset import sha256
from nima.training.networks.architecture import input_spec
from nima.training.networks.build import build
from nima.training.samples.batches import as_input
from nima.training.trainer.folder import WEIGHTS, read_run
from nima.training.unrated import Unrated


class RunModel:
    """The kept weights of a run.

    Args:
        run: The run's folder; its name and the hash of the weights are the model's.

    Attributes:
        manifest: What the manifest of the exported model would say of its input and its weights.

    Raises:
        InvalidRequest: It is not the folder of a run, or the run has no weights yet.
        ModelUnavailable: The model that it began with, of which it has a copy, is damaged.
    """

    def __init__(self, run: Path) -> None:
        architecture, document = read_run(run)
        self._unrated = Unrated.of_run(run, architecture, document)
        self._beside = Model(self._unrated.folder) if self._unrated and self._unrated.alone else None
        self._spec = input_spec(architecture)
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
            input=self._beside.manifest.input if self._beside else self._spec,
            votes=self._unrated.votes if self._unrated else {},
            training=document,
        )
        self._network = build(architecture)
        self._network.load_weights(weights)

    def predict(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
        """As ``nima.model.litert.Model.predict``."""
        seen = pixels[: self._spec.shape[0]]
        answer = self._network.predict_on_batch(as_input(seen[np.newaxis]))
        found = {head: np.asarray(one, np.float64)[0] for head, one in answer.items()}
        for head, votes in self.manifest.votes.items():
            if head in found:
                found[head] = np.array(votes.like(found[head].tolist()))
        return {**(self._beside.predict(pixels) if self._beside else {}), **found}
