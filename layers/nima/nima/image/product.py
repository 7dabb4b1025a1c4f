"""Finding products on a plain ground: what the rim of the picture has, and what lies on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nima.image.border import border_box
from nima.image.crop import Box
from nima.image.ground import Ground, Plane, find_ground
from nima.image.margin import has_margin
from nima.image.regions import Mask, labels, reached, rim

_LEAST_SIDE = 12
_WORKING_SIDE = 540
# Distance from the ground from which a pixel is none of it: above JPEG ringing. A step in luma that no ground has.
_DISTANCE, _NEAR, _STEP, _NOISES = 20, 5, 4, 4.5
# The ground in a soft shadow: darker by no more than this, as grey as the ground, and without a step.
_SHADOW, _TINT = 45, 8
_MIN_PRODUCT_SHARE = 0.002
_PIXELS_ACROSS = 2
# White as cut-outs have it: hardly a pixel that is not exactly of one colour. Where goods take most of the rim, no sky
# is so white, and none lies at the picture's foot or all along one of its sides.
_WHITE, _CLEAN, _EXACT, _MOST_OFF = 235, 2.0, 0.7, 0.06
_MOST_RIM, _QUITE_EXACT = 0.7, 0.93
_RIM, _LITTLE_RIM, _VERY_EXACT, _FOOT, _WHOLE_SIDE = 0.5, 0.25, 0.965, 0.02, 0.98
_LEAST_GROUND = 0.04
# Any other ground has to lie all around, light enough and even; a blue one that changes is a sky.
_ALL_AROUND, _EVERY_SIDE, _MID_LEVEL, _OPEN_GROUND, _UNEVEN, _SKY = 0.9, 0.65, 90, 0.2, 4.0, 25
# Blown-out light eats into what it is behind and shows through it.
_RAGGED, _RATHER_RAGGED, _SHOWS_THROUGH = 11.5, 7.5, 0.06
_RIM_TOLERANCE, _MAX_OPPOSITE_DIFFERENCE = 8, 0.3
_LEAST_PART = 0.05
_LINE = 2
_TEXT_HEIGHT, _STROKE, _WORD, _LETTERS = 0.2, 0.3, 1.5, 3


@dataclass(frozen=True)
class Product:
    """A product on a plain ground.

    Attributes:
        box: The product's bounds in the frame.
        background: The ground's sRGB colour.
        fill: The larger of the shares of width and height that the product takes, 0..1.
        mask: ``[height, width]``, true where the frame shows the product; what it encloses is the product's too.
        ground: ``[height, width]``, true where the frame shows the ground; neither where text and specks are.
        free: Whether it can be shown with more of its ground around: no edge cuts it, and the ground is even.
    """

    box: Box
    background: tuple[int, int, int]
    fill: float
    mask: Mask
    ground: Mask
    free: bool


def find_product(
    frame: NDArray[np.uint8], border: Box | None = None, whole_ground: Callable[[], Ground | None] | None = None
) -> Product | None:
    """Finds the product, or several, or a person with it, before a plain ground.

    Args:
        frame: ``[height, width, 3]`` sRGB.
        border: Where that is known: what lies within the frame's border.
        whole_ground: Where that is known, or will be asked for again: the ground of the whole frame.

    Returns:
        The product, or None where there is no plain ground, or nothing on it.
    """
    height, width = frame.shape[:2]
    left, top, right, bottom = border or border_box(frame)
    inside = frame[top:bottom, left:right]
    if min(inside.shape[:2], default=0) < _LEAST_SIDE:
        return None
    ground = whole_ground() if whole_ground and inside.shape == frame.shape else find_ground(inside)
    if ground is None or not (_is_white(ground) or _is_open(ground)):
        return None
    scale = 1 if max(inside.shape[:2]) <= _WORKING_SIDE else 2
    image = Image.fromarray(inside).reduce(scale) if scale > 1 else Image.fromarray(inside)
    parts = _Parts.of(image, ground)
    if not parts.plain(ground):
        return None
    goods = parts.goods()
    if goods is None:
        return None
    mask, under = (np.zeros((height, width), np.bool_) for _ in range(2))
    mask[top:bottom, left:right] = _enlarged(goods, scale, *inside.shape[:2])
    under[top:bottom, left:right] = _enlarged(parts.ground, scale, *inside.shape[:2])
    box = _bounds(frame, mask, ground, 8 * scale)
    fill = max((box[2] - box[0]) / width, (box[3] - box[1]) / height)
    red, green, blue = (round(float(level)) for level in ground.colour)
    free = ground.even and ground.share >= _RIM and _is_whole(frame, mask, ground)
    return Product(box, (red, green, blue), fill, mask, under, free)


def _is_white(ground: Ground) -> bool:
    """Whether it may be that of a cut-out; where goods take most of the rim, lying where no sky does."""
    set_off = ground.share >= _RIM or ground.sides[1] >= _FOOT or max(ground.sides[2:]) >= _WHOLE_SIDE
    return bool(ground.colour.min() >= _WHITE and ground.noise < _CLEAN and ground.share >= _LITTLE_RIM and set_off)


def _is_open(ground: Ground) -> bool:
    """Whether it may be any other that goods are shown on: it lies all around them, and is no sky."""
    red, green, blue = ground.colour
    sky = blue - red > _SKY and (ground.slope is not None or ground.noise > _CLEAN)
    all_around = ground.share >= _ALL_AROUND and min(ground.sides) >= _EVERY_SIDE
    return bool(all_around and max(red, green, blue) >= _MID_LEVEL and not sky)


def _is_whole(frame: NDArray[np.uint8], mask: Mask, ground: Ground) -> bool:
    """Whether the frame's edges cut nothing: a product that fills its frame meets opposite sides alike."""
    if mask[[0, 0, -1, -1], [0, -1, 0, -1]].any():
        return False
    colour = np.rint(ground.colour).astype(np.int16)
    top, bottom, left, right = (
        float((np.abs(side.astype(np.int16) - colour).max(axis=1) <= _RIM_TOLERANCE).mean())
        for side in (frame[0], frame[-1], frame[:, 0], frame[:, -1])
    )
    return max(abs(top - bottom), abs(left - right)) <= _MAX_OPPOSITE_DIFFERENCE


def _bounds(frame: NDArray[np.uint8], mask: Mask, ground: Ground, near: int) -> Box:
    """The bounds of a mask to the pixel: where rows and columns near its own begin to differ from the ground."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    if ground.slope is not None or ground.noise > _CLEAN:
        return left, top, right, bottom
    colour = np.rint(ground.colour).astype(np.int16)

    def first(lines: NDArray[np.uint8], at: int) -> int:
        start = max(0, at - near)
        band = np.abs(lines[start : at + near].astype(np.int16) - colour) > _DISTANCE
        differs = band[..., 0] | band[..., 1] | band[..., 2]
        found = np.flatnonzero(np.count_nonzero(differs, axis=1) >= _PIXELS_ACROSS)
        return start + int(found[0]) if found.size else at

    height, width = mask.shape
    turned = frame.transpose(1, 0, 2)
    across, down = slice(max(0, left - near), right + near), slice(max(0, top - near), bottom + near)
    return (
        first(turned[:, down], left),
        first(frame[:, across], top),
        width - first(turned[::-1, down], width - right),
        height - first(frame[::-1, across], height - bottom),
    )


@dataclass(frozen=True)
class _Parts:
    """A picture told apart.

    Attributes:
        luma: ``[height, width]``.
        far: Greatest distance of a pixel from the ground, over the channels.
        differs: What is none of the ground by its colour.
        cells: What connects to the rim without a step, in cells of two by two pixels.
    """

    luma: Plane
    far: Plane
    differs: Mask
    cells: Mask

    @classmethod
    def of(cls, image: Image.Image, ground: Ground) -> _Parts:
        luma = np.asarray(image.convert("L")).astype(np.int16)
        red, green, blue = ground.beneath([np.asarray(band).astype(np.int16) for band in image.split()])
        most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
        far = np.maximum(most, -least)
        noisy = _NOISES * ground.noise
        differs = far > max(_DISTANCE, noisy)
        shadow = (least >= -_SHADOW) & (most - least <= _TINT + noisy) & (most <= _STEP + noisy)
        step = max(_STEP, noisy)
        steps = np.zeros(luma.shape, np.bool_)
        steps[:, 1:] = np.abs(luma[:, 1:] - luma[:, :-1]) >= step
        steps[1:] |= np.abs(luma[1:] - luma[:-1]) >= step
        # Light goods that the edge cuts look like a shadow there: only the ground's own colour lets in.
        cells = reached(~_any(steps | (differs & ~shadow)), rim(~_any(far > _NEAR + noisy)))
        return cls(luma, far, differs, cells)

    @cached_property
    def ground(self) -> Mask:
        """The ground."""
        return _enlarged(self.cells, 2, *self.luma.shape)

    def plain(self, ground: Ground) -> bool:
        """Whether the ground is one that goods are shown on, and no wall or sky."""
        share = self.ground.mean()
        if share < _LEAST_GROUND:
            return False
        if ground.share < _ALL_AROUND and self._is_blown():
            return False
        far = self.far[self.ground]
        exact, off = (far <= 1).mean(), (far > max(6, 3 * ground.noise)).mean()
        if _is_white(ground) and exact >= _EXACT and off <= _MOST_OFF:
            if ground.share < _RIM:
                return bool(exact >= _VERY_EXACT)
            return bool(ground.share >= _MOST_RIM or exact >= _QUITE_EXACT)
        return bool(_is_open(ground) and share >= _OPEN_GROUND and far.mean() <= _UNEVEN + ground.noise)

    def _is_blown(self) -> bool:
        """Whether it is light that ate into what is before it, and shows through it."""
        cells = self.cells
        line = np.count_nonzero(cells[1:] != cells[:-1]) + np.count_nonzero(cells[:, 1:] != cells[:, :-1])
        area = int(np.count_nonzero(cells))
        ragged = line / max(1, min(area, cells.size - area)) ** 0.5
        return ragged > _RAGGED or bool(
            ragged > _RATHER_RAGGED and (self.far[~self.ground] <= 1).mean() > _SHOWS_THROUGH
        )

    def goods(self) -> Mask | None:
        """Where goods lie: neither specks, lines and text nor a photograph with a margin; None where there are none."""
        found = ~self.cells
        coarse = _any(found)
        numbers = labels(coarse)
        areas = np.bincount(numbers.ravel())[1:]
        if not areas.size:
            return None
        large = [numbers == n for n in np.flatnonzero(areas >= _LEAST_PART * areas.max()) + 1]
        large = [part for part in large if not self._is_text(part, alone=len(large) < _LETTERS)]
        if not large:
            return None
        cells = found & _enlarged(np.logical_or.reduce(large), 2, *found.shape)
        within = cells.copy()
        within[1:] &= cells[:-1]
        within[:-1] &= cells[1:]
        within[:, 1:] &= cells[:, :-1]
        within[:, :-1] &= cells[:, 1:]
        shape = self.luma.shape
        # At their edge, cells of goods have some ground in them.
        mask = _enlarged(within, 2, *shape) | (_enlarged(cells, 2, *shape) & self.differs)
        if mask.mean() < _MIN_PRODUCT_SHARE or has_margin(mask, self.luma):
            return None
        return mask

    def _is_text(self, region: Mask, *, alone: bool) -> bool:
        """Whether a region, in cells of four pixels, is a word, a letter that is not ``alone``, or a drawn line."""
        rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
        tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        if min(tall, wide) <= _LINE < max(tall, wide):
            return True
        if tall > _TEXT_HEIGHT * region.shape[0] or (alone and wide < _WORD * tall):
            return False
        ink = self.differs[4 * rows[0] : 4 * rows[-1] + 4, 4 * columns[0] : 4 * columns[-1] + 4]
        strokes = np.count_nonzero(ink[:, 1:] & ~ink[:, :-1]) + np.count_nonzero(ink[:, 0])
        return bool(np.count_nonzero(ink) < _STROKE * len(ink) * strokes)


def _any(mask: Mask) -> Mask:
    """Cells of two by two pixels of which one at least is in a mask."""
    even = np.pad(mask, ((0, mask.shape[0] % 2), (0, mask.shape[1] % 2)))
    found: Mask = even[::2, ::2] | even[1::2, ::2] | even[::2, 1::2] | even[1::2, 1::2]
    return found


def _enlarged(mask: Mask, scale: int, height: int, width: int) -> Mask:
    return mask.repeat(scale, axis=0).repeat(scale, axis=1)[:height, :width]
