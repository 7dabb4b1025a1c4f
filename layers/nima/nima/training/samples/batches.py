"""Batches for training, in Keras's own form, which every backend reads (TensorFlow through ``tf.data``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.model.manifest import HEADS
from nima.training.samples.samples import Samples

_GROUP = 8
_PICTURES = 4


def as_input(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Pictures ``[n, height, width, 3]`` of 8 bits as -1..1; features ``[n, k]`` as they are."""
    values = pixels.astype(np.float32)
    if pixels.ndim == _PICTURES:
        values /= np.float32(127.5)
        values -= np.float32(1)
    return values


def batches(
    parts: Sequence[tuple[Samples, float]],
    heads: Sequence[str],
    batch_size: int,
    seed: int,
    *,
    shuffle: bool = True,
    workers: int = 1,
) -> Any:
    """A ``keras.utils.PyDataset`` of ``(pictures, {head: labels}, {head: weights})``.

    Where some samples have an order, technical labels are ``[n, 14]``, as ``nima.training.trainer.loss.loss`` takes
    them: the weight is among them then, and groups stay together in a batch as far as they fit.

    Pictures are ``[n, side, side, 3]`` float32 in -1..1. When shuffled, they are mirrored half of the time and each
    epoch that is sought with ``seek``, from 0, has an order of its own. Samples may have features in their place.

    Args:
        parts: Samples with the share of them that is drawn in each epoch, at least one; above 1 they repeat.
        heads: Which heads are trained.
        batch_size: Pictures in a batch.
        seed: Of the order and the mirroring.
        shuffle: False for evaluation: every sample once, in order, as it is.
        workers: Threads that make batches; more than one where a GPU would wait for them.
    """
    import keras

    ordered = "technical" in heads and any(samples.orders.any() for samples, _ in parts)

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(workers=workers)
            self.seek(0)

        def __len__(self) -> int:
            return math.ceil(len(self._order) / batch_size)

        def seek(self, epoch: int) -> None:
            self._epoch = epoch
            self._order = _order(parts, seed, epoch, shuffle=shuffle)

        def __getitem__(self, index: int) -> tuple[Any, dict[str, Any], dict[str, Any]]:
            chosen = self._order[index * batch_size : (index + 1) * batch_size]
            pixels = np.stack([parts[part][0].pixels[row] for part, row in chosen])
            if shuffle and pixels.ndim == _PICTURES:
                mirrored = np.random.default_rng((seed, self._epoch, index)).random(len(chosen)) < 0.5
                pixels[mirrored] = pixels[mirrored][:, :, ::-1]
            labels, weights, orders = (
                np.stack([getattr(parts[part][0], name)[row] for part, row in chosen])
                for name in ("labels", "weights", "orders")
            )
            y = {head: labels[:, HEADS.index(head)] for head in heads}
            scales = {head: weights[:, HEADS.index(head)] for head in heads}
            if ordered:
                y["technical"] = np.concatenate([y["technical"], scales["technical"][:, np.newaxis], orders], axis=1)
                scales["technical"] = np.ones_like(scales["technical"])
            return as_input(pixels), y, scales

    return Batches()


def _order(parts: Sequence[tuple[Samples, float]], seed: int, epoch: int, *, shuffle: bool) -> NDArray[np.int64]:
    """``[n, 2]`` part and row of every sample of an epoch."""
    if not shuffle:
        return np.concatenate([np.stack([np.full(len(s), i), np.arange(len(s))], 1) for i, (s, _) in enumerate(parts)])
    rng = np.random.default_rng((seed, epoch))
    chosen = []
    for number, (samples, share) in enumerate(parts):
        units = _units(samples.orders[:, 0], rng)
        count = max(1, round(share * len(units)))
        picked = np.concatenate([rng.permutation(len(units)) for _ in range(-(-count // len(units)))])[:count]
        chosen += [np.stack([np.full(len(units[i]), number), units[i]], 1) for i in picked]
    return np.concatenate([chosen[i] for i in rng.permutation(len(chosen))])


def _units(groups: NDArray[np.float32], rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """The rows that are drawn together: small groups whole, large ones in random parts of ``_GROUP``, others alone."""
    units = []
    for rows in np.split(np.arange(len(groups)), np.flatnonzero(np.diff(groups)) + 1):
        if groups[rows[0]] == 0:
            units += np.split(rows, len(rows))
        elif len(rows) <= _GROUP:
            units.append(rows)
        else:
            units += np.array_split(rng.permutation(rows), -(-len(rows) // _GROUP))
    return units
