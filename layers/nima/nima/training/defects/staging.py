"""How goods are staged: cut out of a white ground, laid on another, before a photograph, partly out of the frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

Box = tuple[int, int, int, int]

LEFT, TOP, RIGHT, BOTTOM = SIDES = ("left", "top", "right", "bottom")

_WHITE_FROM = 244
_SHADOW_SHIFT, _SHADOW_BLUR = 0.025, 0.025


def cut_out(image: Image.Image) -> Image.Image:
    """Goods on white, ``RGBA``: what is white and connected to the rim becomes transparent, white goods stay whole."""
    pixels = np.asarray(image.convert("RGB"))
    ground = connected(pixels.min(axis=2) >= _WHITE_FROM)
    alpha = Image.fromarray(np.where(ground, 0, 255).astype(np.uint8))
    # The outermost pixels are mixed with the white.
    soft = ImageChops.darker(alpha, alpha.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.BoxBlur(1)))
    goods = image.convert("RGB")
    goods.putalpha(soft)
    return goods


def connected(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of a mask is connected to its rim, along rows and columns."""
    reached = np.zeros_like(mask)
    reached[[0, -1]], reached[:, [0, -1]] = mask[[0, -1]], mask[:, [0, -1]]
    while True:
        before = int(reached.sum())
        reached = _along_rows(mask, reached)
        reached = _along_rows(mask.T, reached.T).T
        if int(reached.sum()) == before:
            return reached


def _along_rows(mask: NDArray[np.bool_], reached: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Every run of a row of which one pixel is reached is reached."""
    starts = np.ones_like(mask)
    starts[:, 1:] = mask[:, 1:] != mask[:, :-1]
    runs = starts.ravel().cumsum() - 1
    hit = np.zeros(runs[-1] + 1, bool)
    hit[runs[reached.ravel()]] = True
    found: NDArray[np.bool_] = hit[runs].reshape(mask.shape) & mask
    return found


def extent(goods: Image.Image) -> Box:
    """The bounds of what is not transparent; the whole where everything is."""
    return goods.getchannel("A").point(lambda a: 255 * (a > 127)).getbbox() or (0, 0, *goods.size)


def whole(goods: Image.Image) -> bool:
    """Whether the goods meet no side of their canvas."""
    left, top, right, bottom = extent(goods)
    return left > 0 and top > 0 and right < goods.width and bottom < goods.height


def on_canvas(goods: Image.Image, fill: float, longest: int) -> Image.Image:
    """In the middle of a square canvas whose side they take a share of ``fill`` of; never enlarged.

    Args:
        goods: ``RGBA``.
        fill: 0..1.
        longest: Side of the canvas in pixels, less where the goods are too small for it.
    """
    part = goods.crop(extent(goods))
    side = min(longest, round(max(part.size) / fill))
    scale = side * fill / max(part.size)
    part = part.resize(
        (max(1, round(part.width * scale)), max(1, round(part.height * scale))), Image.Resampling.LANCZOS
    )
    canvas = Image.new("RGBA", (side, side))
    canvas.alpha_composite(part, ((side - part.width) // 2, (side - part.height) // 2))
    return canvas


def on_ground(goods: Image.Image, colour: Sequence[int], shadow: float = 0.0) -> Image.Image:
    """On an even ground, RGB.

    Args:
        goods: ``RGBA``.
        colour: The ground's sRGB colour.
        shadow: Share of the light, 0..1, that a soft shadow takes where it is deepest.
    """
    ground = Image.new("RGB", goods.size, tuple(colour))
    if shadow:
        longest = max(goods.size)
        cast = goods.getchannel("A").filter(ImageFilter.GaussianBlur(_SHADOW_BLUR * longest))
        moved = Image.new("L", goods.size)
        moved.paste(cast, (round(_SHADOW_SHIFT * longest),) * 2)
        black = Image.new("RGB", goods.size)
        ground = Image.composite(black, ground, moved.point(lambda a: round(a * shadow)))
    return before(goods, ground)


def before(goods: Image.Image, scene: Image.Image) -> Image.Image:
    """Before another picture, which is cut to the goods' canvas, RGB."""
    scale = max(goods.width / scene.width, goods.height / scene.height)
    size = (max(goods.width, round(scene.width * scale)), max(goods.height, round(scene.height * scale)))
    left, top = (size[0] - goods.width) // 2, (size[1] - goods.height) // 2
    behind = scene.resize(size, Image.Resampling.BICUBIC).crop((left, top, left + goods.width, top + goods.height))
    behind.paste(goods, mask=goods.getchannel("A"))
    return behind


def cut_off(goods: Image.Image, share: float, side: str) -> Image.Image:
    """Moved out of the frame on one of ``SIDES`` until a ``share`` of 0..1 of their extent is lost; ``RGBA``."""
    left, top, right, bottom = extent(goods)
    wide, tall = round(share * (right - left)), round(share * (bottom - top))
    dx, dy = {
        LEFT: (-left - wide, 0),
        RIGHT: (goods.width - right + wide, 0),
        TOP: (0, -top - tall),
        BOTTOM: (0, goods.height - bottom + tall),
    }[side]
    moved = Image.new("RGBA", goods.size)
    moved.paste(goods, (dx, dy))
    return moved
