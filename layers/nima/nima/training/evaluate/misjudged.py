"""The pictures that a model misjudges most, both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nima.errors import PermanentError
from nima.image.thumbnail import make_thumbnail
from nima.training.evaluate.evaluation import Evaluation
from nima.training.pictures import read_frame

SHOWN = 6
"""So many are shown of each way."""

_SIDE = 160
_LEAST_GAP = 0.25
"""Means that are nearer than that are not misjudged."""


@dataclass(frozen=True, eq=False)
class Misjudged:
    """A picture, and how a model is wrong about it.

    Attributes:
        image: Its id.
        predicted, rated: The means, 1..10.
        shares: The model's ten shares beside the ratings'.
        thumbnail: A JPEG of the picture, upright; None where it cannot be read any more.
    """

    image: str
    predicted: float
    rated: float
    shares: tuple[tuple[float, ...], tuple[float, ...]]
    thumbnail: bytes | None


def misjudged(found: Evaluation, count: int = SHOWN) -> tuple[tuple[Misjudged, ...], tuple[Misjudged, ...]]:
    """Those that are judged too high, and those that are judged too low; the worst first, as many at most."""
    gaps = found.predicted - found.actual
    high, low = (np.argsort(-way, kind="stable")[:count] for way in (gaps, -gaps))
    return (
        tuple(_one(found, int(place)) for place in high if gaps[place] >= _LEAST_GAP),
        tuple(_one(found, int(place)) for place in low if -gaps[place] >= _LEAST_GAP),
    )


def _one(found: Evaluation, place: int) -> Misjudged:
    return Misjudged(
        found.labels.images[place],
        float(found.predicted[place]),
        float(found.actual[place]),
        (tuple(found.distributions[place].tolist()), tuple(found.labels.distributions[place].tolist())),
        _thumbnail(found, place),
    )


def _thumbnail(found: Evaluation, place: int) -> bytes | None:
    try:
        return make_thumbnail(read_frame(found.labels.files[place]), _SIDE)
    except (OSError, PermanentError):
        return None
