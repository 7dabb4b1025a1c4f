"""Edges, grain and texture at three scales, in luma and in colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.numbers.series import series
from nima.image.numbers.view import Plane, View

_SCALES = 3
_TILE = 16
_LEAST_SIDE = 40
_CLIPPED = (12, 243)
_LEAST_TILES = 6
_GRAIN = (0.05, 0.2, 0.5, 0.8, 0.95)
_EDGES = (0.05, 0.2, 0.5, 0.8, 0.95, 0.99)
# Of Immerkaer's operator (Fast noise variance estimation, 1996): its mean for noise of a deviation of 1.
_NOISE = 0.2089


def measure(view: View) -> dict[str, float]:
    """Grain, edges and how both agree, at each scale and from one scale to the next."""
    scales = [_Scale(view.luma)]
    for _ in range(_SCALES - 1):
        plane = scales[-1].half()
        scales.append(scales[-1] if min(plane.shape) < _LEAST_SIDE else _Scale(plane))
    found: dict[str, float] = {}
    for place, scale in enumerate(scales):
        found |= series(f"lap{place}", scale.grain)
        found |= series(f"grad{place}", scale.edges)
        found |= series(f"coh{place}", (*scale.coherence, scale.elongation, scale.peaks))
        found |= series(f"rel{place}", scale.relative)
    for one, other in ((0, 1), (1, 2)):
        found |= series(f"lapr{one}{other}", scales[one].grain - scales[other].grain)
        found |= series(f"gradr{one}{other}", scales[one].edges - scales[other].edges)
    along = scales[0].axes
    for place in (1, 2):
        turned = along.T @ scales[place].tensor @ along
        found |= series(f"aniso{place}", [scales[0].elongation - _log_ratio(turned[1, 1], turned[0, 0])])
    return found | _colour(view)


class _Scale:
    """A picture's luma at one scale."""

    def __init__(self, luma: Plane) -> None:
        self._luma = luma
        # In place: a plane that is made anew costs more than what is computed for it.
        across = _second(luma.T).T
        response = _second(across)
        np.abs(response, out=response)
        middle = luma[1:-1, 1:-1]
        right, down = luma[1:-1, 2:] - middle, luma[2:, 1:-1] - middle
        grain = tile_means(response) * _NOISE
        level = tile_means(middle)
        shown = (level > _CLIPPED[0]) & (level < _CLIPPED[1])
        xy = tile_means(right * down)
        xx, yy = (tile_means(np.square(steps, out=steps)) for steps in (right, down))
        energy = xx + yy + 1e-3
        strong = energy >= np.quantile(energy, 0.75)
        coherent = (np.sqrt((xx - yy) ** 2 + 4 * xy**2) / energy)[strong]
        angle = np.arctan2(2 * xy, xx - yy)[strong]
        self.tensor = np.array([[xx.mean(), xy.mean()], [xy.mean(), yy.mean()]])
        values, self.axes = np.linalg.eigh(self.tensor)
        self.elongation = _log_ratio(values[1], values[0])
        self.grain = _log(np.quantile(grain[shown] if shown.sum() > _LEAST_TILES else grain, _GRAIN))
        self.edges = _log(np.quantile(np.sqrt(energy), _EDGES))
        turned = np.hypot((coherent * np.cos(angle)).mean(), (coherent * np.sin(angle)).mean())
        self.coherence = (float(coherent.mean()), float(turned))
        some = np.square(response[::2, ::2])
        mean = float(some.mean())
        self.peaks = float(np.log(float(np.square(some).mean()) / (mean * mean + 1e-6) + 0.1))
        self.relative: NDArray[np.float64] = np.quantile((grain / np.sqrt(energy))[strong], (0.1, 0.5, 0.9))

    def half(self) -> Plane:
        """The luma at half the size."""
        height, width = (side // 2 * 2 for side in self._luma.shape)
        even = self._luma[:height, :width]
        return np.asarray((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4, np.float32)


def _colour(view: View) -> dict[str, float]:
    """Grain of the colour differences."""
    rows = np.asarray(Image.fromarray(view.pixels[::2]).convert("YCbCr"))
    found: dict[str, float] = {}
    for name, channel in (("cb", 1), ("cr", 2)):
        plane = rows[..., channel].astype(np.float32)
        second = _second(plane.T).T
        found |= series(name, _log(np.quantile(tile_means(np.abs(second, out=second)), (0.2, 0.5, 0.9))))
    return found


def _second(plane: Plane) -> Plane:
    """The second difference from row to row."""
    found = plane[1:-1] * np.float32(-2)
    found += plane[2:]
    found += plane[:-2]
    return found


def tile_means(plane: Plane, side: int = _TILE) -> NDArray[np.float32]:
    """The mean of every tile of a plane, 1-d; a plane smaller than a tile is one tile."""
    height, width = (length // side * side for length in plane.shape)
    if not height or not width:
        return np.array([plane.mean() if plane.size else 0], np.float32)
    # Whole rows are added up first: that is several times faster than summing over two axes at once.
    bands = plane[:height, :width].reshape(height // side, side, width).sum(axis=1)
    found: NDArray[np.float32] = bands.reshape(-1, side).sum(axis=1) / (side * side)
    return found


def _log(values: NDArray[np.floating]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.log(values + 0.05)
    return found


def _log_ratio(one: float, other: float) -> float:
    return float(np.log((abs(one) + 0.01) / (abs(other) + 0.01)))
