"""Batch normalisation as it is served: folded into the convolution before it, of which only a shift is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fold_norms(model: Any) -> None:
    """Moves the scale of every batch normalisation into the convolution before it; the network answers as before.

    A converter does so too, but after weights are rounded: where a trained variance is near 0, as many of ImageNet's
    are, a rounded one scales its channel by a few per cent more or less.

    Args:
        model: A model made by ``build``, in place.
    """
    from keras import layers

    by_output = {id(layer.output): layer for layer in _leaves(model)}
    for norm in [layer for layer in by_output.values() if isinstance(layer, layers.BatchNormalization)]:
        before = by_output.get(id(norm.input))
        if isinstance(before, layers.Conv2D | layers.DepthwiseConv2D) and not before.use_bias:
            gamma, beta, mean, variance = (weight.astype(np.float64) for weight in norm.get_weights())
            scale = gamma / np.sqrt(variance + norm.epsilon)
            (kernel,) = before.get_weights()
            depthwise = isinstance(before, layers.DepthwiseConv2D)
            before.set_weights([kernel * (scale[:, np.newaxis] if depthwise else scale)])
            ones = np.ones_like(scale)
            norm.set_weights([ones, beta - mean * scale, 0 * ones, ones * (1 - norm.epsilon)])


def round_to_half(model: Any) -> None:
    """Rounds the weights to float16, in place, but not what is left of a folded normalisation that scales nothing."""
    from keras import layers

    for layer in _leaves(model):
        if isinstance(layer, layers.BatchNormalization):
            layer.beta.assign(_half(np.asarray(layer.beta)))
        else:
            layer.set_weights([_half(weight) for weight in layer.get_weights()])


def _half(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return weight.astype(np.float16).astype(np.float32)


def _leaves(model: Any) -> Iterator[Any]:
    """The layers that are no networks themselves."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _leaves(layer)
        else:
            yield layer
