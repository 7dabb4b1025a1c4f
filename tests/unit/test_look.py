"""How a picture looks at a glance: what lies where, and where it is sharp."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from nima.assess.assessor import Assessor
from nima.image.look import COLUMNS, ROWS, TALL, WIDE, Look
from nima.model.litert import LazyModel
from tests.pictures import encode


def picture(width: int = 900, height: int = 600) -> Image.Image:
    """Texture on the left, none on the right, lighter downwards."""
    luma = np.tile(np.linspace(40, 200, height)[:, None], (1, width))
    luma[:, : width // 2] += np.random.default_rng(1).normal(0, 30, (height, width // 2))
    return Image.fromarray(np.clip(luma, 0, 255).astype(np.uint8)).convert("RGB")


def test_it_tells_what_lies_where_and_where_it_is_sharp() -> None:
    look = Look.of(picture())
    assert look.light.shape == (ROWS, COLUMNS)
    assert look.light[-1].mean() > look.light[0].mean() + 100
    assert look.detail.shape == (2, TALL, WIDE)
    assert look.detail[:, :, :5].min() > look.detail[:, :, 7:].max() + 3


def test_smearing_in_one_direction_leaves_the_detail_of_the_other() -> None:
    sharp = picture()
    smeared = Image.fromarray(
        np.stack([np.roll(np.asarray(sharp), shift, axis=1) for shift in range(12)]).mean(axis=0).astype(np.uint8)
    )
    lost = (Look.of(sharp).detail - Look.of(smeared).detail)[:, :, :5].mean(axis=(1, 2))
    assert lost[0] > lost[1] + 1


def test_a_large_and_a_small_copy_look_alike() -> None:
    large = picture().resize((1800, 1200), Image.Resampling.BICUBIC)
    one, other = Look.of(large), Look.of(picture())
    assert np.abs(one.light.astype(int) - other.light).max() <= 3
    assert np.abs(one.detail - other.detail).max() < 1  # though all of it is as fine as can be


def test_blur_loses_detail() -> None:
    details = [Look.of(picture().filter(ImageFilter.GaussianBlur(blur))).detail.mean() for blur in (0, 1, 2, 4)]
    assert details == sorted(details, reverse=True)


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 3), (31, 17)])
def test_pictures_of_any_shape_have_one(size: tuple[int, int]) -> None:
    look = Look.of(Image.new("RGB", size, "grey"))
    assert np.isfinite(look.detail).all()


def test_it_can_be_kept() -> None:
    look = Look.of(picture())
    again = Look.from_bytes(look.to_bytes())
    assert len(look.to_bytes()) < 4096
    assert (again.light == look.light).all()
    assert np.abs(again.detail - look.detail).max() < 0.02
    with pytest.raises(ValueError, match="reshape"):
        Look.from_bytes(look.to_bytes()[:-2])


def test_assessments_have_one_where_it_is_asked_for(model_folder: Path) -> None:
    data = encode(picture(), "PNG")
    plain = Assessor(LazyModel(model_folder)).assess(data)
    found = Assessor(LazyModel(model_folder), looks=True).assess(data)
    assert plain.look is None
    assert found.look == Look.of(picture()).to_bytes()
    assert {*found.to_json()} == {*plain.to_json()}
