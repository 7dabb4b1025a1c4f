"""How much there is of each defect, in its unit. Whether it is one is for ``nima.assess.deductions`` to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nima.document.defects import DEFECTS
from nima.image.decode import FRAME_SIDE, Picture
from nima.image.measure import Frame, chroma
from nima.image.motion import streak
from nima.image.places import lettering
from nima.image.product import Product

# A cast that hardly differs from grey has no ratio to the spread that says anything.
_LEAST_CAST = 8.0
_LEAST_SPREAD = 4.0
_CLIPPED = 250
# How much a place looks like letters, from which it counts as some.
_LETTERS = 0.3
_SHADED = 4


class Finding(NamedTuple):
    """What was measured, and which of the defect's scales it is measured on."""

    measure: float
    scale: int = 0


def _soft(_: Picture, frame: Frame) -> Iterator[Finding]:
    if frame.edge_width is not None:
        yield Finding(_length(frame, frame.edge_width))


def _motion_blur(_: Picture, frame: Frame) -> Iterator[Finding]:
    yield Finding(_length(frame, streak(frame.subject_luma)))


def _length(frame: Frame, pixels: float) -> float:
    """A length in a frame as it is in one of ``FRAME_SIDE``; in a smaller frame its own pixels count."""
    return pixels * min(1.0, FRAME_SIDE / max(frame.image.size))


def _overexposure(_: Picture, frame: Frame) -> Iterator[Finding]:
    yield Finding(float(frame.histogram[_CLIPPED:].sum()), 0 if frame.product is None else 1)


def _underexposure(_: Picture, frame: Frame) -> Iterator[Finding]:
    yield Finding(float(frame.histogram @ np.arange(256)))


def _noise(_: Picture, frame: Frame) -> Iterator[Finding]:
    if frame.noise is not None:
        yield Finding(frame.noise)


def _low_contrast(_: Picture, frame: Frame) -> Iterator[Finding]:
    low, high = np.searchsorted(frame.histogram.cumsum(), (0.02, 0.98))
    yield Finding(float(high - low))


def _compression(picture: Picture, frame: Frame) -> Iterator[Finding]:
    """How strong a JPEG's compression is, and block edges where the frame shows the file's own pixels."""
    if picture.jpeg_quality is not None and picture.jpeg_quality < DEFECTS["compression"].scales[1].harmless:
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
    yield Finding(distance / spread if distance >= _LEAST_CAST and spread >= _LEAST_SPREAD else 0.0)


def _text_overlay(_: Picture, frame: Frame) -> Iterator[Finding]:
    """The share of places with letters; one at least, as letters that hardly show count too where they are seen."""
    seen = lettering(frame) >= _LETTERS
    yield Finding(max(float(seen.mean()), 1 / seen.size))


def _cut_off(picture: Picture, frame: Frame) -> Iterator[Finding]:
    if frame.product is None:
        yield from _clutter(picture, frame)
        return
    mask = frame.product.mask
    rim = np.concatenate((mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    yield Finding(float(rim.mean()))


def _clutter(_: Picture, frame: Frame) -> Iterator[Finding]:
    yield Finding(1.0 if frame.ground is None else 1 - frame.ground.share)


def _background(_: Picture, frame: Frame) -> Iterator[Finding]:
    """How far the ground is from white, and how much of it is darker than most of it."""
    if frame.product is None:
        yield Finding(255 - float(_rim_colour(frame).min()))
        return
    yield Finding(255 - min(frame.product.background))
    yield Finding(_shaded(frame, frame.product), 1)


def _rim_colour(frame: Frame) -> NDArray[np.float64]:
    """The ground's, or where there is none the median along the rim."""
    if frame.ground is not None:
        return frame.ground.colour
    pixels = frame.pixels
    rim = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    return np.asarray(np.median(rim, axis=0))


def _shaded(frame: Frame, product: Product) -> float:
    ground = frame.luma[product.ground]
    return float((ground < np.quantile(ground, 0.75) - _SHADED).mean()) if ground.size else 0.0


MEASURES: Mapping[str, Callable[[Picture, Frame], Iterator[Finding]]] = {
    "soft": _soft,
    "motion_blur": _motion_blur,
    "overexposure": _overexposure,
    "underexposure": _underexposure,
    "noise": _noise,
    "low_contrast": _low_contrast,
    "compression": _compression,
    "low_resolution": _low_resolution,
    "color_cast": _color_cast,
    "text_overlay": _text_overlay,
    "cut_off": _cut_off,
    "clutter": _clutter,
    "background": _background,
}
"""How each of ``DEFECTS`` is measured."""
