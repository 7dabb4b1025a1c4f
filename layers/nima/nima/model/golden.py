"""Golden scores: what a model answered when its folder was made, and whether it answers the same here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.errors import ModelUnavailable
from nima.model.litert import Model
from nima.model.manifest import Golden, InputSpec

SEED = 20180601
TOLERANCE = 5e-3
"""Largest difference of one probability. Processors round differently, most with int8 weights; another model, or other
pixels, differ by tens of times as much."""


def picture(seed: int, spec: InputSpec) -> NDArray[np.uint8]:
    """The picture that golden scores are measured on: random pixels of the input's shape."""
    return np.random.default_rng(seed).integers(0, 256, spec.shape, dtype=np.uint8)


def measure(model: Model) -> Golden:
    """The golden scores of a model as it answers on this machine."""
    answer = model.predict(picture(SEED, model.manifest.input))
    return Golden(SEED, {head: tuple(distribution.tolist()) for head, distribution in answer.items()})


def check(model: Model) -> float:
    """Compares a model's answer with its manifest's golden scores.

    Returns:
        The largest difference of a probability.

    Raises:
        ModelUnavailable: The manifest has no golden scores, or a probability differs by more than ``TOLERANCE``.
    """
    golden = model.manifest.golden
    if golden is None:
        raise ModelUnavailable(f"The manifest of {model.manifest.id} has no golden scores.")
    answer = model.predict(picture(golden.seed, model.manifest.input))
    difference = max(float(np.abs(answer[head] - expected).max()) for head, expected in golden.distributions.items())
    if difference > TOLERANCE:
        raise ModelUnavailable(
            f"{model.manifest.id} does not give its golden scores: a probability differs by {difference:.4f}, "
            f"more than {TOLERANCE}."
        )
    return difference
