"""Batches for training, in Keras's own form, which every backend reads (TensorFlow through ``tf.data``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import HEADS
from nima.training.samples import Samples


def batches(
    parts: Sequence[tuple[Samples, float]],
    heads: Sequence[str],
    batch_size: int,
    seed: int,
    *,
    shuffle: bool = True,
) -> Any:
    """A ``keras.utils.PyDataset`` of ``(pictures, {head: labels}, {head: weights})``.

    Pictures are ``[n, side, side, 3]`` float32 in -1..1. When shuffled, they are mirrored half of the time and each
    epoch has an order of its own.

    Args:
        parts: Samples with the share of them that is drawn in each epoch; above 1 they repeat.
        heads: Which heads are trained.
        batch_size: Pictures in a batch.
        seed: Of the order and the mirroring.
        shuffle: False for evaluation: every sample once, in order, as it is.
    """
    import keras

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self._epoch = -1
            self.on_epoch_end()

        def __len__(self) -> int:
            return math.ceil(len(self._order) / batch_size)

        def on_epoch_end(self) -> None:
            self._epoch += 1
            self._order = _order(parts, seed, self._epoch, shuffle=shuffle)

        def __getitem__(self, index: int) -> tuple[Any, dict[str, Any], dict[str, Any]]:
            chosen = self._order[index * batch_size : (index + 1) * batch_size]
            pixels = np.stack([parts[part][0].pixels[row] for part, row in chosen]).astype(np.float32)
            if shuffle:
                mirrored = np.random.default_rng((seed, self._epoch, index)).random(len(chosen)) < 0.5
                pixels[mirrored] = pixels[mirrored][:, :, ::-1]
            labels = np.stack([parts[part][0].labels[row] for part, row in chosen])
            weights = np.stack([parts[part][0].weights[row] for part, row in chosen])
            return (
                pixels / np.float32(127.5) - np.float32(1),
                {head: labels[:, HEADS.index(head)] for head in heads},
                {head: weights[:, HEADS.index(head)] for head in heads},
            )

    return Batches()


def _order(parts: Sequence[tuple[Samples, float]], seed: int, epoch: int, *, shuffle: bool) -> NDArray[np.int64]:
    """``[n, 2]`` part and row of every sample of an epoch."""
    if not shuffle:
        return np.concatenate([np.stack([np.full(len(s), i), np.arange(len(s))], 1) for i, (s, _) in enumerate(parts)])
    rng = np.random.default_rng((seed, epoch))
    chosen = []
    for number, (samples, share) in enumerate(parts):
        count = round(share * len(samples))
        rows = np.concatenate([rng.permutation(len(samples)) for _ in range(-(-count // len(samples)))])[:count]
        chosen.append(np.stack([np.full(count, number), rows], 1))
    order: NDArray[np.int64] = np.concatenate(chosen)
    return order[rng.permutation(len(order))]
