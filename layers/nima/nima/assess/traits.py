"""What kind of picture it is: kinds that NIMA is known to judge unfairly are recognised by a measure each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nima.document.assessment import Trait
from nima.document.kinds import KINDS
from nima.image.measure import Frame
from nima.words import say

MONOCHROME_BELOW = 4.0
HIGH_CONTRAST_FROM = 0.45
HIGH_CONTRAST_EACH = 0.1
MINIMALIST_FROM = 0.65
ABSTRACT_FROM = 0.45
_DARK, _LIGHT = 32, 224


def find_kinds(frame: Frame) -> dict[str, Trait]:
    """The measured traits of a frame, whether they hold or not; a product on a plain ground is of no kind."""
    found = {}
    for name, kind in KINDS.items():
        present, measure = MEASURES[name](frame)
        found[name] = Trait(present and frame.product is None, round(measure, kind.digits), say("units", kind.unit))
    return found


def _monochrome(frame: Frame) -> tuple[bool, float]:
    """Spread of colours around one tint in CIELAB a*b*. A toned black-and-white picture's mean is far from grey."""
    _, spread = frame.chroma
    return spread < MONOCHROME_BELOW, spread


def _high_contrast(frame: Frame) -> tuple[bool, float]:
    """Share of pixels that are nearly black (luma < 32) or nearly white (>= 224), of which there must be both."""
    dark, light = float(frame.histogram[:_DARK].sum()), float(frame.histogram[_LIGHT:].sum())
    return dark + light >= HIGH_CONTRAST_FROM and min(dark, light) >= HIGH_CONTRAST_EACH, dark + light


def _minimalist(frame: Frame) -> tuple[bool, float]:
    """Share of 32-pixel tiles without detail."""
    return frame.empty_share >= MINIMALIST_FROM, frame.empty_share


def _abstract(frame: Frame) -> tuple[bool, float]:
    """Share of pixels that equal their neighbours exactly: flat shapes and gradients, which no camera delivers."""
    return frame.flat_share >= ABSTRACT_FROM, frame.flat_share


MEASURES: Mapping[str, Callable[[Frame], tuple[bool, float]]] = {
    "monochrome": _monochrome,
    "high_contrast": _high_contrast,
    "minimalist": _minimalist,
    "abstract": _abstract,
}
"""How each of ``KINDS`` is measured: whether a frame is of that kind, and the measure that says so."""
