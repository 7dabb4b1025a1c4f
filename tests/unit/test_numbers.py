"""The numbers that gates read: finite for any picture, and the same for the same content."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image, ImageFilter

from nima.image.measure import Frame
from nima.image.numbers import numbers
from nima.training.defects.optics import disc_blur, motion_blur
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


@pytest.mark.parametrize("angle", [0, 0.4, np.pi / 4, np.pi / 2, 2.5])
def test_a_movement_in_any_direction_is_told_from_a_lens(angle: float) -> None:
    picture = scene()
    moved, *others = (
        numbers(_frame(image)) for image in (motion_blur(picture, 5, angle), picture, disc_blur(picture, 2))
    )
    # The range of directions in a band of frequencies, and what a line leaves at three to six pixels.
    assert all(moved["spec_4"] > other["spec_4"] + 0.6 for other in others)
    assert all(moved["ceps_4"] < other["ceps_4"] - 0.4 for other in others)


def test_a_movement_leaves_the_edges_along_it_as_steep_as_they_were() -> None:
    picture = scene()
    clean, moved, soft = (
        numbers(_frame(image)) for image in (picture, motion_blur(picture, 5, 0), disc_blur(picture, 2))
    )
    assert moved["slope_5"] < 0.6 * clean["slope_5"]
    assert moved["slope_8"] > 0.9 * clean["slope_8"] > soft["slope_8"] + 0.2
