"""What tells how sure scores are: measures that a picture and its scores have anyway."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from nima.document.distribution import Distribution
from nima.image.measure import Frame

_DARK, _LIGHT = 32, 224

Of = TypeVar("Of")


@dataclass(frozen=True)
class Signal(Generic[Of]):
    """One signal: the doubt that it raises, one of ``nima.document.doubts.UNCERTAIN``, and its measure."""

    doubt: str
    measure: Callable[[Of], float]


@dataclass(frozen=True)
class Scores:
    """Both distributions of a picture."""

    technical: Distribution
    aesthetic: Distribution


OF_SCORES: Mapping[str, Signal[Scores]] = {
    "gap": Signal("uncertain_scores", lambda scores: scores.technical.mean - scores.aesthetic.mean),
    "aesthetic": Signal("uncertain_scores", lambda scores: scores.aesthetic.mean),
    "aesthetic_std": Signal("uncertain_scores", lambda scores: scores.aesthetic.std),
}

OF_FRAMES: Mapping[str, Signal[Frame]] = {
    "aspect": Signal("uncertain_shape", lambda frame: abs(math.log(frame.image.width / frame.image.height))),
    "color_spread": Signal("uncertain_colors", lambda frame: frame.chroma[1]),
    "tint": Signal("uncertain_colors", lambda frame: frame.chroma[0]),
    "dark": Signal("uncertain_light", lambda frame: float(frame.histogram[:_DARK].sum())),
    "light": Signal("uncertain_light", lambda frame: float(frame.histogram[_LIGHT:].sum())),
    "detail": Signal("uncertain_detail", lambda frame: math.log1p(float(frame.gradient_energy.mean()))),
    "sharpness": Signal("uncertain_detail", lambda frame: frame.sharpness),
    "empty": Signal("uncertain_detail", lambda frame: frame.empty_share),
    "flat": Signal("uncertain_detail", lambda frame: frame.flat_share),
    "centre_luma": Signal("uncertain_layout", lambda frame: frame.layout[0]),
    "top_luma": Signal("uncertain_layout", lambda frame: frame.layout[1]),
    "centre_detail": Signal("uncertain_layout", lambda frame: frame.layout[2]),
}

DOUBTS: Mapping[str, str] = {
    **{name: signal.doubt for name, signal in OF_SCORES.items()},
    **{name: signal.doubt for name, signal in OF_FRAMES.items()},
}
"""The doubt that each of ``nima.model.agreement.SIGNALS`` raises."""


def of_frame(frame: Frame) -> dict[str, float]:
    return {name: signal.measure(frame) for name, signal in OF_FRAMES.items()}


def of_scores(technical: Distribution, aesthetic: Distribution) -> dict[str, float]:
    scores = Scores(technical, aesthetic)
    return {name: signal.measure(scores) for name, signal in OF_SCORES.items()}
