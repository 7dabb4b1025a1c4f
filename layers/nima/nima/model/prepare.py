"""From a frame to the pixels that a model was trained on; only what the model sees of it is resampled.

A product on a plain background is re-framed to one fill: NIMA pays for empty space, so that without it a ranking of
cut-outs would rank their margins.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.errors import ModelUnavailable
from nima.image.crop import Region
from nima.image.product import Product
from nima.image.sample import sample
from nima.model.manifest import InputSpec, Manifest

PREPROCESSING = "3"
"""Version of everything between a file's bytes and the input tensor; in every result."""

_ALIKE = ("1", "2", PREPROCESSING)
"""Versions whose models are served: 1 resampled twice, 2 by Pillow and out of smaller frames, which moved means less
than an upload's size does."""

CANONICAL_FILL = 0.85
"""Share of the square frame's side that the product's longer side takes after re-framing."""

_CANONICAL_KERNEL = Image.Resampling.BICUBIC


def check_preprocessing(manifest: Manifest) -> None:
    """Raises ``ModelUnavailable`` where a model was made for a version of the preprocessing that is not alike."""
    if manifest.preprocessing not in _ALIKE:
        raise ModelUnavailable(
            f"The model was made for version {manifest.preprocessing} of the preprocessing, which is now at "
            f"{PREPROCESSING}. Make its folder again: `nima models install`, `nima models adopt` or `nima export`.",
            detail=manifest.name,
        )


def prepare(frame: Image.Image, product: Product | None, spec: InputSpec) -> NDArray[np.uint8]:
    """The pixels that a model sees, of the shape ``spec.shape``.

    The canonical picture is the frame, antialiased, at the model's canonical long side (never enlarged), so that the
    score does not depend on the upload's size; of a free product it is a square of that side around it. The model
    sees the whole of it, sampled with its own kernel, and its middle at full detail.
    """
    image, box = _framed(frame, product)
    scale = min(1.0, spec.canonical / max(frame.size))
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    if product is not None and product.free:
        size = (spec.canonical, spec.canonical)
    antialiased = spec.kernel != "nearest"
    # Straight from the frame where that comes to the same: to pick single pixels does not, nor to enlarge.
    if not antialiased or size[0] > box[2] - box[0]:
        image = image.resize(size, _CANONICAL_KERNEL, box=box)
        box = (0.0, 0.0, float(image.width), float(image.height))
    if antialiased:
        sampled = sample(np.asarray(image), (spec.width, spec.height), spec.kernel, box)
    else:
        sampled = np.asarray(image.resize((spec.width, spec.height), Image.Resampling.NEAREST))
    if not spec.tile:
        return sampled
    return np.concatenate([sampled, _middle(image, box, size, (spec.width, spec.tile))])


def seen(frame: Image.Image, product: Product | None) -> Region:
    """What a model sees of a frame, beyond it where background is added around a free product."""
    if product is None or not product.free:
        return 0.0, 0.0, float(frame.width), float(frame.height)
    left, top, right, bottom = product.box
    length = max(right - left, bottom - top) / CANONICAL_FILL
    x0, y0 = (left + right - length) / 2, (top + bottom - length) / 2
    return x0, y0, x0 + length, y0 + length


def _framed(frame: Image.Image, product: Product | None) -> tuple[Image.Image, Region]:
    """A picture, and what of it is seen: of a free product a square, of whose side it fills ``CANONICAL_FILL``.

    The product's surroundings come along as far as the frame reaches, soft shadows included; the rest is background.
    """
    x0, y0, x1, y1 = seen(frame, product)
    if product is None or (x0 >= 0 and y0 >= 0 and x1 <= frame.width and y1 <= frame.height):
        return frame, (x0, y0, x1, y1)
    x, y = floor(x0), floor(y0)
    square = Image.new("RGB", (ceil(x1) - x, ceil(y1) - y), product.background)
    square.paste(frame, (-x, -y))
    return square, (x0 - x, y0 - y, x1 - x, y1 - y)


def _middle(image: Image.Image, box: Region, size: tuple[int, int], wanted: tuple[int, int]) -> NDArray[np.uint8]:
    """The ``wanted`` middle of a region as it is at a size; where that is smaller, continued by its mirror images."""
    width, height = min(wanted[0], size[0]), min(wanted[1], size[1])
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    across, down = (box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1]
    x0, y0 = box[0] + left * across, box[1] + top * down
    # Rounding must not lead over the edge.
    x1, y1 = min(x0 + width * across, image.width), min(y0 + height * down, image.height)
    pixels = np.asarray(image.resize((width, height), _CANONICAL_KERNEL, box=(x0, y0, x1, y1)))
    missing = (wanted[1] - height, wanted[0] - width)
    return np.pad(pixels, [*((m // 2, m - m // 2) for m in missing), (0, 0)], "symmetric")
