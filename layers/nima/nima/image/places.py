"""Where in a frame something is seen: grids of strengths 0..1, ``[rows][columns]`` evenly over the frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nima.image.measure import Frame
from nima.image.regions import Mask

Grid = NDArray[np.float64]

CELLS = 24
"""Cells along the frame's longer side."""

_REBLUR_SIGMA, _REBLUR_BOX_RADIUS = 2.0, 3
# Without edges a place is neither sharp nor soft. Fainter than this, a gradient is a sky's or the sensor's.
_LEAST_ENERGY = 1.0
_BLOWN, _BLACK = 250, 4
_WHITE = 250
# What JPEG rings around, and cut-outs' soft rims, is no ground.
_NEAR = 6
# Lettering has two levels with hardly anything between, which take turns along a row and down a column. One letter may
# be as large as a cell, so that larger ones are looked for in a smaller picture.
_INK_LEVELS, _CRISP, _CRISPER = 0.22, 0.75, 0.9
_LEAST_INK_STEP, _SURE_INK_STEP = 60, 100
_LEAST_TURNS, _SURE_TURNS, _LEAST_INK = 1.0, 2.0, 0.08
_SMALL, _LARGE_CELLS = 600, 16


def softness(frame: Frame) -> Grid:
    """How far edges spread, in pixels (the sigma of a Gaussian); 0 where nothing has an edge.

    By the re-blur method of ``Frame.edge_width``, of every place instead of the sharpest ones.
    """
    grey = frame.image.convert("L")
    energy = _energy(grey)
    again = np.maximum(_energy(grey.filter(ImageFilter.BoxBlur(_REBLUR_BOX_RADIUS))), 1e-3)
    sigma = _REBLUR_SIGMA / np.sqrt(np.maximum(energy / again, 1.0001) - 1)
    found: Grid = np.where(energy >= _LEAST_ENERGY, sigma, 0.0)
    return found


def clipped(frame: Frame) -> Grid:
    """Share of each place's pixels that are blown out to white or lost in black; a plain ground does not count."""
    lost = (frame.luma >= _BLOWN) | (frame.luma <= _BLACK)
    if frame.product is not None:
        lost &= ~frame.product.ground
    return _shares(lost)


def off_white(frame: Frame) -> Grid | None:
    """Share of each place that is ground without being white within five levels; None without a plain ground."""
    if frame.product is None:
        return None
    least = np.asarray(frame.image).min(axis=2)
    near = Image.fromarray(frame.product.mask).convert("L").filter(ImageFilter.BoxBlur(_NEAR))
    ground: Mask = frame.product.ground & (np.asarray(near) == 0)
    return _shares(ground & (least < _WHITE))


def lettering(frame: Frame) -> Grid:
    """How much each place looks like printed letters. A pattern of crisp stripes or dots looks so too."""
    grey = frame.image.convert("L")
    scale = 2 if max(grey.size) > _SMALL else 1
    small = _lines(np.asarray(grey.reduce(scale)).astype(np.int16), CELLS)
    large = _lines(np.asarray(grey.reduce(2 * scale)).astype(np.int16), _LARGE_CELLS)
    size = (small.shape[1], small.shape[0])
    spread = Image.fromarray(large.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    found: Grid = np.maximum(small, np.asarray(spread, np.float64))
    return found


def _lines(luma: NDArray[np.int16], cells: int) -> Grid:
    """The same in cells of one size, of which a line of text may lie in the half of two."""
    rows, columns = _grid(luma.shape, cells)
    found = _strokes(luma, rows, columns)
    if rows > 1:
        half = luma.shape[0] // rows // 2
        between = _strokes(luma[half : half - luma.shape[0] // rows], rows - 1, columns)
        found[:-1] = np.maximum(found[:-1], between)
        found[1:] = np.maximum(found[1:], between)
    return found


def _strokes(luma: NDArray[np.int16], rows: int, columns: int) -> Grid:
    """The same in a grid."""
    tall, wide = luma.shape[0] // rows, luma.shape[1] // columns
    blocks = luma[: rows * tall, : columns * wide].reshape(rows, tall, columns, wide).swapaxes(1, 2)
    low, high = (value[..., np.newaxis, np.newaxis] for value in np.percentile(blocks, (5, 95), axis=(2, 3)))
    step = (high - low)[..., 0, 0]
    margin = _INK_LEVELS * (high - low)
    crisp = ((blocks <= low + margin) | (blocks >= high - margin)).mean(axis=(2, 3))
    light = blocks > (low + high) / 2
    across = (light[..., 1:] != light[..., :-1]).sum(axis=(2, 3)) / tall
    down = (light[..., 1:, :] != light[..., :-1, :]).sum(axis=(2, 3)) / wide
    share = light.mean(axis=(2, 3))
    ink = np.minimum(share, 1 - share)
    found = (
        _rise(crisp, _CRISP, _CRISPER)
        * _rise(step, _LEAST_INK_STEP, _SURE_INK_STEP)
        * _rise(np.minimum(across, 2 * down), _LEAST_TURNS, _SURE_TURNS)
        * _rise(ink, 0, _LEAST_INK)
    )
    # A word goes on beside a letter.
    beside = np.pad(found, ((0, 0), (1, 1)))
    words: Grid = np.minimum(found, np.maximum(beside[:, :-2], beside[:, 2:]))
    return words


def _rise(value: Grid, low: float, high: float) -> Grid:
    """0 up to ``low``, 1 from ``high``, straight between."""
    risen: Grid = np.clip((value - low) / (high - low), 0, 1)
    return risen


def _energy(grey: Image.Image) -> Grid:
    luma = np.asarray(grey).astype(np.float32)
    across = np.diff(luma, axis=1, append=luma[:, -1:])
    down = np.diff(luma, axis=0, append=luma[-1:])
    return _means(across * across + down * down)


def _shares(mask: Mask) -> Grid:
    return _means(mask.astype(np.float32))


def _means(plane: NDArray[np.float32]) -> Grid:
    """The mean of each cell; cells that pixels do not fill evenly differ by one pixel."""
    rows, columns = _grid(plane.shape, CELLS)
    tops, lefts = (np.arange(n) * side // n for n, side in zip((rows, columns), plane.shape, strict=True))
    sums = np.add.reduceat(np.add.reduceat(plane, tops, axis=0, dtype=np.float64), lefts, axis=1)
    tall, wide = (np.diff(starts, append=side) for starts, side in zip((tops, lefts), plane.shape, strict=True))
    means: Grid = sums / (tall[:, np.newaxis] * wide)
    return means


def _grid(shape: tuple[int, ...], cells: int) -> tuple[int, int]:
    """Rows and columns of about square cells, never smaller than a pixel."""
    height, width = shape
    cell = max(height, width) / cells
    return min(height, max(1, round(height / cell))), min(width, max(1, round(width / cell)))
