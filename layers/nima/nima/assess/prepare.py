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
    """The ``[height, width, 3]`` pixels that a model sees.

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
    return np.asarray(sampled)
