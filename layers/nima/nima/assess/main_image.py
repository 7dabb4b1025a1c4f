"""Measures what marketplaces ask of a main image; ``nima.document.policy`` judges it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nima.document.policy import MainImage
from nima.document.rules import TOLERANCES
from nima.image.decode import Picture
from nima.image.measure import Frame
from nima.image.product import Product

# JPEG blocks that a product's edge runs through ring into the background, and cut-outs keep a soft rim.
_EDGE_SCALE = 4
_EDGE_CELLS = 2
_RIM_SHARE = 0.01
# A border is a band of one colour around the picture, set off from what is inside by a step along most of its length.
_MAX_BORDER_SHARE = 0.12
_BORDER_TOLERANCE = 12
_BORDER_EVEN_SHARE = 0.97
_BORDER_STEP = 24
_BORDER_STEP_SHARE = 0.8
_BORDER_BLEND_LINES = 2
_WHITE_PAPER = 245
_DIGITS = 4


def measure_main_image(picture: Picture, frame: Frame) -> MainImage:
    """The measures of a picture, taken on its decoded frame (about 960 px; of a panorama, on its centre)."""
    pixels = np.asarray(frame.image)
    background = _rim(pixels) if frame.product is None else _surroundings(pixels, frame.product)
    darkest = background.min(axis=1) if background.size else np.zeros(1, np.uint8)
    return MainImage(
        white={tolerance: round(float((darkest >= 255 - tolerance).mean()), _DIGITS) for tolerance in TOLERANCES},
        fill=None if frame.product is None else round(_fill(picture, frame.product), _DIGITS),
        longest_side=max(picture.width, picture.height),
        border=round(_border(pixels), _DIGITS),
    )


def _surroundings(pixels: NDArray[np.uint8], product: Product) -> NDArray[np.uint8]:
    """The pixels ``[n, 3]`` around a product, without those next to its edge."""
    height, width = product.mask.shape
    cells = Image.fromarray(product.mask.astype(np.uint8) * 255).reduce(_EDGE_SCALE)
    near = np.asarray(cells.filter(ImageFilter.BoxBlur(_EDGE_CELLS))) > 0
    covered = near.repeat(_EDGE_SCALE, axis=0).repeat(_EDGE_SCALE, axis=1)[:height, :width]
    clear = pixels[~covered]
    return clear if len(clear) else pixels[~product.mask]


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


def _border(pixels: NDArray[np.uint8]) -> float:
    """Width of a border on two opposite sides at least, over the longer side."""
    longer = max(pixels.shape[:2])
    columns = pixels.transpose(1, 0, 2)
    widest = max(min(_band(side), _band(side[::-1])) for side in (pixels, columns))
    return float(widest / longer)


def _band(lines: NDArray[np.uint8]) -> int:
    """How many of the first lines are one band of a border, 0 where there is none."""
    most = round(len(lines) * _MAX_BORDER_SHARE)
    colour = np.median(lines[0], axis=0).astype(np.int16)
    if colour.min() >= _WHITE_PAPER:
        return 0
    depth = 0
    while depth < most and (_distance(lines[depth], colour) <= _BORDER_TOLERANCE).mean() >= _BORDER_EVEN_SHARE:
        depth += 1
    inside = depth + _BORDER_BLEND_LINES - 1
    if not 0 < depth < most or inside >= len(lines):
        return 0
    # What the border has at its own corners does not count against the step.
    step = _distance(lines[inside], colour) >= _BORDER_STEP
    return depth if step.mean() >= _BORDER_STEP_SHARE else 0


def _distance(line: NDArray[np.uint8], colour: NDArray[np.int16]) -> NDArray[np.int16]:
    greatest: NDArray[np.int16] = np.abs(line.astype(np.int16) - colour).max(axis=1)
    return greatest
