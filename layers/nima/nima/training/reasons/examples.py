"""The pictures that gates learn from: clean ones, clean ones that look as if they had a defect, and spoiled ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.training.defects.looks import LOOKS, ON_WHITE
from nima.training.defects.staging import cut_out, on_canvas, on_ground, whole
from nima.training.reasons.published import close_up, detail, hung, in_a_pack, scaled
from nima.training.reasons.strengths import STAGED_WAYS, WAYS, WHITE, Generator, Staged, saved

T = TypeVar("T")

CLEAN, LOOK_ALIKE = "clean", "look-alike"
"""Codes of pictures without a defect: as they are, and disguised."""

_SIDE, _GOODS_SIDE = 1000, 640
_LOOKS, _VIEWS, _CLOSE_UPS = 4, 3, 3
_STAGED = {"cut_off": 2, "clutter": 2, "background": 3}
_TEXTS = 3
_HARD_TO_SEE = ("motion_blur", "motion_blur", "compression", "compression")
# Shares of the light that a shadow takes without being one.
_NO_SHADOW = (0.02, 0.1)


@dataclass(frozen=True)
class Source:
    """A clean picture.

    Attributes:
        path: The file.
        group: What it must not be parted from when others are held back.
        goods: Whether it shows goods on white, or on nothing where it is transparent.
        turn: Tells apart what is made of one picture several times.
    """

    path: Path
    group: str
    goods: bool = False
    turn: int = 0


def examples(source: Source, behind: Sequence[Path], seed: int) -> Iterator[tuple[str, bytes]]:
    """Files with the code of what is wrong with each.

    Args:
        source: What they are made of.
        behind: Photographs, one at least, to lay behind goods.
        seed: Of all chance.

    Raises:
        PermanentError: The source cannot be decoded.
    """
    name = f"{seed} {source.turn} {source.group} {source.path.name}"
    rng = np.random.default_rng(list(hashlib.sha256(name.encode()).digest()))
    if source.goods:
        yield from _of_goods(source, behind, rng)
    else:
        yield CLEAN, source.path.read_bytes()
        yield from _of_photograph(_opened(source.path), rng)


def _of_photograph(image: Image.Image, rng: Generator) -> Iterator[tuple[str, bytes]]:
    if max(image.size) > _SIDE and rng.random() < 0.5:
        image = image.resize(scaled(image.size, _SIDE), Image.Resampling.BOX)
    yield CLEAN, saved(image, rng)
    for look in rng.permutation(list(LOOKS))[:_LOOKS]:
        yield LOOK_ALIKE, saved(LOOKS[look](image, rng), rng)
    for code in WAYS:
        yield _spoiled(code, image, rng)
    yield _spoiled("motion_blur", image, rng.spawn(1)[0])


def _of_goods(source: Source, behind: Sequence[Path], rng: Generator) -> Iterator[tuple[str, bytes]]:
    goods = _cut_out(source.path)
    if rng.random() < 0.5:
        goods = goods.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if max(goods.size) > _GOODS_SIDE and rng.random() < 0.7:
        goods = goods.resize(scaled(goods.size, _GOODS_SIDE))
    image = on_ground(goods, WHITE)
    yield CLEAN, saved(image, rng)
    for look in rng.permutation(list(ON_WHITE))[:2]:
        yield LOOK_ALIKE, saved(LOOKS[look](image, rng), rng)
    for _ in range(_VIEWS):
        yield CLEAN, saved(on_ground(on_canvas(goods, rng.uniform(0.5, 0.97), 700), WHITE), rng)
    for _ in range(_CLOSE_UPS):
        yield CLEAN, saved(on_ground(close_up(goods, rng), WHITE), rng)
    for code in (*WAYS, *["text_overlay"] * (_TEXTS - 1)):
        yield _spoiled(code, image, rng)
    for code, count in _STAGED.items():
        if code == "cut_off" and not whole(goods):
            continue
        for _ in range(count):
            staged = Staged(goods, _opened(_drawn(behind, rng)))
            yield code, saved(_drawn(STAGED_WAYS[code], rng)(staged, rng), rng)
    yield from _as_published(goods, image, rng.spawn(1)[0])


def _as_published(goods: Image.Image, image: Image.Image, rng: Generator) -> Iterator[tuple[str, bytes]]:
    """What shops show beside the whole of a product, and more of what is hard to see on white."""
    for way in (detail, detail, hung, in_a_pack):
        yield CLEAN, saved(on_ground(way(goods, rng), WHITE), rng)
    yield CLEAN, saved(on_ground(goods, WHITE, rng.uniform(*_NO_SHADOW)), rng)
    for code in _HARD_TO_SEE:
        yield _spoiled(code, image, rng)


def _spoiled(code: str, image: Image.Image, rng: Generator) -> tuple[str, bytes]:
    return code, saved(_drawn(WAYS[code], rng)(image, rng), rng)


def _drawn(ways: Sequence[T], rng: Generator) -> T:
    return ways[int(rng.integers(len(ways)))]


def _cut_out(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        image = opened.convert("RGBA")
    transparent = image.getchannel("A").getextrema()[0] == 0
    return on_canvas(image, 0.85, _SIDE) if transparent else cut_out(image.convert("RGB"))


def _opened(path: Path) -> Image.Image:
    return read_picture(path.read_bytes(), Limits()).frame
