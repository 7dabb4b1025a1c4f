"""How well a network that is trained does on the validation side, by what was rated alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import SCORES
from nima.training import metrics
from nima.training.trainer.loss import loss


class Judge:
    """Measures the rated head; the other one, whose labels no person gave, counts for nothing.

    Args:
        validation: Batches that are not shuffled.
        head: The rated head.
        loss_name: What the network is trained with.
    """

    def __init__(self, validation: Any, head: str, loss_name: str) -> None:
        self._validation, self._head = validation, head
        self._loss = loss(loss_name)
        labels = [validation[index][1][head][:, :SCORES] for index in range(len(validation))]
        self._labels: NDArray[np.float32] = np.concatenate(labels)

    def __len__(self) -> int:
        """How many pictures it judges by."""
        return len(self._labels)

    def __call__(self, model: Any) -> dict[str, float]:
        """``val_loss``, ``val_emd``, ``val_plcc``, ``val_srcc`` and its interval ``val_srcc_low`` to ``_high``."""
        pictures = (self._validation[index][0] for index in range(len(self._validation)))
        answers = np.concatenate([np.asarray(model.predict_on_batch(batch)[self._head]) for batch in pictures])
        predicted, actual = metrics.means(answers), metrics.means(self._labels)
        low, high = metrics.interval(metrics.srcc, predicted, actual)
        return {
            "val_loss": float(self._loss(self._labels, answers.astype(np.float32))),
            "val_srcc": metrics.srcc(predicted, actual),
            "val_srcc_low": low,
            "val_srcc_high": high,
            "val_emd": metrics.mean_emd(answers, self._labels),
            "val_plcc": metrics.plcc(predicted, actual),
        }
