"""Clean pictures that look as if they had a defect: what is natural or meant should not be named."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from nima.training.defects.codecs import jpeg
from nima.training.defects.light import toned

Generator = np.random.Generator
Look = Callable[[Image.Image, Generator], Image.Image]

_CELLS = 6
_LEAST_CROP = 160


def texture(image: Image.Image, rng: Generator) -> Image.Image:
    """The part with the most fine detail: grass, fur, gravel, which is not noise."""
    return _part(image, np.argmax)


def plain(image: Image.Image, rng: Generator) -> Image.Image:
    """The part with the least: sky and walls, which are neither soft nor flat."""
    return _part(image, np.argmin)


def low_key(image: Image.Image, rng: Generator) -> Image.Image:
    """Dark all round, with a lit subject that keeps its tones."""
    return _lit(image, toned(image, lambda level: 0.5 * level**1.6), rng)


def high_key(image: Image.Image, rng: Generator) -> Image.Image:
    """Bright, with nothing clipped that was not."""
    return toned(image, lambda level: 1 - 0.98 * (1 - level) ** 1.9)


def fog(image: Image.Image, rng: Generator) -> Image.Image:
    """A veil that thickens towards the top, before which the near is as clear as ever."""
    rows = np.linspace(0.8, 0, image.height)[:, np.newaxis] ** 1.3
    veil = Image.fromarray(np.broadcast_to(np.rint(rows * 255).astype(np.uint8), image.size[::-1]).copy())
    return Image.composite(Image.new("RGB", image.size, (214, 217, 222)), image, veil)


def sepia(image: Image.Image, rng: Generator) -> Image.Image:
    """A toned black-and-white picture."""
    grey = image.convert("L")
    return Image.merge("RGB", [grey.point(lambda v, g=gain: min(255, round(v * g))) for gain in (1.07, 0.9, 0.68)])


def monochrome(image: Image.Image, rng: Generator) -> Image.Image:
    return image.convert("L").convert("RGB")


def sunset(image: Image.Image, rng: Generator) -> Image.Image:
    """Lights that are warm, with shadows that stay cool."""
    pixels = np.asarray(image, np.float32) / 255
    share = pixels.mean(axis=2, keepdims=True)
    gains = share * np.array((1.12, 0.92, 0.62)) + (1 - share) * np.array((0.92, 0.97, 1.1))
    return Image.fromarray(np.clip(np.rint(pixels * gains * 255), 0, 255).astype(np.uint8))


def sharpened(image: Image.Image, rng: Generator) -> Image.Image:
    return image.filter(ImageFilter.UnsharpMask(1.2, 60, 2))


def compressed(image: Image.Image, rng: Generator) -> Image.Image:
    """As pictures are published: JPEG of quality 52 to 80."""
    return jpeg(image, int(rng.integers(52, 81)))


def shallow(image: Image.Image, rng: Generator) -> Image.Image:
    """A sharp subject before a soft background."""
    soft = image.filter(ImageFilter.GaussianBlur(0.008 * max(image.size)))
    return _lit(image, soft, rng)


def vivid(image: Image.Image, rng: Generator) -> Image.Image:
    return ImageEnhance.Color(image).enhance(1.4)


LOOKS: Mapping[str, Look] = {
    "texture": texture,
    "plain part": plain,
    "low key": low_key,
    "high key": high_key,
    "fog": fog,
    "sepia": sepia,
    "monochrome": monochrome,
    "sunset": sunset,
    "sharpened": sharpened,
    "JPEG q52-80": compressed,
    "shallow focus": shallow,
    "vivid": vivid,
}


ON_WHITE = ("sharpened", "JPEG q52-80", "vivid")
"""Those that leave a white ground white."""


def _lit(image: Image.Image, around: Image.Image, rng: Generator) -> Image.Image:
    """The picture as it is in an ellipse about its middle, and another way around that."""
    width, height = image.size
    x, y = rng.uniform(0.4, 0.6, 2)
    across = (np.arange(width) / width - x) / 0.28
    down = (np.arange(height) / height - y) / 0.34
    distance = np.hypot(across, down[:, np.newaxis])
    share = np.clip(1.6 - distance, 0, 1)
    return Image.composite(image, around, Image.fromarray(np.rint(share * 255).astype(np.uint8)))


def _part(image: Image.Image, choose: Callable[[NDArray[np.float64]], np.intp]) -> Image.Image:
    """A third of each side, no less than ``_LEAST_CROP``, where detail is the least or the most; not enlarged."""
    luma = np.asarray(image.convert("L"), np.float64)
    size = [min(side, max(_LEAST_CROP, round(side / 2.5))) for side in image.size]
    lefts, tops = (np.linspace(0, side - part, _CELLS).astype(int) for side, part in zip(image.size, size, strict=True))
    places = [(left, top) for left in lefts for top in tops]
    detail = np.array(
        [
            np.abs(np.diff(luma[top : top + size[1], left : left + size[0]], axis=1)).mean()
            + luma[top : top + size[1], left : left + size[0]].std() * 1e-3
            for left, top in places
        ]
    )
    left, top = places[int(choose(detail))]
    return image.crop((left, top, left + size[0], top + size[1]))
