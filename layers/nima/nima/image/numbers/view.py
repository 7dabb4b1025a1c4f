"""A frame at the sizes that its numbers are taken at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.measure import Frame

Plane = NDArray[np.float32]
Pixels = NDArray[np.float32]
Mask = NDArray[np.bool_]
T = TypeVar("T", np.float32, np.uint8)

_SIDE, _TAKEN_AS_IT_IS = 640, 720
_SMALL_SIDE, _LEAST_SIDE = 192, 40
_NATIVE_SIDE = 512
_BLOCK = 8
# How far from the rim's commonest colour a pixel is still the ground.
_NEAR, _FAR = 10, 24
_EVEN, _LEAST_SUBJECT, _MOST_SUBJECT = 0.5, 0.01, 0.98
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601."""


@dataclass(frozen=True)
class View:
    """What numbers are taken of; everything is made when it is first asked for."""

    frame: Frame

    @cached_property
    def image(self) -> Image.Image:
        """The picture, its longer side 640 pixels where it is more than a little larger, no side below 40."""
        image = self.frame.image
        longer = max(image.size)
        scale = _SIDE / longer if longer > _TAKEN_AS_IT_IS else 1
        width, height = (max(_LEAST_SIDE, round(side * scale)) for side in image.size)
        return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.BOX)

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """``[height, width, 3]`` of ``image``."""
        return np.asarray(self.image)

    @cached_property
    def luma(self) -> Plane:
        """``[height, width]`` of ``image``."""
        return np.asarray(self.image.convert("L")).astype(np.float32)

    @cached_property
    def native(self) -> NDArray[np.int16]:
        """The luma of the frame's middle at its own size, 512 pixels a side at most, on its grid of 8 pixels."""
        luma = self.frame.luma
        top, left = (max(0, side - _NATIVE_SIDE) // (2 * _BLOCK) * _BLOCK for side in luma.shape)
        return luma[top : top + _NATIVE_SIDE, left : left + _NATIVE_SIDE]

    @cached_property
    def small(self) -> Pixels:
        """``[3, height, width]`` sRGB, about 192 pixels on the longer side."""
        factor = max(1, round(max(self.image.size) / _SMALL_SIDE))
        return planes(np.asarray(self.image.reduce(factor)), np.float32)

    @cached_property
    def small_luma(self) -> Plane:
        """``[height, width]`` of ``small``."""
        red, green, blue = self.small
        found: Plane = red * LUMA[0] + green * LUMA[1] + blue * LUMA[2]
        return found

    @cached_property
    def ground(self) -> tuple[Pixels, float]:
        """The commonest colour along the rim, and the share of the rim that has it."""
        pixels = self.pixels
        rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])[::2].astype(np.int32)
        coarse = rim >> 3
        keys = coarse @ np.array([1 << 10, 1 << 5, 1])
        found, counts = np.unique(keys, return_counts=True)
        colour = rim[keys == found[counts.argmax()]].mean(axis=0)
        near = np.abs(rim - colour).max(axis=1) <= _NEAR
        return colour.astype(np.float32), float(near.mean())

    @cached_property
    def distance(self) -> Plane:
        """``[height, width]`` of ``small``: how far each pixel is from the ground, over the channels the most."""
        return greatest(np.abs(self.small - self.ground[0][:, np.newaxis, np.newaxis]))

    @cached_property
    def differs(self) -> Mask:
        """Of ``small``: what is none of the ground."""
        found: Mask = self.distance > _FAR
        return found

    @property
    def even(self) -> bool:
        """Whether the rim is of one colour."""
        return self.ground[1] > _EVEN

    @cached_property
    def subject(self) -> Mask:
        """Of ``small``: what differs from a ground of one colour; else everything."""
        share = self.differs.mean()
        if self.even and _LEAST_SUBJECT < share < _MOST_SUBJECT:
            return self.differs
        return np.ones(self.differs.shape, np.bool_)


def planes(pixels: NDArray[np.uint8], kind: type[T]) -> NDArray[T]:
    """``[3, ...]`` of ``[..., 3]``: what is done with a channel is done several times faster where it lies together."""
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0), kind)


def greatest(pixels: NDArray[T]) -> NDArray[T]:
    """Over the first axis, of three."""
    found: NDArray[T] = np.maximum(np.maximum(pixels[0], pixels[1]), pixels[2])
    return found


def least(pixels: NDArray[T]) -> NDArray[T]:
    """Over the first axis, of three."""
    found: NDArray[T] = np.minimum(np.minimum(pixels[0], pixels[1]), pixels[2])
    return found
