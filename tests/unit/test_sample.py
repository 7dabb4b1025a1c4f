"""Sampling by products of matrices: Pillow's picture, and exact sums."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nima.image.crop import Region
from nima.image.sample import KERNELS, ONE, lines, sample
from nima.model.manifest import KERNELS as NAMES
from tests.pictures import scene

WHOLE: Region = (0, 0, 900, 700)


def test_there_is_every_kernel_that_a_manifest_may_name() -> None:
    assert {"nearest", *KERNELS} == set(NAMES)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("size", "box"),
    [((192, 192), WHOLE), ((224, 150), (100.3, 50.7, 800.2, 690.9)), ((300, 320), (10, 10, 110, 90)), ((1, 1), WHOLE)],
    ids=["smaller", "between pixels", "larger", "a pixel"],
)
def test_it_is_pillows_picture(kernel: str, size: tuple[int, int], box: Region) -> None:
    photograph = scene(900, 700)
    expected = np.asarray(photograph.resize(size, Image.Resampling[kernel.upper()], box=box)).astype(int)
    found = sample(np.asarray(photograph), size, kernel, box)
    assert found.shape == expected.shape
    off = np.abs(found - expected)
    # Between the passes Pillow cuts off what overshoots the other way.
    assert np.quantile(off, 0.999) <= 2
    assert off.mean() <= (0.3 if off.size > 3 else 1)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("level", [0, 1, 127, 254, 255])
def test_an_even_surface_stays_as_it_is(kernel: str, level: int) -> None:
    even = np.full((331, 517, 3), level, np.uint8)
    whole = (0, 0, 517, 331)
    for size, box in (((192, 192), whole), ((60, 90), (3.3, 5.1, 400.7, 300.2)), ((700, 400), whole), ((3, 2), whole)):
        assert (sample(even, size, kernel, box) == level).all()


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("length", "count"), [(1296, 192), (864, 224), (150, 300), (5000, 3)])
def test_every_sum_is_exact_in_single_precision(kernel: str, length: int, count: int) -> None:
    """Whole numbers below 2^24 are, in whatever order they are added up: the same pixels on every machine."""
    weights = [each for some in lines(kernel, length, count, 0.0, float(length)) for each in some.weights]
    assert len(weights) == count
    for each in weights:
        assert (each == np.rint(each)).all()
        assert each.sum() == ONE
        assert 255 * np.abs(each).sum() + ONE / 2 < 1 << 24
