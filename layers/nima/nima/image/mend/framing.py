"""Which part of a picture to show: closer to a product, within a border, in another shape. Boxes lie in the picture."""

from __future__ import annotations

from math import ceil, floor

from nima.image.crop import Box

Size = tuple[int, int]


def around(product: Box, size: Size, fill: float) -> Box:
    """The square, as far as the picture reaches, with the product in its middle, its longer side ``fill`` of the side.

    Args:
        product: The product's bounds.
        size: Width and height of the picture.
        fill: 0..1.
    """
    left, top, right, bottom = product
    side = max(right - left, bottom - top) / fill
    return _inside(_span(left, right, side, size[0]), _span(top, bottom, side, size[1]))


def shaped(product: Box, size: Size, aspect: float, fill: float) -> Box | None:
    """The part of a shape that shows all of a product, as near to ``fill`` as the picture allows; None if none does.

    Args:
        product: The product's bounds.
        size: Width and height of the picture.
        aspect: Width over height of the part.
        fill: What the product should take, 0..1, of the side that it is nearer to filling.
    """
    left, top, right, bottom = product
    least = max(right - left, (bottom - top) * aspect)
    most = min(size[0], size[1] * aspect)
    if most < least:
        return None
    width = min(most, least / fill)
    return _inside(_span(left, right, width, size[0]), _span(top, bottom, width / aspect, size[1]))


def windows(size: Size, aspect: float, places: int) -> list[Box]:
    """The largest parts of a shape, the middle one first, then from one end to the other; one where they would agree.

    Args:
        size: Width and height of the picture.
        aspect: Width over height of the parts.
        places: How many at most.
    """
    width, height = min(size[0], size[1] * aspect), min(size[1], size[0] / aspect)
    across, down = size[0] - width, size[1] - height
    if max(across, down) < 0.05 * max(size):
        places = 1
    shares = (
        [0.5, *(place / (places - 1) for place in range(places) if 2 * place != places - 1)] if places > 1 else [0.5]
    )
    return [
        _inside((across * share, across * share + width), (down * share, down * share + height)) for share in shares
    ]


def _span(low: float, high: float, length: float, most: int) -> tuple[float, float]:
    """A stretch of a length with another one in its middle, moved and cut so that it lies within 0..most."""
    length = min(length, most)
    start = min(max((low + high - length) / 2, 0), most - length)
    return start, start + length


def _inside(across: tuple[float, float], down: tuple[float, float]) -> Box:
    left, top = floor(across[0] + 0.5), floor(down[0] + 0.5)
    return left, top, max(left + 1, ceil(across[1] - 0.5)), max(top + 1, ceil(down[1] - 0.5))
