"""What a photographer takes of one view, made of a picture: files with the right answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

import numpy as np
from PIL import Image

from nima.training.defects.light import exposed
from nima.training.defects.optics import disc_blur, motion_blur
from tests.dng import dng
from tests.shoots import NOON, focused, jpeg

CLEAN = "clean"
_SHAKE = 0.015
_RIM = 0.06
_SPAN, _VIEW = 150.0, 60.0


@dataclass(frozen=True)
class Shot:
    """A frame of a unit.

    Attributes:
        picture: What the sensor sees at the usual exposure; ``stops`` is how much longer it is exposed.
        at: Seconds after the unit began.
        what: ``CLEAN``, or how it was spoiled.
        by: By how many stops or degrees clockwise it was, where that is said of it.
    """

    picture: Image.Image
    at: float = 0.0
    stops: float = 0.0
    what: str = CLEAN
    by: float = 0.0

    def jpeg(self, start: float) -> bytes:
        """Its file, where the unit began so many seconds after noon."""
        return jpeg(exposed(self.picture, self.stops), start + self.at, shutter=0.01 * 2.0**self.stops)

    def dng(self, start: float) -> bytes:
        """The same as camera RAW."""
        shutter = Fraction(1, 100) * Fraction(2.0**self.stops)
        taken = NOON + timedelta(seconds=start + self.at)
        return dng(self.picture, stops=self.stops, taken=taken, shutter=shutter.limit_denominator(10_000))


Make = Callable[[Image.Image, np.random.Generator], Iterator[Shot]]


def single(picture: Image.Image, rng: np.random.Generator) -> Iterator[Shot]:
    """One frame."""
    yield Shot(held(picture, rng))


def even(picture: Image.Image, rng: np.random.Generator) -> Iterator[Shot]:
    """A burst of six that are as good."""
    for place in range(6):
        yield Shot(held(picture, rng), 0.3 * place)


def spoilt(picture: Image.Image, rng: np.random.Generator) -> Iterator[Shot]:
    """A burst of nine in any order: one clean, the others shaken, out of focus, exposed wrongly or tilted."""
    longest = max(picture.size)
    blurs = [(by * longest, rng.uniform(0, np.pi)) for by in (0.01, 0.02)]
    frames = [Shot(held(picture, rng))]
    frames += [Shot(motion_blur(held(picture, rng), *blur), what="shaken") for blur in blurs]
    frames += [Shot(disc_blur(held(picture, rng), by * longest), what="out of focus") for by in (0.002, 0.005)]
    # A flash that did not fire, a cloud: EXIF says nothing of it.
    frames += [Shot(exposed(held(picture, rng), stops), what="exposed wrongly", by=stops) for stops in (-1.5, 1.5)]
    frames += [Shot(held(picture, rng, turned=turned), what="tilted", by=-turned) for turned in (2, -3.5)]
    yield from _shuffled(frames, rng)


def lifelike(picture: Image.Image, rng: np.random.Generator) -> Iterator[Shot]:
    """A burst of seven in any order, of which one is as it was meant: in the others the subject in the middle moved or
    is out of focus, the light drifted, or the framing cuts it."""
    longest = max(picture.size)
    frames = [Shot(held(picture, rng))]
    for by in (0.006, 0.012):
        moved = motion_blur(picture, by * longest, rng.uniform(0, np.pi))
        frames.append(Shot(held(_in_the_middle(picture, moved), rng), what="subject moved"))
    soft = disc_blur(picture, 0.003 * longest)
    frames.append(Shot(held(_in_the_middle(picture, soft), rng), what="background in focus"))
    drifts = (float(rng.uniform(-0.8, -0.5)), float(rng.uniform(0.5, 0.8)))
    frames += [Shot(exposed(held(picture, rng), by), what="light drifted", by=by) for by in drifts]
    width, height = picture.size
    aside = picture.crop((round(0.2 * width), round(0.1 * height), width, round(0.9 * height)))
    frames.append(Shot(aside, what="subject cut"))
    yield from _shuffled(frames, rng)


def _shuffled(frames: list[Shot], rng: np.random.Generator) -> Iterator[Shot]:
    for place, index in enumerate(rng.permutation(len(frames))):
        yield replace(frames[index], at=0.25 * place)


def _in_the_middle(picture: Image.Image, other: Image.Image) -> Image.Image:
    """A picture with another one where the subject stands, its rim soft."""
    down, across = (np.linspace(-1, 1, side) for side in (picture.height, picture.width))
    apart = np.hypot(down[:, None] / 0.6, across[None, :] / 0.4)
    mask = Image.fromarray((255 * np.clip((1.1 - apart) / 0.2, 0, 1)).astype(np.uint8))
    return Image.composite(other, picture, mask)


def bracket(picture: Image.Image, rng: np.random.Generator) -> Iterator[Shot]:
    """Three or five exposures in a camera's order, or the photographer's."""
    stops = ((0, -2, 2), (-1, 0, 1), (0, -1, 1, -2, 2), (-0.67, 0, 0.67))[rng.integers(4)]
    pause = (0.3, 4.0)[rng.integers(2)]
    for place, by in enumerate(stops):
        yield Shot(held(picture, rng, shake=0.005), pause * place, by)


def stack(picture: Image.Image, rng: np.random.Generator) -> Iterator[Shot]:
    """Three to nine frames from a stand, the focus moved through them, by the camera or by hand."""
    pause = (0.2, 5.5)[rng.integers(2)]
    for place, one in enumerate(focused(trimmed(picture), int(rng.integers(3, 10)))):
        yield Shot(one, pause * place)


def panorama(picture: Image.Image, rng: np.random.Generator) -> Iterator[Shot]:
    """Three or four views of 60 degrees each out of 150, which overlap by 25 to 60 %."""
    count, step = ((4, 24), (4, 30), (3, 36), (3, 45))[rng.integers(4)]
    first = -step * (count - 1) / 2
    for place in range(count):
        yield Shot(_turned(picture, first + step * place + rng.uniform(-1.5, 1.5)), 1.6 * place)


UNITS: Mapping[str, Make] = {
    "single": single,
    "even burst": even,
    "spoilt burst": spoilt,
    "lifelike burst": lifelike,
    "bracket": bracket,
    "stack": stack,
    "panorama": panorama,
}
SPOILT = ("spoilt burst", "lifelike burst")
"""Bursts of which one frame is clean."""

SETS = ("bracket", "stack", "panorama")


def trimmed(picture: Image.Image, right: float = 0.0, down: float = 0.0) -> Image.Image:
    """The picture without a rim, moved by shares of its sides."""
    width, height = picture.size
    box = (_RIM + right, _RIM + down, 1 - _RIM + right, 1 - _RIM + down)
    return picture.crop(tuple(round(share * side) for share, side in zip(box, (width, height) * 2, strict=True)))  # type: ignore[arg-type]


def held(picture: Image.Image, rng: np.random.Generator, *, turned: float = 0.0, shake: float = _SHAKE) -> Image.Image:
    """The picture as a hand holds the camera."""
    turned += float(rng.uniform(-20 * shake, 20 * shake))
    return trimmed(
        picture.rotate(turned, Image.Resampling.BICUBIC), *(float(by) for by in rng.uniform(-shake, shake, 2))
    )


def _turned(picture: Image.Image, yaw: float) -> Image.Image:
    """A view into a picture that stands all around, turned by degrees from its middle."""
    width, height = picture.width // 2, picture.height // 2
    focal = width / 2 / np.tan(np.radians(_VIEW / 2))
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    around, up = np.arctan2(x, focal) + np.radians(yaw), y / np.hypot(x, focal)
    radius = picture.width / np.radians(_SPAN)
    columns = np.clip(picture.width / 2 + around * radius, 0, picture.width - 1).astype(int)
    rows = np.clip(picture.height / 2 + up * radius, 0, picture.height - 1).astype(int)
    return Image.fromarray(np.asarray(picture)[rows, columns])
