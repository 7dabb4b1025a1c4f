"""Reasons beside the scores: each defect has a measure with a unit, a severity 0..1 and one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from nima.assess.assessment import Deduction
from nima.assess.defects import DEFECTS
from nima.image.decode import Picture
from nima.image.measure import Frame, chroma

REPORTED_FROM = 0.1
"""Severities below this are not worth a sentence."""

# A cast that hardly differs from grey does not show, however even it is.
_LEAST_CAST = 8.0
_LEAST_SPREAD = 4.0
_CLIPPED = 250


class Finding(NamedTuple):
    """What was measured, one plain sentence on it, and which of the defect's scales it is measured on."""

    measure: float
    message: str
    scale: int = 0


def find_deductions(picture: Picture, frame: Frame) -> tuple[Deduction, ...]:
    """Every visible defect of a picture, the worst first."""
    worst = (_worst(code, MEASURES[code](picture, frame)) for code in DEFECTS)
    visible = [deduction for deduction in worst if deduction and deduction.severity >= REPORTED_FROM]
    return tuple(sorted(visible, key=lambda deduction: (-deduction.severity, deduction.code)))


def _worst(code: str, findings: Iterator[Finding]) -> Deduction | None:
    found = []
    for measure, message, at in findings:
        scale = DEFECTS[code][at]
        found.append(Deduction(code, round(scale.severity(measure), 3), round(float(measure), 3), scale.unit, message))
    return max(found, key=lambda deduction: deduction.severity, default=None)


def _blur(_: Picture, frame: Frame) -> Iterator[Finding]:
    width = frame.edge_width
    if width is not None:
        yield Finding(width, f"Even the sharpest parts are soft: their edges spread over {width:.1f} px.")


def _overexposure(_: Picture, frame: Frame) -> Iterator[Finding]:
    share = float(frame.histogram[_CLIPPED:].sum())
    yield Finding(share, f"{share:.0%} of the subject is blown out to white.")


def _underexposure(_: Picture, frame: Frame) -> Iterator[Finding]:
    level = float(frame.histogram @ np.arange(256))
    yield Finding(level, f"The subject is dark: its mean brightness is {level:.0f} of 255.")


def _noise(_: Picture, frame: Frame) -> Iterator[Finding]:
    deviation = frame.noise
    if deviation is not None:
        yield Finding(deviation, f"Even smooth areas are grainy: brightness varies by {deviation:.1f} levels there.")


def _low_contrast(_: Picture, frame: Frame) -> Iterator[Finding]:
    low, high = np.searchsorted(frame.histogram.cumsum(), (0.02, 0.98))
    tones = float(high - low)
    yield Finding(tones, f"The subject is flat: nearly all of it lies within {tones:.0f} of 255 brightness levels.")


def _compression(picture: Picture, frame: Frame) -> Iterator[Finding]:
    """The strength of the JPEG compression, and block edges where the frame shows the file's own pixels."""
    quality = picture.jpeg_quality
    if quality is not None:
        yield Finding(quality, f"The JPEG is compressed hard: its quality is about {quality} of 100.", 1)
    edges = frame.block_edges if picture.native and not picture.cropped else 1.0
    yield Finding(edges, "Compression left visible 8 x 8 pixel blocks.")


def _low_resolution(picture: Picture, _: Frame) -> Iterator[Finding]:
    longest = max(picture.width, picture.height)
    yield Finding(longest, f"The picture is small: its longer side has {longest} px.")


def _color_cast(_: Picture, frame: Frame) -> Iterator[Finding]:
    """A tinted plain background; else an even tint, the mean colour's distance from grey over the colours' spread.

    The second is Gasparini and Schettini's cast factor (Color balancing of digital photos using simple image
    statistics, 2004).
    """
    if frame.product is not None:
        distance = chroma(np.array(frame.product.background, dtype=np.uint8)[np.newaxis])[0]
        yield Finding(distance, "The plain background is tinted instead of neutral.", 1)
        return
    distance, spread = frame.chroma
    if distance >= _LEAST_CAST and spread >= _LEAST_SPREAD:
        yield Finding(distance / spread, "One tint lies over the whole picture.")


MEASURES: Mapping[str, Callable[[Picture, Frame], Iterator[Finding]]] = {
    "blur": _blur,
    "overexposure": _overexposure,
    "underexposure": _underexposure,
    "noise": _noise,
    "low_contrast": _low_contrast,
    "compression": _compression,
    "low_resolution": _low_resolution,
    "color_cast": _color_cast,
}
"""How each of ``DEFECTS`` is measured."""
