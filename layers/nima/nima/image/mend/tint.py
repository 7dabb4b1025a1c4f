"""Tints: which gains make the ground of a product, or the whole of a scene, neutral again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.mend.light import LINEAR
from nima.image.product import Product

Gains = tuple[float, float, float]
"""Of the linear light of red, green and blue."""

_SIDE = 400
# Grey edge (van de Weijer, Gevers and Gijsenij, Edge-based color constancy, 2007): a light tints all edges alike, while
# the surfaces between them may be of any colour; strong edges count for more.
_NORM = 6
_FAINT = 1e-4
_MOST = 4.0


def ground_gains(product: Product) -> Gains:
    """The gains that make a product's ground grey, none of them below 1."""
    return _gains(LINEAR[list(product.background)])


def scene_gains(image: Image.Image) -> Gains:
    """The gains that make the edges of a scene grey on average, none of them below 1.

    Args:
        image: An RGB picture.
    """
    light = LINEAR[np.asarray(image.reduce(max(1, max(image.size) // _SIDE)))]
    across, down = np.diff(light, axis=1)[:-1], np.diff(light, axis=0)[:, :-1]
    edges = np.hypot(across, down).reshape(-1, 3)
    return _gains((edges**_NORM).mean(axis=0) ** (1 / _NORM)) if edges.size else (1.0, 1.0, 1.0)


def _gains(light: NDArray[np.float64]) -> Gains:
    most = max(float(light.max()), _FAINT)
    red, green, blue = (min(_MOST, most / max(float(level), _FAINT)) for level in light)
    return red, green, blue
