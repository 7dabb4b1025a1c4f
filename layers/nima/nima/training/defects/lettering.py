"""Text laid over a picture: a watermark, a badge, a line along the bottom."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WATERMARK, BADGE, LINE = KINDS = ("watermark", "badge", "line")

_WORDS = (
    "SALE -30%",
    "www.best-shop.example",
    "FREE SHIPPING",
    "SAMPLE",
    "© Studio North",
    "NEW",
    "2 FOR 1",
)
_COLOURS = ((255, 255, 255), (0, 0, 0), (220, 20, 30), (255, 210, 0))


def lettered(image: Image.Image, kind: str, rng: np.random.Generator) -> Image.Image:
    """The picture with text over it.

    Args:
        image: An RGB picture.
        kind: ``WATERMARK`` (translucent, aslant, again and again), ``BADGE`` (on a patch in a corner) or ``LINE``.
        rng: Chooses the words, their colour and size.
    """
    word = _WORDS[rng.integers(len(_WORDS))]
    colour = _COLOURS[rng.integers(len(_COLOURS))]
    if kind == WATERMARK:
        # A light one on a dark picture and the other way round, or it would not be there.
        light = np.asarray(image.convert("L")).mean() < 150
        colour = (255, 255, 255) if light else (90, 90, 90)
    layer = {WATERMARK: _watermark, BADGE: _badge, LINE: _line}[kind](image.size, word, colour, rng)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _watermark(size: tuple[int, int], word: str, colour: tuple[int, ...], rng: np.random.Generator) -> Image.Image:
    opacity = int(rng.uniform(70, 130))
    patch = _text(word, max(10, min(size) * rng.uniform(0.05, 0.09)), (*colour, opacity))
    across = math.ceil(math.hypot(*size))
    tiled = Image.new("RGBA", (across, across))
    wide, tall = round(patch.width * 1.4), round(patch.height * 4)
    for row, y in enumerate(range(0, across, tall)):
        for x in range(-(row % 2) * wide // 2, across, wide):
            tiled.paste(patch, (x, y))
    turned = tiled.rotate(rng.uniform(15, 40), Image.Resampling.BICUBIC)
    left, top = (across - size[0]) // 2, (across - size[1]) // 2
    return turned.crop((left, top, left + size[0], top + size[1]))


def _badge(size: tuple[int, int], word: str, colour: tuple[int, ...], rng: np.random.Generator) -> Image.Image:
    ink = (0, 0, 0) if sum(colour) > 380 else (255, 255, 255)
    patch = _text(word, max(11, min(size) * rng.uniform(0.05, 0.1)), (*ink, 255))
    margin = patch.height // 2
    layer = Image.new("RGBA", size)
    box = (patch.width + 2 * margin, patch.height + 2 * margin)
    left = margin if rng.random() < 0.5 else max(0, size[0] - box[0] - margin)
    top = margin if rng.random() < 0.5 else max(0, size[1] - box[1] - margin)
    ImageDraw.Draw(layer).rounded_rectangle((left, top, left + box[0], top + box[1]), margin, (*colour, 255))
    layer.alpha_composite(patch, (min(left + margin, size[0] - 1), min(top + margin, size[1] - 1)))
    return layer


def _line(size: tuple[int, int], word: str, colour: tuple[int, ...], rng: np.random.Generator) -> Image.Image:
    ink = (0, 0, 0) if sum(colour) > 380 else (255, 255, 255)
    patch = _text(word, max(11, min(size) * rng.uniform(0.04, 0.08)), (*colour, 255), outline=(*ink, 255))
    layer = Image.new("RGBA", size)
    top = round(size[1] * rng.uniform(0.8, 0.9))
    layer.alpha_composite(patch, (max(0, (size[0] - patch.width) // 2), min(top, size[1] - 1)))
    return layer


def _text(word: str, height: float, colour: tuple[int, ...], outline: tuple[int, ...] | None = None) -> Image.Image:
    font = ImageFont.load_default(height)
    stroke = max(1, round(height / 16)) if outline else 0
    left, top, right, bottom = (round(v) for v in font.getbbox(word, stroke_width=stroke))
    patch = Image.new("RGBA", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(patch).text((1 - left, 1 - top), word, colour, font, stroke_width=stroke, stroke_fill=outline)
    return patch
