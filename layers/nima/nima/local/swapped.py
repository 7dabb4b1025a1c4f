"""Whether a model's heads seem to be swapped: which of them rises and falls as those of nima-lite do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from nima.image.product import find_product
from nima.model import golden
from nima.model.folder import SHIPPED, find_model
from nima.model.litert import Model
from nima.model.manifest import HEADS, SCORES
from nima.model.prepare import prepare

_BLURS = (2, 6)
_NOISES = (30, 90)


def seems_swapped(model: Model) -> bool:
    """Whether each head is more like the other one of the model that comes with the package.

    Both score the golden pictures, blurred, noisy, dark, dull and in other colours too. What is compared are
    correlations of means, so that another scale counts for nothing. It is a hint: heads of another field may differ.
    """
    own, known = _means(model), _known()
    with np.errstate(invalid="ignore"):
        alike = np.corrcoef(own.T, known.T)[: len(HEADS), len(HEADS) :]
    return bool(np.trace(alike[::-1]) > np.trace(alike))


@cache
def _known() -> NDArray[np.float64]:
    """The means of the model that comes with the package."""
    return _means(Model(find_model([SHIPPED])))


def _means(model: Model) -> NDArray[np.float64]:
    """The heads' means ``[n, 2]``."""
    found = []
    for make in golden.PICTURES.values():
        frame = Image.fromarray(make())
        product = find_product(np.asarray(frame))
        for view in _changed(frame):
            answer = model.predict(prepare(view, product, model.manifest.input))
            found.append([answer[head] @ np.arange(1, SCORES + 1) for head in HEADS])
    return np.array(found)


def _changed(image: Image.Image) -> Iterator[Image.Image]:
    yield image
    for radius in _BLURS:
        yield image.filter(ImageFilter.GaussianBlur(radius))
    pixels, rng = np.asarray(image).astype(int), np.random.default_rng(golden.SEED)
    for most in _NOISES:
        noisy = pixels + rng.integers(-most, most + 1, pixels.shape)
        yield Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    yield ImageEnhance.Brightness(image).enhance(0.25)
    yield ImageEnhance.Contrast(image).enhance(0.4)
    for strength in (0.0, 2.0):
        yield ImageEnhance.Color(image).enhance(strength)
