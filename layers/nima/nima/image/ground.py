"""The ground that goods are shown on: one colour, or one that changes evenly, along the rim of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 8
_BLOCKS_ACROSS = 12
_BIN = 8
# How far a block of the rim may lie from its ground: JPEG leaves less, a ground with light on it more.
_NEAR, _AROUND = 5, 14
_FITS = (3, 3, 6, 6)
_LEAST_FOR_SLOPE = 24
_CLEARLY_MORE = 1.3
_ONE_COLOUR = 0.6
_MOST_NOISE = 16
_LEAST_SMOOTH = 0.1
_EVEN, _LIGHT = 1.5, 200

Plane = NDArray[np.int16]


@dataclass(frozen=True)
class Ground:
    """What the rim of a picture says of its ground.

    Attributes:
        colour: Its sRGB colour; of one that changes, the median along the rim.
        slope: ``[6, 3]`` coefficients of the colour over ``_terms`` where it changes, else None.
        noise: Standard deviation of its pixels.
        sides: Share 0..1 of each side that it takes: top, bottom, left, right.
        share: Share 0..1 of the rim that it takes.
    """

    colour: NDArray[np.float64]
    slope: NDArray[np.float64] | None
    noise: float
    sides: tuple[float, ...]
    share: float

    @property
    def even(self) -> bool:
        """Whether more of it can be laid around a picture without a seam: it is light, of one colour and clean."""
        return self.slope is None and self.noise <= _EVEN and float(self.colour.min()) >= _LIGHT

    def beneath(self, planes: list[Plane]) -> list[Plane]:
        """How much lighter than the ground each pixel is, by channel."""
        if self.slope is None:
            return [plane - np.int16(round(level)) for plane, level in zip(planes, self.colour, strict=True)]
        height, width = planes[0].shape
        y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, np.newaxis], np.linspace(-1, 1, width, dtype=np.float32)
        return [
            plane - (a + b * x + d * x * x + (c + f * x + e * y) * y).astype(np.int16)
            for plane, (a, b, c, d, e, f) in zip(planes, self.slope.T.astype(np.float32), strict=True)
        ]


def find_ground(frame: NDArray[np.uint8]) -> Ground | None:
    """The colour that most smooth blocks along the rim have, or follow; None where they have none.

    Args:
        frame: ``[height, width, 3]`` sRGB.
    """
    turned = frame.transpose(1, 0, 2)
    sides = [_blocks(lines) for lines in (frame, frame[::-1], turned, turned[::-1])]
    counts = [len(mean) for mean, _ in sides]
    means, noises = (np.concatenate(parts) for parts in zip(*sides, strict=True))
    smooth = noises <= _MOST_NOISE
    if smooth.mean() < _LEAST_SMOOTH:
        return None
    colour = _commonest(means[smooth])
    distance = np.abs(means - colour).max(axis=1)
    belongs, around = smooth & (distance <= _NEAR), smooth & (distance <= _AROUND)
    slope = None
    if belongs.mean() < _ONE_COLOUR and around.sum() >= _LEAST_FOR_SLOPE:
        fitted, followed = _slope(means, smooth, around, counts)
        if followed.sum() > _CLEARLY_MORE * belongs.sum():
            slope, belongs = fitted, followed
    if not belongs.any():
        return None
    shares = tuple(float(side.mean()) for side in np.split(belongs, np.cumsum(counts)[:-1]))
    middle = np.median(means[belongs], axis=0)
    return Ground(middle, slope, float(np.median(noises[belongs])), shares, float(belongs.mean()))


def _slope(
    means: NDArray[np.float64], smooth: NDArray[np.bool_], around: NDArray[np.bool_], counts: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A surface through blocks of one colour, which takes in more at each turn, and the blocks that follow it."""
    along = [np.linspace(-1, 1, count) for count in counts]
    ends = [np.full(count, end) for count, end in zip(counts, (-1.0, 1.0, -1.0, 1.0), strict=True)]
    x, y = np.concatenate([*along[:2], *ends[2:]]), np.concatenate([*ends[:2], *along[2:]])
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    fitted, distance = np.zeros((6, 3)), np.zeros(len(means))
    for used in _FITS:
        fitted = np.zeros((6, 3))
        fitted[:used] = np.linalg.lstsq(terms[around, :used], means[around], rcond=None)[0]
        distance = np.abs(means - terms @ fitted).max(axis=1)
        around = smooth & (distance <= _AROUND)
        if around.sum() < _LEAST_FOR_SLOPE:
            return fitted, np.zeros_like(around)
    return fitted, smooth & (distance <= _NEAR)


def _blocks(lines: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean colour and greatest deviation of the blocks along the first lines."""
    size = max(1, min(_BLOCK, min(lines.shape[:2]) // _BLOCKS_ACROSS))
    count = lines.shape[1] // size
    blocks = lines[:size, : count * size].reshape(size, count, size, 3).transpose(1, 3, 0, 2).reshape(count, 3, -1)
    values = blocks.astype(np.float32)
    return values.mean(axis=2).astype(np.float64), values.std(axis=2).max(axis=1).astype(np.float64)


def _commonest(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """The colour that most of ``[n, 3]`` have."""
    bins = (means // _BIN).astype(np.int64) @ (1, 64, 4096)
    values, counts = np.unique(bins, return_counts=True)
    middle = np.median(means[bins == values[counts.argmax()]], axis=0)
    near = np.abs(means - middle).max(axis=1) <= _BIN
    colour: NDArray[np.float64] = np.median(means[near], axis=0)
    return colour
