"""How a picture looks at a glance, small enough to be kept: what lies where, and where it is sharp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLUMNS, ROWS = 64, 48
"""Of the light."""

WIDE, TALL = 12, 8
"""Tiles of the detail, across and down."""

_LONGER_SIDE = 480
_LEAST_SIDE = 2 * WIDE
# What sensor noise of a few levels has of gradients: below it no detail is told from any other.
_FLOOR = 1.0
_DETAIL = np.dtype("<f2")


@dataclass(frozen=True, eq=False)
class Look:
    """How a picture looks at a glance, whatever its size and shape.

    Attributes:
        light: ``[ROWS, COLUMNS]`` luma, 0..255, of the picture stretched to that many pixels.
        detail: ``[2, TALL, WIDE]`` binary logarithm of each tile's mean squared step of luma, across and down, in the
            picture at 480 pixels; half a unit more is 1.2 times the contrast of fine detail.
    """

    light: NDArray[np.uint8]
    detail: NDArray[np.float32]

    @classmethod
    def of(cls, frame: Image.Image) -> Look:
        """That of an upright frame of any size."""
        grey = frame.convert("L")
        light = np.asarray(grey.resize((COLUMNS, ROWS), Image.Resampling.BOX, reducing_gap=2.0))
        luma = np.asarray(_at_common_size(grey)).astype(np.float32)
        steps = (np.diff(luma, axis=1)[:-1], np.diff(luma, axis=0)[:, :-1])
        return cls(light, np.stack([np.log2(_tiles(step * step) + _FLOOR) for step in steps]))

    def to_bytes(self) -> bytes:
        """Both in 3.5 kB, the detail to three digits."""
        return self.light.tobytes() + self.detail.astype(_DETAIL).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Look:
        """What ``to_bytes`` wrote.

        Raises:
            ValueError: This was written by none of its releases.
        """
        light = np.frombuffer(data[: ROWS * COLUMNS], np.uint8).reshape(ROWS, COLUMNS)
        detail = np.frombuffer(data[ROWS * COLUMNS :], _DETAIL).reshape(2, TALL, WIDE)
        return cls(light, detail.astype(np.float32))


def _at_common_size(grey: Image.Image) -> Image.Image:
    """Small enough for noise to be averaged out, and for a large and a small copy of one picture to be as sharp."""
    scale = min(1.0, _LONGER_SIDE / max(grey.size))
    width, height = (max(_LEAST_SIDE, round(side * scale)) for side in grey.size)
    return grey.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)


def _tiles(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """``[TALL, WIDE]`` means of a plane's tiles."""
    height, width = (length // count * count for length, count in zip(plane.shape, (TALL, WIDE), strict=True))
    tiles = plane[:height, :width].reshape(TALL, height // TALL, WIDE, width // WIDE)
    return np.asarray(tiles.mean(axis=(1, 3)), np.float32)
