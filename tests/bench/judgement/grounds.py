"""Which real pictures have a white ground, found apart from the product's own way of finding it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from nima.training.defects.staging import connected

LEVELS = 5
"""Below white, in every channel."""

_LIGHT_FROM = 225
_AWAY = 12
_SHARE = 0.98
_LEAST_GROUND = 0.05


@cache
def is_white(path: Path) -> bool:
    """Whether what is light and connected to the rim lies within ``LEVELS`` of white, some pixels away from the goods.

    Next to goods JPEG rings, and cut-outs keep a soft rim. Where hardly any ground is left, there is none to be white.
    """
    with Image.open(path) as image:
        darkest = np.asarray(image.convert("RGB")).min(axis=2)
    ground = Image.fromarray(connected(darkest >= _LIGHT_FROM).astype(np.uint8) * 255)
    clear = np.asarray(ground.filter(ImageFilter.BoxBlur(_AWAY))) == 255
    if clear.mean() < _LEAST_GROUND:
        return False
    return bool((darkest[clear] >= 255 - LEVELS).mean() >= _SHARE)
