"""Trunks with the weights and the batch statistics that a long training leaves, without training them."""

from __future__ import annotations

from typing import Any

import numpy as np


def like_pretrained(trunk: Any, seed: int) -> None:
    """Gives a trunk random weights with channels of very different sizes, and batch statistics that go with them.

    As in ImageNet's weights many channels hardly vary, and some are nothing but their shift.
    """
    from keras import layers

    rng = np.random.default_rng(seed)
    norms = [layer for layer in trunk.layers if isinstance(layer, layers.BatchNormalization)]
    for layer in trunk.layers:
        if isinstance(layer, layers.DepthwiseConv2D | layers.Conv2D):
            kernel, *bias = layer.get_weights()
            channels = kernel.shape[2 if isinstance(layer, layers.DepthwiseConv2D) else 3]
            fan = np.prod(kernel.shape[: 2 if isinstance(layer, layers.DepthwiseConv2D) else 3])
            size = 10.0 ** rng.uniform(-3, 1, channels) if norms else np.ones(channels)
            size = size[:, np.newaxis] if isinstance(layer, layers.DepthwiseConv2D) else size
            layer.set_weights([rng.normal(0, np.sqrt(2 / fan), kernel.shape) * size, *bias])
    for norm in norms:
        gamma, _, mean, variance = norm.get_weights()
        count = len(gamma)
        norm.set_weights([rng.uniform(0.2, 1.6, count), rng.normal(0.3, 0.7, count), mean, variance])
        norm.momentum = 0.0
    if norms:
        # Without momentum one batch sets the statistics of all layers.
        patches = rng.integers(0, 256, (16, 8, 8, 3)).repeat(trunk.input.shape[1] // 8, 1).repeat(8, 2)
        trunk(patches.astype(np.float32) / 127.5 - 1, training=True)
