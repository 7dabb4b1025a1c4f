"""The numbers that gates read: finite for any picture, and the same for the same content."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image, ImageFilter

from nima.image.measure import Frame
from nima.image.numbers import numbers
from tests.pictures import scene


def _frame(image: Image.Image) -> Frame:
    return Frame(image, None)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 9), (15, 15), (16, 16), (40, 33), (960, 3)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_pictures_of_any_shape_have_the_same_finite_numbers(size: tuple[int, int], level: int) -> None:
    found = numbers(_frame(Image.new("RGB", size, (level, level, level))))
    assert all(math.isfinite(value) for value in found.values())
    assert list(found) == list(numbers(_frame(scene())))


def test_blur_noise_and_darkness_move_what_names_them() -> None:
    picture = scene()
    clean = numbers(_frame(picture))
    blurred = numbers(_frame(picture.filter(ImageFilter.GaussianBlur(3))))
    rng = np.random.default_rng(1)
    grain = np.asarray(picture) + rng.normal(0, 15, (*picture.size[::-1], 3))
    noisy = numbers(_frame(Image.fromarray(grain.clip(0, 255).astype(np.uint8))))
    dark = numbers(_frame(picture.point(lambda level: level // 4)))
    assert blurred["gradr01_5"] < clean["gradr01_5"] - 0.2
    assert noisy["lap0_0"] > clean["lap0_0"] + 0.5
    assert dark["ends_5"] < clean["ends_5"] / 2
