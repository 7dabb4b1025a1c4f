"""Bringing decoded pixels of any mode to a smaller picture, band by band, so that no second full-size copy is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from nima.errors import UnsupportedFormat
from nima.image.crop import Box

_BAND_PIXELS = 2_000_000
_DIRECT = {"RGB", "RGBA", "L", "LA", "CMYK", "LAB"}
_CONVERTED = {"1": "L", "La": "LA", "PA": "RGBA", "RGBa": "RGBA", "RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB"}


@dataclass(frozen=True)
class GreyScale:
    """How 16-bit grey values are meant: how many of their bits are used, and whether 0 is white."""

    bits: int = 16
    inverted: bool = False


def shrink(
    image: Image.Image,
    box: Box,
    size: tuple[int, int],
    kernel: Image.Resampling,
    grey: GreyScale = GreyScale(),
) -> Image.Image:
    """Resamples ``box`` of a decoded picture to ``size``, antialiased.

    Returns:
        A picture in mode ``RGB``, ``RGBA``, ``L``, ``LA``, ``CMYK`` or ``LAB``. Transparent colours of palettes and
        of ``tRNS`` chunks have become an alpha channel; 16-bit grey keeps its highest eight bits.

    Raises:
        UnsupportedFormat: The pixels are floating point or 32-bit integers.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    factor = max(1, min(width // size[0], height // size[1]))
    if factor == 1:
        plain = _plain(image if box == (0, 0, *image.size) else image.crop(box), grey)
        return plain if plain.size == size else plain.resize(size, kernel)
    rows = max(1, _BAND_PIXELS // (width * factor)) * factor
    reduced: Image.Image | None = None
    for y in range(top, bottom, rows):
        band = _plain(image.crop((left, y, right, min(y + rows, bottom))), grey).reduce(factor)
        if reduced is None:
            reduced = Image.new(band.mode, (band.width, -(-height // factor)))
        reduced.paste(band, (0, (y - top) // factor))
    if reduced is None:
        raise ValueError("an empty box has no pixels")
    return reduced.resize(size, kernel, box=(0, 0, width / factor, height / factor))


def _plain(image: Image.Image, grey: GreyScale) -> Image.Image:
    if "transparency" in image.info and image.mode in {"P", "RGB", "L", "1"}:
        return image.convert("RGBA")
    if image.mode in _DIRECT:
        return image
    if image.mode == "P":
        return image.convert("RGB")
    if image.mode in _CONVERTED:
        return image.convert(_CONVERTED[image.mode])
    if image.mode.startswith("I;16"):
        values = np.asarray(image)
        plain = Image.fromarray((values >> (grey.bits - 8)).astype(np.uint8) ^ (255 if grey.inverted else 0))
        if "transparency" not in image.info:
            return plain
        opaque = (values != image.info["transparency"]) * np.uint8(255)
        return Image.merge("LA", (plain, Image.fromarray(opaque)))
    raise UnsupportedFormat(f"Pictures with {image.mode!r} pixels (32-bit or floating point) are not supported.")
