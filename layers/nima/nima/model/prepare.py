"""From a frame to the pixels that a model was trained on.

A product on a plain background is re-framed to one fill: NIMA pays for empty space, so that without it a ranking of
cut-outs would rank their margins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.errors import ModelUnavailable
from nima.image.product import Product
from nima.model.manifest import InputSpec, Manifest

PREPROCESSING = "1"
"""Version of everything between a file's bytes and the input tensor; in every result."""

CANONICAL_FILL = 0.85
"""Share of the square frame's side that the product's longer side takes after re-framing."""

_CANONICAL_KERNEL = Image.Resampling.BICUBIC


def check_preprocessing(manifest: Manifest) -> None:
    """Raises ``ModelUnavailable`` where a model was made for another version of the preprocessing than this one."""
    if manifest.preprocessing != PREPROCESSING:
        raise ModelUnavailable(
            "The model was made for another version of the preprocessing.",
            detail=f"{manifest.id}: {manifest.preprocessing!r}, this is {PREPROCESSING!r}",
        )


def prepare(frame: Image.Image, product: Product | None, spec: InputSpec) -> NDArray[np.uint8]:
    """The pixels that a model sees, of the shape ``spec.shape``.

    A frame is first brought, antialiased, to the model's canonical long side (never enlarged), so that the score does
    not depend on the upload's size, and then sampled with the model's own kernel. A free product is re-framed at
    exactly the canonical size.
    """
    if product is not None and product.free:
        canonical = _reframed(frame, product, spec.canonical)
    else:
        scale = spec.canonical / max(frame.size)
        size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
        canonical = frame.resize(size, _CANONICAL_KERNEL) if scale < 1 else frame
    sampled = canonical.resize((spec.width, spec.height), Image.Resampling[spec.kernel.upper()])
    if not spec.tile:
        return np.asarray(sampled)
    return np.concatenate([np.asarray(sampled), _middle(np.asarray(canonical), spec.tile, spec.width)])


def _reframed(frame: Image.Image, product: Product, side: int) -> Image.Image:
    """The product in the middle of a square of its background, its longer side ``CANONICAL_FILL`` of the square's."""
    left, top, right, bottom = product.box
    length = max(right - left, bottom - top) / CANONICAL_FILL
    scale = side / length
    # The product's surroundings come along as far as the picture reaches, soft shadows included; the rest is filled.
    x0, y0 = (left + right - length) / 2, (top + bottom - length) / 2
    source = (max(0.0, x0), max(0.0, y0), min(frame.width, x0 + length), min(frame.height, y0 + length))
    size = (max(1, round((source[2] - source[0]) * scale)), max(1, round((source[3] - source[1]) * scale)))
    square = Image.new("RGB", (side, side), product.background)
    part = frame.resize(size, Image.Resampling.BICUBIC, box=source)
    square.paste(part, (round((source[0] - x0) * scale), round((source[1] - y0) * scale)))
    return square


def _middle(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The middle of a picture; one that is smaller is continued by its mirror images."""
    missing = [max(0, wanted - side) for wanted, side in zip((height, width), pixels.shape, strict=False)]
    if any(missing):
        pixels = np.pad(pixels, [*((m // 2, m - m // 2) for m in missing), (0, 0)], "symmetric")
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]
