"""Proof that a served model answers as the Keras model it was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.errors import ModelUnavailable
from nima.model.keras_graph import tensorflow
from nima.model.litert import Model
from nima.model.manifest import SCORES, InputSpec
from nima.packages import file_of

MAX_PROBABILITY = 1e-5
MAX_MEAN = 1e-4
TRAINED = 10
"""Slack for what was trained here: where logits are large, the same sums in another order differ by more."""
PHOTOGRAPHS = ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")
"""Real photographs that scikit-image carries; those that are installed are compared too."""

_RANDOM_PICTURES = 4

Answers = Mapping[str, Mapping[str, NDArray[Any]]]
"""Ten probabilities by picture and head."""
Predict = Callable[[NDArray[np.uint8]], Mapping[str, NDArray[Any]]]
"""Ten probabilities by head of prepared pixels."""


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
    for path in filter(None, (file_of("skimage", "data", name) for name in PHOTOGRAPHS)):
        with Image.open(path) as image:
            found[path.stem] = _resized(image.convert("RGB"), spec, Image.Resampling.NEAREST)
    return found


def answers(predict: Predict, spec: InputSpec, tick: Callable[[int, int], None] | None = None) -> Answers:
    """What is said of every picture of ``pictures``.

    Args:
        predict: Says it, as ``nima.model.litert.Model.predict`` does.
        spec: The input.
        tick: Called with how many of how many pictures are done.
    """
    samples = pictures(spec)
    found = {}
    for done, (name, pixels) in enumerate(samples.items(), 1):
        found[name] = dict(predict(pixels))
        if tick:
            tick(done, len(samples))
    return found


def of_keras(answering: Callable[[NDArray[np.float32]], Mapping[str, Any]]) -> Predict:
    """The same of Keras.

    Args:
        answering: Maps ``[1, height, width, 3]`` in -1..1 to ``[1, 10]`` probabilities by head.
    """
    prepare = tensorflow().keras.applications.mobilenet.preprocess_input

    def predict(pixels: NDArray[np.uint8]) -> dict[str, NDArray[Any]]:
        found = answering(prepare(pixels.astype(np.float32))[np.newaxis])
        return {head: np.asarray(answer)[0] for head, answer in found.items()}

    return predict


def differences(expected: Answers, found: Answers) -> list[Difference]:
    """How far answers are from those that are expected, picture by picture and head by head."""
    return [
        Difference(
            picture=picture,
            head=head,
            reference=_mean(reference),
            served=_mean(found[picture][head]),
            probability=float(np.abs(found[picture][head] - reference).max()),
        )
        for picture, heads in expected.items()
        for head, reference in heads.items()
    ]


def compare(references: Mapping[str, Any], served: Model) -> list[Difference]:
    """Scores every picture of ``pictures`` both ways.

    Args:
        references: A Keras model for each head.
        served: The model to prove.
    """
    keras = of_keras(lambda batch: {head: model(batch, training=False) for head, model in references.items()})
    spec = served.manifest.input
    return differences(answers(keras, spec), answers(served.predict, spec))


def failure(found: Sequence[Difference], slack: float = 1) -> str | None:
    """How the differences are larger than ``slack`` times the limits; None where none is."""
    # Nor is an answer within them that is not a number.
    large = [d for d in found if not (d.probability <= slack * MAX_PROBABILITY and d.mean <= slack * MAX_MEAN)]
    if not large:
        return None
    worst = max(large, key=lambda d: d.probability)
    return (
        f"differs from the original in {len(large)} of {len(found)} answers: {worst.head} score of {worst.picture}, "
        f"{worst.served:.5f} instead of {worst.reference:.5f} (a probability by {worst.probability:.1e})"
    )


def check(found: Sequence[Difference]) -> None:
    """Raises ``ModelUnavailable`` unless every difference is within the limits."""
    if wrong := failure(found):
        raise ModelUnavailable(f"The converted model {wrong}. It was not installed.")


def _resized(image: Image.Image, spec: InputSpec, kernel: Image.Resampling) -> NDArray[np.uint8]:
    return np.asarray(image.resize((spec.shape[1], spec.shape[0]), kernel), dtype=np.uint8)


def _mean(distribution: NDArray[Any]) -> float:
    return float(distribution.astype(np.float64) @ np.arange(1, SCORES + 1))
