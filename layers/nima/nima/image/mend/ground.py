"""Grounds: white where a product stands on another colour."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from nima.image.product import Product

_SOFT = 1.0


def on_white(image: Image.Image, product: Product) -> Image.Image:
    """The picture with its ground white, shadows included; the product's edge goes over into it softly."""
    kept = Image.fromarray(np.where(product.ground, 0, 255).astype(np.uint8))
    # Pixels of the edge are mixed with the old ground: it is drawn inwards by the width of its softness.
    soft = kept.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(_SOFT))
    return Image.composite(image, Image.new("RGB", image.size, "white"), soft)
