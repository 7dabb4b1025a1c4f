"""Maps of one picture: where its scores come from, and where the reasons lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from nima.assess.occlusion import occluded
from nima.document.defects import DEFECTS
from nima.document.distribution import SCORES
from nima.document.maps import MAPS, Maps, PlaceMap
from nima.image import places
from nima.image.crop import Region, central_crop
from nima.image.decode import Picture
from nima.image.measure import Frame
from nima.image.product import Product
from nima.model.litert import Model
from nima.model.prepare import prepare, seen
from nima.words import say

# Integer weights round by less. A head whose parts are not its mean is none of those that are read right.
_ROUNDING = 0.02
_POINT_DIGITS, _SHARE_DIGITS, _BOX_DIGITS = 5, 2, 4


def make_maps(picture: Picture, frame: Frame, model: Model, means: Mapping[str, float], *, reframe: bool) -> Maps:
    """The maps of a picture, in the order of ``nima.document.maps.MAPS``.

    Args:
        picture: The picture.
        frame: Its frame, and the product on it.
        model: The model; it is asked at most ``1 + nima.assess.occlusion.INFERENCES`` times.
        means: What it said of the picture, by head.
        reframe: Whether it saw a product re-framed.
    """
    product = frame.product if reframe else None
    region = seen(frame.image, product)
    found = _of_heads(frame.image, product, region, model, means)
    box = _box(picture, frame.image, region)
    heads = {head: _map(head, grid, box, _POINT_DIGITS, base) for head, (grid, base) in found.items()}
    whole = _box(picture, frame.image, (0, 0, *frame.image.size))
    reasons = {
        name: _map(name, grid, whole, _SHARE_DIGITS)
        for name, measure in REASONS.items()
        if (grid := measure(frame)) is not None
    }
    return {name: made for name in MAPS if (made := (heads | reasons).get(name))}


def _of_heads(
    image: Image.Image, product: Product | None, region: Region, model: Model, means: Mapping[str, float]
) -> dict[str, tuple[places.Grid, float | None]]:
    """Points by place of each head, and its base where they are exact."""
    spec = model.manifest.input
    found: dict[str, tuple[places.Grid, float | None]] = {
        head: (made.points, made.base)
        for head, made in model.contributions(prepare(image, product, spec)).items()
        if head in means and abs(made.base + made.points.sum() - means[head]) < _ROUNDING
    }
    left = {head: mean for head, mean in means.items() if head not in found}
    if left:

        def ask(covered: Image.Image) -> dict[str, float]:
            predicted = model.predict(prepare(covered, product, spec))
            return {head: float(predicted[head] @ SCORES) for head in left}

        found |= {head: (grid, None) for head, grid in occluded(image, region, left, ask).items()}
    return found


def _soft(frame: Frame) -> places.Grid:
    (scale,) = DEFECTS["soft"].scales
    return np.array([[scale.severity(sigma) for sigma in row] for row in places.softness(frame)])


REASONS: Mapping[str, Callable[[Frame], places.Grid | None]] = {
    "soft": _soft,
    "clipped": places.clipped,
    "not_white": places.off_white,
    "text": places.lettering,
}
"""How each map of a reason is measured: grids of 0..1; None where a picture has no such map."""


def _map(
    name: str, grid: places.Grid, box: tuple[float, float, float, float], digits: int, base: float | None = None
) -> PlaceMap:
    return PlaceMap(
        unit=say("units", MAPS[name].unit),
        box=box,
        values=tuple(tuple(round(float(value), digits) for value in row) for row in grid),
        exact=base is not None,
        base=None if base is None else round(base, _POINT_DIGITS),
        codes=MAPS[name].defects,
    )


def _box(picture: Picture, image: Image.Image, region: Region) -> tuple[float, float, float, float]:
    """A region of the frame as shares of the whole upright picture, of which a frame may show the middle only."""
    left, top, right, bottom = central_crop(picture.width, picture.height)
    across, down = (right - left) / image.width, (bottom - top) / image.height
    x0, y0, x1, y1 = region
    return (
        round((left + x0 * across) / picture.width, _BOX_DIGITS),
        round((top + y0 * down) / picture.height, _BOX_DIGITS),
        round((left + x1 * across) / picture.width, _BOX_DIGITS),
        round((top + y1 * down) / picture.height, _BOX_DIGITS),
    )
