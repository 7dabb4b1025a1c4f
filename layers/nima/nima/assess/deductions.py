"""Reasons beside the scores: each defect has a measure with a unit, a severity 0..1 and one plain sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nima.assess.assessment import Deduction
from nima.image.decode import Picture
from nima.image.measure import Frame, chroma

REPORTED_FROM = 0.1
"""Severities below this are not worth a sentence."""


@dataclass(frozen=True)
class Ramp:
    """Severity by a measure: 0 up to ``harmless``, 1 from ``spoilt`` on, straight between (either may be larger)."""

    harmless: float
    spoilt: float

    def __call__(self, measure: float) -> float:
        return float(np.clip((measure - self.harmless) / (self.spoilt - self.harmless), 0.0, 1.0))


BLUR = Ramp(1.1, 3.5)
OVEREXPOSURE = Ramp(0.08, 0.45)
UNDEREXPOSURE = Ramp(60, 12)
NOISE = Ramp(3.0, 15.0)
LOW_CONTRAST = Ramp(115, 30)
BLOCK_EDGES = Ramp(1.15, 2.0)
JPEG_QUALITY = Ramp(55, 10)
LOW_RESOLUTION = Ramp(800, 160)
COLOR_CAST = Ramp(4.0, 8.0)
BACKGROUND_CAST = Ramp(4.0, 16.0)

# A cast that hardly differs from grey does not show, however even it is.
_LEAST_CAST = 8.0
_LEAST_SPREAD = 4.0
_CLIPPED = 250


def find_deductions(picture: Picture, frame: Frame) -> tuple[Deduction, ...]:
    """Every visible defect of a picture, the worst first."""
    found = [deduction for rule in _RULES if (deduction := rule(picture, frame)) is not None]
    visible = [deduction for deduction in found if deduction.severity >= REPORTED_FROM]
    return tuple(sorted(visible, key=lambda deduction: (-deduction.severity, deduction.code)))


def _blur(_: Picture, frame: Frame) -> Deduction | None:
    width = frame.edge_width
    if width is None:
        return None
    message = f"Even the sharpest parts are soft: their edges spread over {width:.1f} px."
    return _deduction("blur", BLUR, width, "px (sigma of the edges, in a frame of 960 px)", message)


def _overexposure(_: Picture, frame: Frame) -> Deduction:
    share = float(frame.histogram[_CLIPPED:].sum())
    message = f"{share:.0%} of the subject is blown out to white."
    return _deduction("overexposure", OVEREXPOSURE, share, "share of pixels at luma 250 or more", message)


def _underexposure(_: Picture, frame: Frame) -> Deduction:
    level = float(frame.histogram @ np.arange(256))
    message = f"The subject is dark: its mean brightness is {level:.0f} of 255."
    return _deduction("underexposure", UNDEREXPOSURE, level, "mean luma, 0 to 255", message)


def _noise(_: Picture, frame: Frame) -> Deduction | None:
    deviation = frame.noise
    if deviation is None:
        return None
    message = f"Even smooth areas are grainy: brightness varies by {deviation:.1f} levels there."
    return _deduction("noise", NOISE, deviation, "luma levels (standard deviation)", message)


def _low_contrast(_: Picture, frame: Frame) -> Deduction:
    low, high = np.searchsorted(frame.histogram.cumsum(), (0.02, 0.98))
    tones = float(high - low)
    message = f"The subject is flat: nearly all of it lies within {tones:.0f} of 255 brightness levels."
    return _deduction("low_contrast", LOW_CONTRAST, tones, "luma levels between the 2nd and 98th percentile", message)


def _compression(picture: Picture, frame: Frame) -> Deduction:
    """Visible block edges where the frame shows the file's own pixels; else the strength of the JPEG compression."""
    by_edges = _deduction(
        "compression",
        BLOCK_EDGES,
        frame.block_edges if picture.native and not picture.cropped else 1.0,
        "luma step on the 8 px grid over the step elsewhere",
        "Compression left visible 8 x 8 pixel blocks.",
    )
    if picture.jpeg_quality is None:
        return by_edges
    by_table = _deduction(
        "compression",
        JPEG_QUALITY,
        picture.jpeg_quality,
        "JPEG quality, 1 to 100",
        f"The JPEG is compressed hard: its quality is about {picture.jpeg_quality} of 100.",
    )
    return max(by_table, by_edges, key=lambda deduction: deduction.severity)


def _low_resolution(picture: Picture, _: Frame) -> Deduction:
    longest = max(picture.width, picture.height)
    message = f"The picture is small: its longer side has {longest} px."
    return _deduction("low_resolution", LOW_RESOLUTION, longest, "px (longer side)", message)


def _color_cast(_: Picture, frame: Frame) -> Deduction | None:
    """A tinted plain background; else an even tint, the mean colour's distance from grey over the colours' spread.

    The second is Gasparini and Schettini's cast factor (Color balancing of digital photos using simple image
    statistics, 2004).
    """
    if frame.product is not None:
        distance = chroma(np.array(frame.product.background, dtype=np.uint8)[np.newaxis])[0]
        message = "The plain background is tinted instead of neutral."
        return _deduction("color_cast", BACKGROUND_CAST, distance, "a*b* distance of the background from grey", message)
    distance, spread = frame.chroma
    if distance < _LEAST_CAST or spread < _LEAST_SPREAD:
        return None
    message = "One tint lies over the whole picture."
    return _deduction("color_cast", COLOR_CAST, distance / spread, "distance from grey over spread, in a*b*", message)


_RULES: tuple[Callable[[Picture, Frame], Deduction | None], ...] = (
    _blur,
    _overexposure,
    _underexposure,
    _noise,
    _low_contrast,
    _compression,
    _low_resolution,
    _color_cast,
)


def _deduction(code: str, ramp: Ramp, measure: float, unit: str, message: str) -> Deduction:
    return Deduction(code, round(ramp(measure), 3), round(float(measure), 3), unit, message)
