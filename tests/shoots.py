"""Shoots made here: bursts, brackets, focus stacks and panoramas of scenes, as frames or as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageFilter
from PIL.TiffImagePlugin import IFDRational

from nima.assess.phash import perceptual_hash
from nima.document.assessment import Deduction, File
from nima.image.look import Look
from nima.shoot.capture import Capture
from nima.shoot.frames import Frame, Hand
from nima.training.defects.light import exposed
from tests.pictures import encode, scene
from tests.unit.test_catalogue import result

NOON = datetime(2026, 5, 1, 12)
SIZE = (600, 400)
_RIM = 40


def frame(
    name: str,
    picture: Image.Image,
    at: float | None = 0.0,
    *,
    score: float = 5.0,
    deductions: tuple[Deduction, ...] = (),
    content: str | None = None,
    hand: Hand | None = None,
    **capture: Any,
) -> Frame:
    """A frame of a picture, taken some seconds after noon, or with no moment stated; by what exposure, lens and camera
    ``capture`` says."""
    said = {"shutter": 0.01, "aperture": 8.0, "iso": 100.0, "focal_length": 50.0, "camera": "Test", **capture}
    taken = None if at is None else NOON + timedelta(seconds=at)
    found = result(
        name,
        score,
        score,
        phash=perceptual_hash(picture),
        deductions=deductions,
        file=File(1, "JPEG", *picture.size),
    ).assessment
    assert found
    found = replace(found, traits=replace(found.traits, aspect=picture.width / picture.height))
    return Frame(name, found, Capture(taken=taken, **said), Look.of(picture), content, hand or Hand())


@cache
def view(seed: int = 1, right: float = 0.0, down: float = 0.0, turned: float = 0.0) -> Image.Image:
    """A scene, seen from a camera that was moved by shares of its width and turned by degrees."""
    width, height = SIZE
    whole = scene(width + 2 * _RIM, height + 2 * _RIM, seed)
    left, top = _RIM + round(right * width), _RIM + round(down * width)
    return whole.rotate(turned, Image.Resampling.BICUBIC).crop((left, top, left + width, top + height))


def shaken(picture: Image.Image, length: int = 12, *, upright: bool = False) -> Image.Image:
    """The picture smeared in one direction."""
    values = np.asarray(picture).astype(np.float32)
    smeared = np.mean([np.roll(values, shift, axis=0 if upright else 1) for shift in range(length)], axis=0)
    return Image.fromarray(smeared.astype(np.uint8))


def defocused(picture: Image.Image, radius: float = 3.5) -> Image.Image:
    """The picture out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


@cache
def bracket(seed: int = 1, stops: tuple[float, ...] = (0.0, -2.0, 2.0)) -> tuple[Image.Image, ...]:
    """A scene in several exposures, taken by hand."""
    return tuple(exposed(view(seed, right=0.005 * place), by) for place, by in enumerate(stops))


@cache
def stack(seed: int = 1, count: int = 5) -> tuple[Image.Image, ...]:
    """A scene whose ground rises towards the top, in focus ever farther away."""
    return tuple(focused(view(seed), count))


def focused(sharp: Image.Image, count: int) -> Iterator[Image.Image]:
    """A picture whose ground rises towards the top, in focus ever farther away."""
    unit = max(sharp.size) / 600
    planes = np.stack(
        [np.asarray(sharp if not r else defocused(sharp, r * unit), np.float32) for r in (0, 1, 2, 3.5, 5.5)]
    )
    rows, lines = np.linspace(1, 0, sharp.height), np.arange(sharp.height)
    for place in range(count):
        amount = np.clip(np.abs(rows - place / (count - 1)) * 8, 0, len(planes) - 1.001)
        low, part = amount.astype(int), (amount % 1)[:, None, None]
        mixed = planes[low, lines] * (1 - part) + planes[low + 1, lines] * part
        yield Image.fromarray(mixed.astype(np.uint8))


@cache
def panorama(seed: int = 1, count: int = 4, step: float = 0.6) -> tuple[Image.Image, ...]:
    """A wide scene in overlapping views, each moved by a share of the width, a little up and down by hand."""
    width, height = SIZE
    whole = scene(round(width * (1 + step * (count - 1))), height + 30, seed)
    starts = [(round(step * width * place), 10 * (place % 3)) for place in range(count)]
    return tuple(whole.crop((left, top, left + width, top + height)) for left, top in starts)


def jpeg(picture: Image.Image, at: float, *, shutter: float = 0.01, quality: int = 92) -> bytes:
    """The picture as a camera's JPEG, taken some seconds after noon."""
    taken = NOON + timedelta(seconds=at)
    exif = Image.Exif()
    exif.update({ExifTags.Base.Make: "Test Maker", ExifTags.Base.Model: "Test Camera"})
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: taken.strftime("%Y:%m:%d %H:%M:%S"),
            ExifTags.Base.SubsecTimeOriginal: f"{taken.microsecond // 10_000:02d}",
            ExifTags.Base.ExposureTime: IFDRational(round(shutter * 1e6), 1_000_000),
            ExifTags.Base.FNumber: IFDRational(8, 1),
            ExifTags.Base.ISOSpeedRatings: 100,
            ExifTags.Base.FocalLength: IFDRational(50, 1),
        }
    )
    return encode(picture, "JPEG", quality=quality, exif=exif)
