"""What light does to a picture: exposure and haze in linear light, contrast and tints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_LEVELS = np.arange(256) / 255


def exposed(image: Image.Image, stops: float) -> Image.Image:
    """More (or, below 0, less) light, clipped as a sensor clips it: one stop doubles it."""
    return _through(image, [(2.0**stops, 0.0)] * 3)


def hazed(image: Image.Image, share: float, air: Sequence[float] = (0.78, 0.8, 0.83)) -> Image.Image:
    """Scattered light lies evenly over the scene: a ``share`` of 0..1 of what is seen is the ``air``, linear 0..1."""
    return _through(image, [(1 - share, share * level) for level in air])


def flat(image: Image.Image, share: float) -> Image.Image:
    """Only a ``share`` of 0..1 of the contrast around the mean brightness is left."""
    return ImageEnhance.Contrast(image).enhance(share)


def tinted(image: Image.Image, gains: Sequence[float]) -> Image.Image:
    """The values of red, green and blue, as they are stored, times ``gains``."""
    return image.point([min(255, round(level * gain)) for gain in gains for level in range(256)])


def toned(image: Image.Image, curve: Curve) -> Image.Image:
    """The stored values 0..1 through a curve."""
    return image.point(_table(curve(_LEVELS)) * 3)


def _through(image: Image.Image, lights: Sequence[tuple[float, float]]) -> Image.Image:
    """Each channel's linear light 0..1 times a gain of its own, and more by another."""
    linear = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)
    tables: list[int] = []
    for gain, more in lights:
        light = np.clip(linear * gain + more, 0, 1)
        tables += _table(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))
    return image.point(tables)


def _table(values: NDArray[np.float64]) -> list[int]:
    table: list[int] = np.clip(np.rint(values * 255), 0, 255).astype(int).tolist()
    return table
