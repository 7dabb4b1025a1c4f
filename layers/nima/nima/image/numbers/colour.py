"""Tints: what the colours of the subject have in common, in lights, shadows, greys and edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nima.image.numbers.series import series
from nima.image.numbers.view import Pixels, View, greatest, least

_QUANTILES = (0.05, 0.5, 0.95, 0.99)
_PIXELS = 8000
_SATURATIONS = ((0.06, False), (0.12, False), (0.6, True))


def measure(view: View) -> dict[str, float]:
    """Logarithms of red and blue over green of several parts, saturations, and the spread of hues."""
    small = view.small
    every = np.flatnonzero(view.subject)
    pixels = small.reshape(3, -1)[:, every[:: max(1, -(-len(every) // _PIXELS))]]
    light = pixels.sum(axis=0)
    lights, darks = np.quantile(light, (0.95, 0.05))
    most = greatest(pixels)
    saturation = (most - least(pixels)) / (most + 4)
    low, tenth, grey = np.quantile(saturation, (0.02, 0.1, 0.15)).tolist()
    shares = ((saturation > s if above else saturation < s).mean() for s, above in _SATURATIONS)
    edges = np.abs(np.diff(small, axis=2)).mean(axis=(1, 2)) + np.abs(np.diff(small, axis=1)).mean(axis=(1, 2))
    return {
        **series("c_mean", _tint(pixels.mean(axis=1))),
        **{
            name: value
            for share, quantile in zip(_QUANTILES, np.quantile(pixels, _QUANTILES, axis=1), strict=True)
            for name, value in series(f"c_q{share}", _tint(quantile)).items()
        },
        **series("c_bright", _tint(pixels[:, light >= lights].mean(axis=1))),
        **series("c_dark", _tint(pixels[:, light <= darks].mean(axis=1))),
        **series("c_edge", _tint(edges)),
        **series("c_grey", _tint(pixels[:, saturation <= grey].mean(axis=1))),
        **series("sat", (float(np.median(saturation)), float(saturation.mean()), *map(float, shares), low, tenth)),
        **_hues(pixels, light),
        **_white(small),
    }


def _tint(colour: NDArray[np.floating]) -> tuple[float, float]:
    red, green, blue = (float(level) + 4 for level in colour)
    return float(np.log(red / green)), float(np.log(blue / green))


def _hues(pixels: Pixels, light: NDArray[np.float32]) -> dict[str, float]:
    """How hues are spread: a tint moves all of them one way, in lights and shadows alike."""
    hues = np.stack([pixels[0] - pixels[1], pixels[2] - pixels[1]]) / (light / 3 + 16)
    centre = hues.mean(axis=1)
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(hues, bias=True)).clip(0))
    dark, bright = np.quantile(light, (0.3, 0.7))
    lights, shadows = hues[:, light >= bright].mean(axis=1), hues[:, light <= dark].mean(axis=1)
    offset = float(np.hypot(*centre))
    return {
        **series("hue", (*spread.tolist(), *centre.tolist(), offset / (float(np.hypot(*spread)) + 0.01))),
        **series("hue_ends", np.quantile(hues, (0.02, 0.98), axis=1).ravel().tolist()),
        **series("hue_tones", (*(lights - shadows).tolist(), float((lights * shadows).sum()))),
    }


def _white(small: Pixels) -> dict[str, float]:
    """The tint and level of the lightest pixels of the whole picture."""
    pixels = small.reshape(3, -1)
    light = pixels.sum(axis=0)
    top = pixels[:, light >= np.quantile(light, 0.98)].mean(axis=1)
    return series("white", (*_tint(top), float(top.mean())))
