"""From a frame to the pixels that a model was trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.product import Product, reframe
from nima.model.manifest import InputSpec

PREPROCESSING = "1"
"""Version of everything between a file's bytes and the input tensor; in every result."""

_CANONICAL_KERNEL = Image.Resampling.BICUBIC


def prepare(frame: Image.Image, product: Product | None, spec: InputSpec) -> NDArray[np.uint8]:
    """The pixels that a model sees, of the shape ``spec.shape``.

    A frame is first brought, antialiased, to the model's canonical long side (never enlarged), so that the score does
    not depend on the upload's size, and then sampled with the model's own kernel. A product is re-framed at exactly
    the canonical size.
    """
    if product is not None:
        canonical = reframe(frame, product, spec.canonical)
    else:
        scale = spec.canonical / max(frame.size)
        size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
        canonical = frame.resize(size, _CANONICAL_KERNEL) if scale < 1 else frame
    sampled = canonical.resize((spec.width, spec.height), Image.Resampling[spec.kernel.upper()])
    if not spec.tile:
        return np.asarray(sampled)
    return np.concatenate([np.asarray(sampled), _middle(np.asarray(canonical), spec.tile, spec.width)])


def _middle(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The middle of a picture; one that is smaller is continued by its mirror images."""
    missing = [max(0, wanted - side) for wanted, side in zip((height, width), pixels.shape, strict=False)]
    if any(missing):
        pixels = np.pad(pixels, [*((m // 2, m - m // 2) for m in missing), (0, 0)], "symmetric")
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]
