"""Light and contrast: exposure in linear light, and black and white points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LEVELS = np.arange(256)
_CODED = _LEVELS / 255
LINEAR: NDArray[np.float64] = np.where(_CODED <= 0.04045, _CODED / 12.92, ((_CODED + 0.055) / 1.055) ** 2.4)
"""The linear light 0..1 of every sRGB level."""

_MOST_STOPS = 4.0
# The brightest pixels are sparkles; where they are white already, something else is what the picture lacks light in.
_BRIGHTEST, _BRIGHT = 0.995, 0.95
_NEARLY_RIGHT = 0.3
_ENDS = (0.005, 0.995)


def missing_stops(image: Image.Image) -> float:
    """How many stops brighter a picture can be until its lights are white, 0 to 4.

    Args:
        image: An RGB picture.
    """
    red, green, blue = np.moveaxis(np.asarray(image), -1, 0)
    brightest = np.bincount(np.maximum(np.maximum(red, green), blue).ravel(), minlength=256)
    for share in (_BRIGHTEST, _BRIGHT):
        stops = float(-np.log2(max(LINEAR[_level(brightest, share)], 2.0**-_MOST_STOPS)))
        if stops >= _NEARLY_RIGHT:
            return stops
    return 0.0


def exposed(image: Image.Image, stops: float) -> Image.Image:
    """The picture with more light, clipped at white: one stop doubles it."""
    return lit(image, [2.0**stops] * 3)


def lit(image: Image.Image, gains: Sequence[float]) -> Image.Image:
    """The linear light of red, green and blue times a gain each, clipped at white."""
    return _through(image, [coded(LINEAR * gain) for gain in gains])


def ends(image: Image.Image) -> tuple[int, int]:
    """The levels, 0..255 over all three channels, that all but the darkest and the lightest pixels lie between."""
    counts = np.array(image.histogram()).reshape(3, 256).sum(axis=0)
    black, white = (_level(counts, share) for share in _ENDS)
    return black, max(white, black + 1)


def levelled(image: Image.Image, black: int, white: int) -> Image.Image:
    """Stored values stretched so that these levels become black and white: undoes a flat tone curve."""
    return _through(image, [(_CODED * 255 - black) / (white - black)] * 3)


def dehazed(image: Image.Image, black: int, white: int) -> Image.Image:
    """The same in linear light, to which scattered light adds: undoes haze, fog and stray light."""
    low, high = LINEAR[black], LINEAR[white]
    return _through(image, [coded((LINEAR - low) / (high - low))] * 3)


def coded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """The stored value 0..1 of linear light, which is clipped to 0..1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _level(counts: NDArray[np.int64], share: float) -> int:
    """The level that a share of all pixels does not exceed."""
    return int(np.searchsorted(counts.cumsum(), share * counts.sum()))


def _through(image: Image.Image, curves: Iterable[NDArray[np.float64]]) -> Image.Image:
    """Each channel through a curve of its own, which has the value 0..1 of each of the 256 levels."""
    tables = [np.rint(np.clip(curve, 0, 1) * 255).astype(int) for curve in curves]
    return image.point(np.concatenate(tables).tolist())
