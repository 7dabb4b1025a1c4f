"""A picture changed as its copies in training are: a part of it, at some size, with some change of its quality."""

from __future__ import annotations

import numpy as np
from PIL import Image

from nima.image.crop import Box
from nima.training.samples import distortions

_UNCHANGED_SHARE = 0.35
_STRONG_SHARE = 0.25


def random_part(frame: Image.Image, least: float, rng: np.random.Generator) -> Image.Image:
    """A random part of a frame: of each of its sides at least a share of ``least``."""
    width, height = (max(1, round(side * rng.uniform(least, 1))) for side in frame.size)
    return frame.crop(random_box(frame.size, width, height, rng))


def random_box(size: tuple[int, int], width: int, height: int, rng: np.random.Generator) -> Box:
    """A place for a part of this width and height in a picture of a size."""
    left, top = int(rng.integers(size[0] - width + 1)), int(rng.integers(size[1] - height + 1))
    return left, top, left + width, top + height


def part_of(frame: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A random part of a frame, often the whole, at a random size."""
    if rng.random() < 0.65:
        frame = random_part(frame, 0.6, rng)
    longest = max(frame.size)
    if rng.random() < 0.35 and longest > 320:
        scale = rng.uniform(320, min(longest, 640)) / longest
        frame = frame.resize((max(1, round(frame.width * scale)), max(1, round(frame.height * scale))))
    return frame


def changed(frame: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, list[str]]:
    """A frame with no change, or one, mild for most, or two; and their names."""
    kind = rng.random()
    if kind < _UNCHANGED_SHARE:
        return frame, []
    names = sorted(distortions.CHANGES)
    strong = kind > 1 - _STRONG_SHARE
    made = []
    for first in (True, False):
        if first or rng.random() < 0.25:
            strength = rng.uniform(0.1, 1) if first and strong else 0.5 * rng.random() ** 1.5
            made.append(names[rng.integers(len(names))])
            frame = distortions.CHANGES[made[-1]](frame, float(strength), rng)
    return frame, made
