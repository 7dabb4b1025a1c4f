"""What files do to a picture: noise that a sensor adds, and what compression takes."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def grainy(image: Image.Image, deviation: float, rng: np.random.Generator) -> Image.Image:
    """Gaussian noise of a standard deviation in levels, apart in each channel."""
    noise = rng.normal(0, deviation, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.rint(np.asarray(image) + noise), 0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """As a JPEG of that quality shows it."""
    return _through(image, "JPEG", quality=quality)


def jpeg2000(image: Image.Image, rate: float) -> Image.Image:
    """As a JPEG 2000 of one part in ``rate`` shows it."""
    return _through(image, "JPEG2000", quality_mode="rates", quality_layers=[rate], irreversible=True)


def _through(image: Image.Image, form: str, **options: object) -> Image.Image:
    file = io.BytesIO()
    image.save(file, form, **options)
    return Image.open(file).convert("RGB")
