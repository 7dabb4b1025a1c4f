"""Pictures made here: a scene like a photograph, a product on a plain background, and how they become files."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_OCTAVES = (3, 6, 12, 24, 48, 96, 192)
_SUPERSAMPLING = 2
_SHAPES = 40


@cache
def scene(width: int = 960, height: int = 720, seed: int = 0) -> Image.Image:
    """Octaves of coloured noise, as clouds and foliage have them, under antialiased shapes with sharp edges.

    Kept for the next call: not to be changed in place.
    """
    rng = np.random.default_rng(seed)
    size = (width * _SUPERSAMPLING, height * _SUPERSAMPLING)
    planes = np.full((3, size[1], size[0]), 120.0, np.float32)
    for cells in _OCTAVES:
        grey, colours = rng.normal(0, 1, (cells, cells, 1)), rng.normal(0, 0.5, (cells, cells, 3))
        octave = (grey + colours) * 100 / cells**0.55
        for channel in range(3):
            cloud = Image.fromarray(octave[..., channel].astype(np.float32))
            planes[channel] += np.asarray(cloud.resize(size, Image.Resampling.BICUBIC))
    image = Image.merge("RGB", [Image.fromarray(plane) for plane in np.clip(planes, 4, 246).astype(np.uint8)])
    draw = ImageDraw.Draw(image)
    for index in range(_SHAPES):
        x, y = rng.uniform(0, 1, 2) * size
        radius = rng.uniform(0.02, 0.09) * min(size)
        colour = tuple(int(v) for v in rng.integers(10, 240, 3))
        if index % 2:
            draw.ellipse((x - radius, y - radius / 2, x + radius, y + radius / 2), colour)
        else:
            angles = np.sort(rng.uniform(0, 2 * np.pi, 5))
            draw.polygon([(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles], colour)
    return image.resize((width, height), Image.Resampling.BOX)


def product(
    fill: float = 0.7,
    side: int = 900,
    background: tuple[int, int, int] = (255, 255, 255),
    tone: tuple[int, int, int] | None = None,
) -> Image.Image:
    """An ellipse cut out of a scene on a plain square: ``fill`` of the square's side wide and half as tall.

    ``tone`` paints the product's lights in that colour instead of the scene's own colours.
    """
    size = (round(side * fill), round(side * fill / 2))
    texture = scene(1000, 500, seed=5)
    if tone:
        texture = Image.merge("RGB", [texture.convert("L").point(lambda v, t=t: v * t // 255) for t in tone])
    mask = Image.new("L", texture.size)
    ImageDraw.Draw(mask).ellipse((0, 0, texture.width - 1, texture.height - 1), 255)
    canvas = Image.new("RGB", (side, side), background)
    at = ((side - size[0]) // 2, (side - size[1]) // 2)
    canvas.paste(texture.resize(size, Image.Resampling.LANCZOS), at, mask.resize(size, Image.Resampling.LANCZOS))
    return canvas


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as a file of a format that Pillow writes."""
    file = io.BytesIO()
    image.save(file, kind, **({"compress_level": 1} if kind == "PNG" else {}), **options)
    return file.getvalue()


def heic(image: Image.Image | None = None, **options: Any) -> bytearray:
    """The picture, or a small scene, as a HEIC."""
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which writes HEIC, is not installed")
    file = io.BytesIO()
    pillow_heif.from_pillow(image or scene(320, 240)).save(file, **{"quality": 90, **options})
    return bytearray(file.getvalue())


def heic_whose_item_type_is_no_text() -> bytes:
    """One flipped bit in the type of the EXIF item: pi-heif 1.4 dies of it."""
    data = heic(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    data[data.index(b"Exif", data.rindex(b"infe"))] |= 0x80
    return bytes(data)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures of one size, in levels of 255."""
    assert one.size == other.size
    return float(np.abs(array(one) - array(other)).mean())


def array(image: Image.Image) -> NDArray[np.int16]:
    """``[height, width, 3]`` sRGB values."""
    return np.asarray(image.convert("RGB")).astype(np.int16)
