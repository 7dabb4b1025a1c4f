"""Pictures out of parts of two photographs: more for a teacher to label than there are photographs.

A student that has matched its teacher on many of them agrees better with it on photographs that are new to both (Beyer
et al., Knowledge distillation: A good teacher is patient and consistent, 2022).
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from nima.training.samples.changes import random_box

_ALONE_SHARE = 0.4
_BLENDED_SHARE = 0.35
_LEAST_AREA = 0.2
_LARGEST_ASPECT = 1.55
_LARGEST_SIDE = 900
# Of the other picture, in a blend; and the area that it covers where it is pasted.
_LARGEST_OPACITY = 0.5
_COVERED = (0.15, 0.5)


def mixed(frame: Image.Image, other: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A part of a picture, 20 % of its area or more: alone, blended with a part of another, or partly covered by it.

    Nothing is enlarged, so that no part is less sharp than its photograph.
    """
    aspect = math.exp(rng.uniform(-1, 1) * math.log(_LARGEST_ASPECT))
    part = _part(frame, aspect, rng)
    kind = rng.random()
    if kind < _ALONE_SHARE:
        return part
    part.thumbnail(other.size)
    second = _part_for(part, other, rng)
    if kind < _ALONE_SHARE + _BLENDED_SHARE:
        return Image.blend(part, second, rng.uniform(0, _LARGEST_OPACITY))
    return _covered(part, second, rng)


def _part(frame: Image.Image, aspect: float, rng: np.random.Generator) -> Image.Image:
    """A random part of a share of the area, of an aspect ratio; less where that does not fit."""
    frame = frame.copy()
    frame.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    area = rng.uniform(_LEAST_AREA, 1) * frame.width * frame.height
    fit = min(1, frame.width / math.sqrt(area * aspect), frame.height / math.sqrt(area / aspect))
    width = min(frame.width, max(1, round(fit * math.sqrt(area * aspect))))
    height = min(frame.height, max(1, round(fit * math.sqrt(area / aspect))))
    return frame.crop(random_box(frame.size, width, height, rng))


def _part_for(part: Image.Image, other: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A random part of another picture that is at least as large, brought to the same size."""
    scale = rng.uniform(1, min(other.width / part.width, other.height / part.height))
    width, height = int(scale * part.width), int(scale * part.height)
    return other.resize(part.size, box=random_box(other.size, width, height, rng))


def _covered(part: Image.Image, other: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A picture with a strip or a rectangle of another one of its size over it, where that has it."""
    share = rng.uniform(*_COVERED)
    across, down = ((1, share), (share, 1), (math.sqrt(share), math.sqrt(share)))[rng.integers(3)]
    width, height = max(1, int(across * part.width)), max(1, int(down * part.height))
    box = random_box(part.size, width, height, rng)
    part.paste(other.crop(box), box)
    return part
