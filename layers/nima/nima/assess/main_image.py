"""Measures what marketplaces ask of a main image; ``nima.document.policy`` judges it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nima.document.assessment import Deduction
from nima.document.policy import MainImage
from nima.document.rules import TOLERANCES
from nima.image.decode import Picture
from nima.image.measure import Frame
from nima.image.product import Product

# JPEG blocks that a product's edge runs through ring into the ground, and cut-outs keep a soft rim.
_SAMPLE = 2
_EDGE_SCALE = 2
_EDGE_CELLS = 2
_RIM_SHARE = 0.01
_DIGITS = 4


def measure_main_image(picture: Picture, frame: Frame) -> MainImage:
    """The measures of a picture, taken on its decoded frame, of a panorama on its centre."""
    pixels = frame.pixels
    ground = _rim(pixels) if frame.product is None else _surroundings(pixels, frame.product)
    darkest = np.minimum(np.minimum(ground[:, 0], ground[:, 1]), ground[:, 2])
    levels = np.bincount(darkest, minlength=256)[::-1].cumsum() / max(1, darkest.size)
    return MainImage(
        white={tolerance: round(float(levels[tolerance]), _DIGITS) for tolerance in TOLERANCES},
        fill=None if frame.product is None else round(_fill(picture, frame.product), _DIGITS),
        longest_side=max(picture.width, picture.height),
        border=round(_border(frame), _DIGITS),
    )


def with_text(measured: MainImage, deductions: Iterable[Deduction]) -> MainImage:
    """The same with how much text there is: none unless it was named."""
    text = next((deduction.measure for deduction in deductions if deduction.code == "text_overlay"), 0.0)
    return replace(measured, text=text)


def _surroundings(pixels: NDArray[np.uint8], product: Product) -> NDArray[np.uint8]:
    """Every fourth pixel ``[n, 3]`` of a product's ground, without those next to its edge."""
    mask, ground = product.mask[::_SAMPLE, ::_SAMPLE], product.ground[::_SAMPLE, ::_SAMPLE]
    sampled = pixels[::_SAMPLE, ::_SAMPLE]
    cells = Image.fromarray(mask).convert("L").reduce(_EDGE_SCALE)
    near = np.asarray(cells.filter(ImageFilter.BoxBlur(_EDGE_CELLS))) > 0
    covered = near.repeat(_EDGE_SCALE, axis=0).repeat(_EDGE_SCALE, axis=1)[: mask.shape[0], : mask.shape[1]]
    clear = sampled[ground & ~covered]
    return clear if len(clear) else sampled[ground]


def _rim(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The pixels ``[n, 3]`` along the four sides."""
    depth = max(1, round(max(pixels.shape[:2]) * _RIM_SHARE))
    middle = pixels[depth:-depth]
    sides = (pixels[:depth], pixels[-depth:], middle[:, :depth], middle[:, -depth:])
    return np.concatenate([side.reshape(-1, 3) for side in sides])


def _fill(picture: Picture, product: Product) -> float:
    left, top, right, bottom = product.box
    height, width = product.mask.shape
    longer = max(width, height)
    if picture.cropped:
        longer = round(min(width, height) * max(picture.width, picture.height) / min(picture.width, picture.height))
    return float(max(right - left, bottom - top) / longer)


def _border(frame: Frame) -> float:
    """Width of a border on two opposite sides at least, over the longer side."""
    width, height = frame.image.size
    left, top, right, bottom = frame.border
    widest = max(min(left, width - right), min(top, height - bottom))
    return float(widest / max(height, width))
