"""Defects of random strength, as gates learn them: the codes, and in which ways each can be made."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
from PIL import Image

from nima.training.defects.codecs import grainy, jpeg, jpeg2000
from nima.training.defects.lettering import KINDS, lettered
from nima.training.defects.light import exposed, flat, hazed, tinted
from nima.training.defects.optics import disc_blur, motion_blur, upsampled
from nima.training.defects.staging import SIDES, before, cut_off, on_ground
from nima.training.samples import distortions

Generator = np.random.Generator
Way = Callable[[Image.Image, Generator], Image.Image]

WHITE = (255, 255, 255)
_BLUR_MOST = 0.025
_TINTS = ((1, 0.88, 0.66), (0.66, 0.88, 1), (0.8, 1, 0.75), (1, 0.8, 0.95))
_QUALITIES = (88, 90, 92, 93, 95, 96, 97)


@dataclass(frozen=True)
class Staged:
    """Goods, the photograph that can lie behind them, and what they are laid on."""

    goods: Image.Image
    behind: Image.Image


def saved(image: Image.Image, rng: Generator, quality: int | None = None) -> bytes:
    """As a JPEG, of one of the qualities that cameras and programs use where none is given."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality or int(rng.choice(_QUALITIES)))
    return file.getvalue()


def _log_uniform(rng: Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _gaussian(image: Image.Image, rng: Generator) -> Image.Image:
    return distortions.blur(image, _log_uniform(rng, 0.0018, 0.016) / _BLUR_MOST, rng)


def _lens(image: Image.Image, rng: Generator) -> Image.Image:
    return disc_blur(image, max(0.8, _log_uniform(rng, 0.003, 0.016) * max(image.size)))


def _enlarged(image: Image.Image, rng: Generator) -> Image.Image:
    return upsampled(image, rng.uniform(1.8, 3.6))


def _motion(image: Image.Image, rng: Generator) -> Image.Image:
    return motion_blur(image, max(1.5, _log_uniform(rng, 0.004, 0.03) * max(image.size)), rng.uniform(0, pi))


def _noise(image: Image.Image, rng: Generator) -> Image.Image:
    noisy = grainy(image, _log_uniform(rng, 5, 18), rng)
    return jpeg(noisy, int(rng.integers(72, 86))) if rng.random() < 0.4 else noisy


def _compressed(image: Image.Image, rng: Generator) -> Image.Image:
    return jpeg(image, int(rng.integers(5, 30)))


def _wavelets(image: Image.Image, rng: Generator) -> Image.Image:
    return jpeg2000(image, _log_uniform(rng, 35, 130))


def _dark(image: Image.Image, rng: Generator) -> Image.Image:
    return exposed(image, -rng.uniform(1.2, 3.2))


def _blown(image: Image.Image, rng: Generator) -> Image.Image:
    return exposed(image, rng.uniform(1.2, 2))


def _flat(image: Image.Image, rng: Generator) -> Image.Image:
    return flat(image, rng.uniform(0.22, 0.45))


def _hazed(image: Image.Image, rng: Generator) -> Image.Image:
    return hazed(image, rng.uniform(0.45, 0.7))


def _tinted(image: Image.Image, rng: Generator) -> Image.Image:
    strength = rng.uniform(0.6, 1.25)
    return tinted(image, [1 - (1 - gain) * strength for gain in _TINTS[rng.integers(len(_TINTS))]])


def _text(image: Image.Image, rng: Generator) -> Image.Image:
    return lettered(image, KINDS[rng.integers(len(KINDS))], rng)


WAYS: Mapping[str, Sequence[Way]] = {
    "soft": (_gaussian, _lens, _enlarged),
    "motion_blur": (_motion,),
    "noise": (_noise,),
    "compression": (_compressed, _wavelets),
    "underexposure": (_dark,),
    "overexposure": (_blown,),
    "low_contrast": (_flat, _hazed),
    "color_cast": (_tinted,),
    "text_overlay": (_text,),
}
"""What can be wrong with any picture."""


def _cut(staged: Staged, rng: Generator) -> Image.Image:
    return on_ground(cut_off(staged.goods, rng.uniform(0.18, 0.45), SIDES[rng.integers(len(SIDES))]), WHITE)


def _cluttered(staged: Staged, rng: Generator) -> Image.Image:
    return before(staged.goods, staged.behind)


def _off_white(staged: Staged, rng: Generator) -> Image.Image:
    level = rng.uniform(205, 243)
    gains = (1 + rng.uniform(-0.02, 0.03), 1, 1 - rng.uniform(-0.01, 0.06))
    colour = [round(min(250, level * gain)) for gain in gains]
    return on_ground(staged.goods, colour, rng.uniform(0, 0.5))


def _shadowed(staged: Staged, rng: Generator) -> Image.Image:
    return on_ground(staged.goods, WHITE, rng.uniform(0.3, 0.6))


STAGED_WAYS: Mapping[str, Sequence[Callable[[Staged, Generator], Image.Image]]] = {
    "cut_off": (_cut,),
    "clutter": (_cluttered,),
    "background": (_off_white, _shadowed),
}
"""What can be wrong with how goods are shown."""

CODES = (*WAYS, *STAGED_WAYS)
