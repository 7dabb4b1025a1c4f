"""The defects that are made, how strong, and which reasons name each of them rightly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import pi

import numpy as np
from PIL import Image

from nima.training.defects import lettering
from nima.training.defects.codecs import grainy, jpeg, jpeg2000
from nima.training.defects.light import exposed, flat, hazed, tinted
from nima.training.defects.optics import disc_blur, motion_blur, reduced, upsampled
from nima.training.defects.staging import SIDES, before, cut_off, on_ground, whole
from nima.training.samples import distortions

WHITE, OFF_WHITE = (255, 255, 255), (236, 233, 226)
WARM, COLD, GREEN = (1.0, 0.88, 0.66), (0.66, 0.88, 1.0), (0.8, 1.0, 0.75)

SOFT = frozenset({"blur", "soft"})
MOTION = SOFT | {"motion_blur"}
GROUND = frozenset({"background"})

_BLUR_MOST = 0.025


@dataclass(frozen=True)
class Shot:
    """What a defect is made of.

    Attributes:
        image: The clean picture, RGB.
        cut: Cuts the goods out of their ground; None where they cannot be told from it.
        scene: Opens a photograph that may lie behind them.
    """

    image: Image.Image
    cut: Callable[[], Image.Image] | None = None
    scene: Callable[[], Image.Image] | None = None

    @cached_property
    def goods(self) -> Image.Image:
        """The goods without their ground, ``RGBA``."""
        if self.cut is None:
            raise ValueError("goods that cannot be told from their ground")
        return self.cut()

    @property
    def behind(self) -> Image.Image:
        if self.scene is None:
            raise ValueError("goods without a photograph behind them")
        return self.scene()


Generator = np.random.Generator
Change = Callable[[Shot, Generator], Image.Image]


@dataclass(frozen=True)
class Level:
    """One strength of a defect: its name, and how it is made; ``quality`` is that of the JPEG where it matters."""

    name: str
    change: Change
    quality: int | None = None


@dataclass(frozen=True)
class Defect:
    """A defect.

    Attributes:
        kind: Its name here.
        codes: The reasons that name it rightly.
        levels: The strengths, the mildest first.
        fits: Whether a shot can have it.
    """

    kind: str
    codes: frozenset[str]
    levels: tuple[Level, ...]
    fits: Callable[[Shot], bool] = lambda shot: True


def _always(change: Callable[[Image.Image], Image.Image]) -> Change:
    """A change of the picture alone, without chance."""
    return lambda shot, rng: change(shot.image)


def _side(change: Callable[[Image.Image, float], Image.Image], share: float) -> Change:
    """A change by a length that is a share of the longer side."""
    return lambda shot, rng: change(shot.image, share * max(shot.image.size))


def _motion(share: float) -> Change:
    return lambda shot, rng: motion_blur(shot.image, share * max(shot.image.size), rng.uniform(0, pi))


def _gaussian(share: float) -> Change:
    return lambda shot, rng: distortions.blur(shot.image, share / _BLUR_MOST, rng)


def _grain(deviation: float) -> Change:
    return lambda shot, rng: grainy(shot.image, deviation, rng)


def _stops(stops: float) -> Level:
    return Level(f"{stops:+g} EV", _always(lambda image: exposed(image, stops)))


def _tint(name: str, gains: tuple[float, float, float]) -> Level:
    return Level(name, _always(lambda image: tinted(image, gains)))


def _can_be_cut_out(shot: Shot) -> bool:
    return shot.cut is not None


def _is_whole(shot: Shot) -> bool:
    return _can_be_cut_out(shot) and whole(shot.goods)


def _cut_off(shot: Shot, rng: Generator) -> Image.Image:
    return on_ground(cut_off(shot.goods, 0.3, SIDES[rng.integers(len(SIDES))]), WHITE)


def _before(shot: Shot, rng: Generator) -> Image.Image:
    return before(shot.goods, shot.behind)


def _text(kind: str) -> Level:
    return Level(kind, lambda shot, rng: lettering.lettered(shot.image, kind, rng))


LARGE = 800
"""Pixels of the longer side below which a picture is small already."""

LENGTHS = (0.002, 0.005, 0.012)
"""Of blur and motion, shares of the longer side."""

DEFECTS: tuple[Defect, ...] = (
    Defect("blur", SOFT, tuple(Level(f"{s:.1%}", _gaussian(s)) for s in LENGTHS)),
    Defect("lens", SOFT, tuple(Level(f"{s:.1%}", _side(disc_blur, s)) for s in LENGTHS[1:])),
    Defect("motion", MOTION, tuple(Level(f"{s:.1%}", _motion(s)) for s in (*LENGTHS, 0.025))),
    Defect("noise", frozenset({"noise"}), (Level("sd 6", _grain(6), 97), Level("sd 12", _grain(12), 97))),
    Defect("noise, then JPEG", frozenset({"noise"}), (Level("sd 12, q75", _grain(12), 75),)),
    Defect(
        "JPEG",
        frozenset({"compression"}),
        (Level("q25", _always(lambda image: image), 25), Level("q8", _always(lambda image: image), 8)),
    ),
    Defect(
        "re-saved",
        frozenset({"compression"}),
        (
            Level("q8, then q90", _always(lambda image: jpeg(image, 8)), 90),
            Level("JPEG 2000 1:60", _always(lambda image: jpeg2000(image, 60)), 95),
        ),
    ),
    Defect("under-exposure", frozenset({"underexposure"}), (_stops(-1.5), _stops(-3))),
    Defect("over-exposure", frozenset({"overexposure"}), (_stops(1.5),)),
    Defect(
        "low contrast",
        frozenset({"low_contrast"}),
        (
            Level("x .35", _always(lambda image: flat(image, 0.35))),
            Level("haze .6", _always(lambda image: hazed(image, 0.6))),
        ),
    ),
    Defect("cast", frozenset({"color_cast"}), (_tint("warm", WARM), _tint("cold", COLD), _tint("green", GREEN))),
    Defect(
        "small",
        frozenset({"low_resolution"}),
        (Level("300 px", _always(lambda image: reduced(image, 300))),),
        lambda s: max(s.image.size) >= LARGE,
    ),
    Defect(
        "upsampled",
        SOFT,
        (
            Level("2x", _always(lambda image: upsampled(image, 2))),
            Level("3x", _always(lambda image: upsampled(image, 3))),
        ),
    ),
    Defect("text", frozenset({"text_overlay"}), tuple(_text(kind) for kind in lettering.KINDS)),
    Defect("cut off", frozenset({"cut_off"}), (Level("30 %", _cut_off),), _is_whole),
    Defect("clutter", frozenset({"clutter", "background"}), (Level("a photograph", _before),), _can_be_cut_out),
    Defect(
        "ground",
        GROUND,
        (
            Level("236/233/226", lambda shot, rng: on_ground(shot.goods, OFF_WHITE, 0.35)),
            Level("white, shadow", lambda shot, rng: on_ground(shot.goods, WHITE, 0.5)),
        ),
        _can_be_cut_out,
    ),
)

BY_KIND: Mapping[str, Defect] = {defect.kind: defect for defect in DEFECTS}

SPOILED = (
    ("blur", "0.5%"),
    ("JPEG", "q8"),
    ("under-exposure", "-1.5 EV"),
    ("cast", "warm"),
    ("cut off", "30 %"),
    ("clutter", "a photograph"),
    ("ground", "236/233/226"),
)
"""The seven spoiled variants among which a good shot of a product should come first."""
