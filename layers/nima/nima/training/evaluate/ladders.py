"""Ladders: how a head's mean score falls where a picture is made worse step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.product import find_product
from nima.model.prepare import prepare
from nima.training import metrics
from nima.training.evaluate.evaluation import Answering
from nima.training.pictures import read_frame
from nima.training.progress import Tick
from nima.training.samples import distortions

PICTURES = 20
"""So many are made worse where nothing else is said: each is scored 21 times."""

_SEED = 1


@dataclass(frozen=True)
class Fall:
    """How means fall along a ladder.

    Attributes:
        often: Share of the steps, 0..1, at which the mean falls.
        far: By how much it is lower at the ladder's end, on average of the pictures.
    """

    often: float
    far: float

    @classmethod
    def of(cls, means: NDArray[np.float64]) -> Fall:
        """Of means ``[pictures, steps + 1]``, those of the unchanged pictures first."""
        return cls(float((np.diff(means, axis=1) < 0).mean()), float((means[:, 0] - means[:, -1]).mean()))


Falls = Mapping[str, Fall]
"""A head's falls along each of ``nima.training.samples.distortions.LADDERS``."""


def falls(
    models: Sequence[Answering], files: Sequence[Path], head: str, count: int = PICTURES, tick: Tick | None = None
) -> tuple[Falls, ...]:
    """How the means of a head fall on pictures that are made worse by blur, noise, compression and darkness.

    Args:
        models: All see the same pictures.
        files: The pictures; at least one.
        head: The head.
        count: So many of them, evenly chosen, are made worse at most.
        tick: Called with how many of how many pictures are done.

    Returns:
        The falls of each model.

    Raises:
        UndecodableImage, ...: The score function would refuse a picture.
        ModelUnavailable: A model does not answer with a distribution.
    """
    places = np.unique(np.linspace(0, len(files) - 1, min(count, len(files))).round().astype(int))
    steps = len(next(iter(distortions.LADDERS.values()))) + 1
    found = {name: np.empty((len(models), len(places), steps)) for name in distortions.LADDERS}
    for row, place in enumerate(places):
        frame = read_frame(files[place])
        clean = _means(models, frame, head)
        for name, strengths in distortions.LADDERS.items():
            found[name][:, row, 0] = clean
            for step, strength in enumerate(strengths, 1):
                worse = distortions.CHANGES[name](frame, strength, np.random.default_rng(_SEED))
                found[name][:, row, step] = _means(models, worse, head)
        if tick:
            tick(row + 1, len(places))
    return tuple({name: Fall.of(means[number]) for name, means in found.items()} for number in range(len(models)))


def _means(models: Sequence[Answering], frame: Image.Image, head: str) -> NDArray[np.float64]:
    """``[models]``; a picture is prepared once for all that see the same."""
    product = find_product(np.asarray(frame))
    pixels = {spec: prepare(frame, product, spec) for spec in {model.manifest.input for model in models}}
    return metrics.means(np.stack([model.predict(pixels[model.manifest.input])[head] for model in models]))
