"""How shops show goods on white beside the plain whole of them: close, from near, hung, by twos and threes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from nima.training.defects.staging import extent

Generator = np.random.Generator

_OPAQUE = 127
_LEAST_DETAIL = 120


def scaled(size: tuple[int, int], longest: int) -> tuple[int, int]:
    width, height = (max(1, round(side * longest / max(size))) for side in size)
    return width, height


def close_up(goods: Image.Image, rng: Generator) -> Image.Image:
    """Meant to be cut: larger than the frame, which it meets at one to three edges, with little margin elsewhere."""
    part = goods.crop(extent(goods))
    side = max(goods.size)
    part = part.resize(scaled(part.size, round(rng.uniform(1.1, 1.9) * side)))
    canvas = Image.new("RGBA", (side, round(side * rng.uniform(0.75, 1.3))))
    left = round((canvas.width - part.width) / 2 + rng.uniform(-0.08, 0.08) * side)
    middle = round((canvas.height - part.height) / 2)
    canvas.paste(part, (left, round(rng.uniform(0.01, 0.08) * side) if rng.random() < 0.6 else middle))
    return canvas


def detail(goods: Image.Image, rng: Generator) -> Image.Image:
    """So near that hardly any ground is left."""
    left, top, right, bottom = extent(goods)
    share = rng.uniform(0.35, 0.7)
    wide, tall = (max(_LEAST_DETAIL, round(share * length)) for length in (right - left, bottom - top))
    x = left + round(rng.uniform(0.1, 0.9) * max(0, right - left - wide))
    y = top + round(rng.uniform(0.1, 0.9) * max(0, bottom - top - tall))
    return goods.crop((x, y, x + wide, y + tall))


def hung(goods: Image.Image, rng: Generator) -> Image.Image:
    """By one to three straps of its own colours, which lead out of the frame at the top."""
    left, _, right, _ = extent(goods)
    pixels = np.asarray(goods)
    rows, columns = np.nonzero(pixels[..., 3] > _OPAQUE)
    found = goods.copy()
    draw = ImageDraw.Draw(found)
    for x in rng.uniform(left + 0.15 * (right - left), right - 0.15 * (right - left), int(rng.integers(1, 4))):
        some = int(rng.integers(len(rows)))
        colour = pixels[rows[some], columns[some]]
        wide = max(1, round(max(goods.size) * rng.uniform(0.004, 0.04)))
        begins = rows[columns == min(goods.width - 1, int(x))].min(initial=goods.height - 1)
        end = x + rng.uniform(-0.1, 0.1) * goods.width
        draw.line([(x, begins + wide), (end, -wide)], (*colour[:3].tolist(), 255), wide)
    return found


def in_a_pack(goods: Image.Image, rng: Generator) -> Image.Image:
    """Two or three of a kind side by side, which may overlap."""
    part = goods.crop(extent(goods))
    count = int(rng.integers(2, 4))
    step = round(part.width * rng.uniform(0.6, 1.1))
    margin = round(max(part.size) * rng.uniform(0.03, 0.15))
    wide = part.width + (count - 1) * step
    canvas = Image.new("RGBA", (wide + 2 * margin, max(part.height, round(0.7 * wide)) + 2 * margin))
    for place in range(count):
        canvas.alpha_composite(part, (margin + place * step, (canvas.height - part.height) // 2))
    return canvas.resize(scaled(canvas.size, max(goods.size)))
