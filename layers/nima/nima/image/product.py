"""Finding products on a plain background."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nima.image.crop import Box

# A background counts as plain where the picture's rim is one light colour as only a cut-out has it. Photographs of
# skies or walls are never this even; dark rims are night scenes more often than products.
_RIM_TOLERANCE = 8
_MIN_RIM_SHARE = 0.5
# A product that fills its frame touches opposite sides alike; one that meets a single side is a scene cut off there.
_MAX_OPPOSITE_DIFFERENCE = 0.3
_MAX_RIM_DEVIATION = 1.5
_MIN_BACKGROUND_LEVEL = 200
_MIN_BACKGROUND_SHARE = 0.1
# Distance from the background's colour from which a pixel belongs to the product: above JPEG ringing and soft shadows.
_PRODUCT_DISTANCE = 20
_MIN_PRODUCT_SHARE = 0.002
_MIN_PIXELS_ACROSS = 2
_CORNER = 3


@dataclass(frozen=True)
class Product:
    """A product on a plain background.

    Attributes:
        box: The product's bounds in the frame.
        background: The background's sRGB colour.
        fill: The larger of the shares of width and height that the product takes, 0..1.
        mask: ``[height, width]``, true where the frame shows the product.
    """

    box: Box
    background: tuple[int, int, int]
    fill: float
    mask: NDArray[np.bool_]


def find_product(frame: NDArray[np.uint8]) -> Product | None:
    """Finds a product that lies alone on a plain light background.

    Args:
        frame: ``[height, width, 3]`` sRGB.

    Returns:
        The product, or None where the background is not plain or there is nothing on it.
    """
    height, width = frame.shape[:2]
    if min(height, width) < 4 * _CORNER:
        return None
    background = _plain_rim_colour(frame)
    if background is None:
        return None
    near, far = np.clip(np.add.outer((-_PRODUCT_DISTANCE, _PRODUCT_DISTANCE), background), 0, 255).astype(np.uint8)
    mask = ((frame < near) | (frame > far)).any(axis=2)
    columns = np.flatnonzero(mask.sum(axis=0) >= _MIN_PIXELS_ACROSS)
    rows = np.flatnonzero(mask.sum(axis=1) >= _MIN_PIXELS_ACROSS)
    share = mask.mean()
    if not columns.size or not rows.size or not _MIN_PRODUCT_SHARE <= share <= 1 - _MIN_BACKGROUND_SHARE:
        return None
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    fill = max((box[2] - box[0]) / width, (box[3] - box[1]) / height)
    red, green, blue = (int(v) for v in background)
    return Product(box, (red, green, blue), fill, mask)


def _plain_rim_colour(frame: NDArray[np.uint8]) -> NDArray[np.int16] | None:
    """The one colour of the frame's rim and corners, or None."""
    sides = [side.astype(np.int16) for side in (frame[0], frame[-1], frame[:, 0], frame[:, -1])]
    rim = np.concatenate(sides)
    colour: NDArray[np.int16] = np.median(rim, axis=0).astype(np.int16)
    if colour.min() < _MIN_BACKGROUND_LEVEL:
        return None
    distance = np.abs(rim - colour).max(axis=1)
    plain = distance <= _RIM_TOLERANCE
    if plain.mean() < _MIN_RIM_SHARE or distance[plain].mean() > _MAX_RIM_DEVIATION:
        return None
    top, bottom, left, right = ((np.abs(side - colour).max(axis=1) <= _RIM_TOLERANCE).mean() for side in sides)
    if max(abs(top - bottom), abs(left - right)) > _MAX_OPPOSITE_DIFFERENCE:
        return None
    edges = slice(None, _CORNER), slice(-_CORNER, None)
    corners = [frame[rows, columns].astype(np.int16) for rows in edges for columns in edges]
    if any(np.abs(corner - colour).max(axis=2).mean() > _RIM_TOLERANCE for corner in corners):
        return None
    return colour
