"""Changes that lower a picture's quality, each in graded strengths.

The first group has five levels and follows TID2013 (Ponomarenko et al., Image database TID2013, 2015): level 1 to 5 are
brought to a PSNR of 33, 30, 27, 24 and 21 dB, as that set's distortions are. ``strengths`` is the free form of the
same changes, for training pictures.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

LEVEL_PSNR = (33.0, 30.0, 27.0, 24.0, 21.0)
"""Peak signal-to-noise ratio, in dB, of the five levels of TID2013."""

Generator = np.random.Generator
Change = Callable[[Image.Image, float, Generator], Image.Image]
"""A picture, a strength of 0 (nothing) to 1 (as bad as it gets) and randomness in, a picture of the same size out."""

_SEARCH_STEPS = 8


def blur(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Gaussian blur with a sigma of up to 2.5 % of the long side."""
    return image.filter(ImageFilter.GaussianBlur(strength * 0.025 * max(image.size)))


def motion_blur(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """The mean over a straight movement of up to 5 % of the long side."""
    length = strength * 0.05 * max(image.size)
    angle = rng.uniform(0, np.pi)
    steps = max(2, round(length) + 1)
    pixels = np.asarray(image, np.float32)
    total = np.zeros_like(pixels)
    for offset in np.linspace(-length / 2, length / 2, steps):
        dx, dy = round(offset * np.cos(angle)), round(offset * np.sin(angle))
        total += _shifted(pixels, dx, dy)
    return _image(total / steps)


def noise(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Additive Gaussian noise with a standard deviation of up to 80 levels."""
    return _added(image, rng.normal(0, 80 * strength, (image.height, image.width, 3)))


def colour_noise(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Noise that is stronger in the colour differences than in the luma."""
    luma = rng.normal(0, 30 * strength, (image.height, image.width, 1))
    return _added(image, luma + rng.normal(0, 80 * strength, (image.height, image.width, 3)))


def correlated_noise(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Noise in patches of about two pixels, as a demosaiced and enlarged sensor makes it."""
    half = rng.normal(0, 1, (-(-image.height // 2), -(-image.width // 2), 3))
    patches = half.repeat(2, axis=0).repeat(2, axis=1)[: image.height, : image.width]
    return _added(image, 70 * strength * patches)


def impulse_noise(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Black and white values in up to 30 % of the pixels' channels."""
    pixels = np.asarray(image).copy()
    hit = rng.random(pixels.shape)
    share = 0.3 * strength
    pixels[hit < share / 2] = 0
    pixels[hit > 1 - share / 2] = 255
    return Image.fromarray(pixels)


def shot_noise(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Poisson noise of a sensor that counts ever fewer photons: high sensitivity in low light."""
    photons = 1.0 / (strength**2 * 0.25 + 1e-6)
    pixels = np.asarray(image, np.float64) / 255
    return _image(rng.poisson(np.minimum(pixels * photons, 1e6)) / photons * 255)


def jpeg(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """JPEG compression, from quality 75 down to 1."""
    if strength <= 0:
        return image
    return _through(image, "JPEG", quality=max(1, round(75 * (1 - strength) ** 1.5)))


def jpeg2000(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """JPEG 2000 compression, up to one part in 400."""
    if strength <= 0:
        return image
    return _through(image, "JPEG2000", quality_mode="rates", quality_layers=[10.0 * 40**strength])


def quantise(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Fewer levels a channel, from 64 down to 2, as posterised gradients have."""
    levels = round(2 + 62 * (1 - strength) ** 3)
    pixels = np.asarray(image, np.float32) / 255
    return _image(np.round(pixels * (levels - 1)) / (levels - 1) * 255)


def pixelate(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Enlarged from as little as an eighth of the size."""
    factor = 1 + 7 * strength
    small = image.resize((max(8, round(image.width / factor)), max(8, round(image.height / factor))))
    kernel = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.NEAREST)[rng.integers(3)]
    return small.resize(image.size, kernel)


def darken(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Under-exposure: down to 7 % of the light."""
    return ImageEnhance.Brightness(image).enhance(1 - 0.93 * strength)


def overexpose(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Over-exposure: up to 4.5 times the light, clipped."""
    return ImageEnhance.Brightness(image).enhance(1 + 3.5 * strength)


def flatten(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Loss of contrast, down to 8 %."""
    return ImageEnhance.Contrast(image).enhance(1 - 0.92 * strength)


def recolour(image: Image.Image, strength: float, rng: Generator) -> Image.Image:
    """Too much or too little saturation."""
    enhancer = ImageEnhance.Color(image)
    return enhancer.enhance(1 + 4 * strength if rng.random() < 0.5 else 1 - strength)


CHANGES: Mapping[str, Change] = {
    change.__name__: change
    for change in (
        *(blur, motion_blur, noise, colour_noise, correlated_noise, impulse_noise, shot_noise, jpeg, jpeg2000),
        *(quantise, pixelate, darken, overexpose, flatten, recolour),
    )
}
"""Every change by its name."""

TID2013: Mapping[int, str] = {
    1: "noise",
    2: "colour_noise",
    3: "correlated_noise",
    6: "impulse_noise",
    7: "quantise",
    8: "blur",
    10: "jpeg",
    11: "jpeg2000",
    19: "shot_noise",
}
"""The numbers that TID2013 gives to those of its distortions that are regenerated here."""

LADDERS: Mapping[str, tuple[float, ...]] = {
    "blur": (0.12, 0.25, 0.42, 0.65, 0.95),
    "noise": (0.12, 0.25, 0.42, 0.65, 0.95),
    "jpeg": (0.457, 0.614, 0.739, 0.836, 0.911),
    "darken": (0.32, 0.52, 0.68, 0.82, 0.94),
}
"""Strengths of five steps, each clearly worse than the one before, on which a technical score should fall every time.

They are a blur with a sigma of 0.3, 0.6, 1.05, 1.6 and 2.4 % of the long side, noise with a standard deviation of 10,
20, 34, 52 and 76 levels, JPEG qualities of 30, 18, 10, 5 and 2, and 70, 52, 37, 24 and 13 % of the brightness.
"""


def at_level(image: Image.Image, change: str, level: int, seed: int = 0) -> Image.Image:
    """A picture with one change at a level of TID2013, regenerated by its PSNR.

    Args:
        image: An RGB picture.
        change: A key of ``CHANGES``.
        level: 1 to 5.
        seed: Of the randomness.
    """
    wanted = LEVEL_PSNR[level - 1]
    low, high = 0.0, 1.0
    reference = np.asarray(image, np.float64)
    best = image
    for _ in range(_SEARCH_STEPS):
        strength = (low + high) / 2
        best = CHANGES[change](image, strength, np.random.default_rng(seed))
        if psnr(reference, np.asarray(best, np.float64)) > wanted:
            low = strength
        else:
            high = strength
    return best


def psnr(reference: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Peak signal-to-noise ratio of two 8-bit pictures in dB; infinite where they are equal."""
    error = float(((reference - other) ** 2).mean())
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def _shifted(pixels: NDArray[np.float32], dx: int, dy: int) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    rows = np.clip(np.arange(height) + dy, 0, height - 1)
    columns = np.clip(np.arange(width) + dx, 0, width - 1)
    moved: NDArray[np.float32] = pixels[rows][:, columns]
    return moved


def _added(image: Image.Image, difference: NDArray[np.float64]) -> Image.Image:
    return _image(np.asarray(image, np.float64) + difference)


def _image(pixels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def _through(image: Image.Image, form: str, **options: object) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return Image.open(buffer).convert("RGB")
