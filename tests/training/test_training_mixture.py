"""Mixtures of two photographs."""

from __future__ import annotations

import numpy as np
from PIL import Image

from nima.training.samples.mixtures import mixed

RED, BLUE = (255, 0, 0), (0, 0, 255)


def mixtures(
    size: tuple[int, int] = (300, 200), other: tuple[int, int] = (90, 400), count: int = 300
) -> list[np.ndarray]:
    first, second = Image.new("RGB", size, RED), Image.new("RGB", other, BLUE)
    return [np.asarray(mixed(first, second, np.random.default_rng(seed))) for seed in range(count)]


def test_the_first_picture_prevails() -> None:
    # The share of the second one, as its colour tells.
    shares = np.array([made[..., 2].mean() / 255 for made in mixtures()])
    assert 0.3 < (shares == 0).mean() < 0.5
    assert shares.max() <= 0.51
    for made in mixtures():
        assert not made[..., 1].any()
        assert np.abs(made.astype(int).sum(axis=2) - 255).max() <= 1


def test_some_are_blended_and_some_are_covered() -> None:
    kinds = {tuple(np.unique(made[..., 2]).tolist()) for made in mixtures()}
    assert (0, 255) in kinds
    assert len([kind for kind in kinds if len(kind) == 1 and 0 < kind[0] < 128]) > 30


def test_parts_are_a_fifth_or_more_and_as_wide_as_high_within_limits() -> None:
    for size in ((300, 200), (3000, 2000), (200, 1400)):
        for made in mixtures(size, (1500, 1500), count=60):
            height, width = made.shape[:2]
            assert max(height, width) <= 900
            assert 1 / 1.6 < width / height < 1.6
            if size == (300, 200):
                assert height * width >= 0.19 * size[0] * size[1]


def test_nothing_is_enlarged() -> None:
    for size, other in (((300, 200), (90, 400)), ((90, 400), (300, 200)), ((60, 50), (40, 30))):
        for made in mixtures(size, other):
            height, width = made.shape[:2]
            assert width <= size[0]
            assert height <= size[1]
            if made[..., 2].any():
                assert width <= other[0]
                assert height <= other[1]


def test_the_pictures_themselves_stay_as_they_are() -> None:
    first, second = Image.new("RGB", (1200, 800), RED), Image.new("RGB", (1200, 800), BLUE)
    for seed in range(30):
        mixed(first, second, np.random.default_rng(seed))
    for picture, colour in ((first, RED), (second, BLUE)):
        assert picture.size == (1200, 800)
        assert picture.getcolors() == [(1200 * 800, colour)]
