"""Reasons beside the scores: each defect has a measure with a unit, a severity 0..1 and one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from nima.document.assessment import Deduction
from nima.document.defects import DEFECTS
from nima.image.decode import Picture
from nima.image.measure import Frame, chroma
from nima.words import say

REPORTED_FROM = 0.1
"""Severities below this are not worth a sentence."""

# A cast that hardly differs from grey does not show, however even it is.
_LEAST_CAST = 8.0
_LEAST_SPREAD = 4.0
_CLIPPED = 250


class Finding(NamedTuple):
    """What was measured, and which of the defect's scales it is measured on."""

    measure: float
    scale: int = 0


def find_deductions(picture: Picture, frame: Frame) -> tuple[Deduction, ...]:
    """Every visible defect of a picture, the worst first."""
    worst = (_worst(code, MEASURES[code](picture, frame)) for code in DEFECTS)
    visible = [deduction for deduction in worst if deduction and deduction.severity >= REPORTED_FROM]
    return tuple(sorted(visible, key=lambda deduction: (-deduction.severity, deduction.code)))


def _worst(code: str, findings: Iterator[Finding]) -> Deduction | None:
    found = []
    for measure, at in findings:
        scale = DEFECTS[code].scales[at]
        severity, unit = round(scale.severity(measure), 3), say("units", scale.unit)
        message = say("deductions", code, scale.unit, measure=measure)
        sure = DEFECTS[code].is_sure(severity)
        found.append(Deduction(code, severity, round(float(measure), 3), unit, message, sure))
    return max(found, key=lambda deduction: deduction.severity, default=None)


def _blur(_: Picture, frame: Frame) -> Iterator[Finding]:
    if frame.edge_width is not None:
        yield Finding(frame.edge_width)


def _overexposure(_: Picture, frame: Frame) -> Iterator[Finding]:
    yield Finding(float(frame.histogram[_CLIPPED:].sum()))


def _underexposure(_: Picture, frame: Frame) -> Iterator[Finding]:
    yield Finding(float(frame.histogram @ np.arange(256)))


def _noise(_: Picture, frame: Frame) -> Iterator[Finding]:
    if frame.noise is not None:
        yield Finding(frame.noise)


def _low_contrast(_: Picture, frame: Frame) -> Iterator[Finding]:
    low, high = np.searchsorted(frame.histogram.cumsum(), (0.02, 0.98))
    yield Finding(float(high - low))


def _compression(picture: Picture, frame: Frame) -> Iterator[Finding]:
    """The strength of the JPEG compression, and block edges where the frame shows the file's own pixels."""
    if picture.jpeg_quality is not None:
        yield Finding(picture.jpeg_quality, 1)
    yield Finding(frame.block_edges if picture.native and not picture.cropped else 1.0)


def _low_resolution(picture: Picture, _: Frame) -> Iterator[Finding]:
    yield Finding(max(picture.width, picture.height))


def _color_cast(_: Picture, frame: Frame) -> Iterator[Finding]:
    """A tinted plain background; else an even tint, the mean colour's distance from grey over the colours' spread.

    The second is Gasparini and Schettini's cast factor (Color balancing of digital photos using simple image
    statistics, 2004).
    """
    if frame.product is not None:
        distance = chroma(np.array(frame.product.background, dtype=np.uint8)[np.newaxis])[0]
        yield Finding(distance, 1)
        return
    distance, spread = frame.chroma
    if distance >= _LEAST_CAST and spread >= _LEAST_SPREAD:
        yield Finding(distance / spread)


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
