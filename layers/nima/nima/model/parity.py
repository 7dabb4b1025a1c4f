"""Proof that a served model answers as the Keras model it was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.errors import ModelUnavailable
from nima.model.keras_graph import tensorflow
from nima.model.litert import Model
from nima.model.manifest import SCORES, InputSpec

MAX_PROBABILITY = 1e-5
MAX_MEAN = 1e-4
TRAINED = 10
"""Slack for what was trained here: where logits are large, the same sums in another order differ by more."""
PHOTOGRAPHS = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")
"""Real photographs that scikit-image carries; those that are installed are compared too."""

_RANDOM_PICTURES = 4


@dataclass(frozen=True)
class Difference:
    """One head's two answers for one picture.

    Attributes:
        picture: What was scored.
        head: Which head.
        reference: Mean 1..10 that Keras gives.
        served: Mean 1..10 that the served model gives.
        probability: Largest difference among the ten probabilities.
    """

    picture: str
    head: str
    reference: float
    served: float
    probability: float

    @property
    def mean(self) -> float:
        return abs(self.served - self.reference)


def pictures(spec: InputSpec) -> dict[str, NDArray[np.uint8]]:
    """Prepared pictures by name: noise, smooth random ones, and the photographs that are installed."""
    found: dict[str, NDArray[np.uint8]] = {}
    for seed in range(_RANDOM_PICTURES):
        # From single pixels to patches of 32: noise alone excites only a few of the network's filters.
        side = max(spec.shape) // (1, 4, 16, 32)[seed]
        tiles = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
        found[f"random {seed + 1}"] = _resized(Image.fromarray(tiles), spec, Image.Resampling.BICUBIC)
    package = find_spec("skimage")
    for folder in (package.submodule_search_locations or []) if package else []:
        for path in (Path(folder) / "data" / name for name in PHOTOGRAPHS):
            if path.is_file():
                with Image.open(path) as image:
                    found[path.stem] = _resized(image.convert("RGB"), spec, Image.Resampling.NEAREST)
    return found


def compare(
    references: Mapping[str, Any], served: Model, tick: Callable[[int, int], None] | None = None
) -> list[Difference]:
    """Scores every picture of ``pictures`` both ways.

    Args:
        references: A Keras model for each head.
        served: The model to prove.
        tick: Called with how many of how many pictures are done.
    """
    prepare = tensorflow().keras.applications.mobilenet.preprocess_input
    differences = []
    samples = pictures(served.manifest.input)
    for done, (name, pixels) in enumerate(samples.items(), 1):
        answer = served.predict(pixels)
        for head, model in references.items():
            reference = np.asarray(model(prepare(pixels.astype(np.float32))[np.newaxis], training=False))[0]
            differences.append(
                Difference(
                    picture=name,
                    head=head,
                    reference=_mean(reference),
                    served=_mean(answer[head]),
                    probability=float(np.abs(answer[head] - reference).max()),
                )
            )
        if tick:
            tick(done, len(samples))
    return differences


def check(differences: Sequence[Difference], slack: float = 1) -> None:
    """Raises ``ModelUnavailable`` unless every difference is within ``slack`` times the limits."""
    # Nor is an answer within them that is not a number.
    large = [d for d in differences if not (d.probability <= slack * MAX_PROBABILITY and d.mean <= slack * MAX_MEAN)]
    if large:
        worst = max(large, key=lambda d: d.probability)
        raise ModelUnavailable(
            f"The converted model differs from the original in {len(large)} of {len(differences)} answers: "
            f"{worst.head} score of {worst.picture}, {worst.served:.5f} instead of {worst.reference:.5f} "
            f"(a probability by {worst.probability:.1e}). It was not installed."
        )


def _resized(image: Image.Image, spec: InputSpec, kernel: Image.Resampling) -> NDArray[np.uint8]:
    return np.asarray(image.resize((spec.shape[1], spec.shape[0]), kernel), dtype=np.uint8)


def _mean(distribution: NDArray[Any]) -> float:
    return float(distribution.astype(np.float64) @ np.arange(1, SCORES + 1))
