"""Products on a plain ground are found as people see them, and nothing else is taken for one."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from nima.assess.main_image import measure_main_image
from nima.document.policy import judge_main_image
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.product import Product, find_product
from nima.image.regions import labels, reached
from nima.model.manifest import InputSpec
from nima.model.prepare import prepare
from tests.pictures import array, encode, product, scene

SIDE = 900
GREY, BLUE = (150, 150, 152), (190, 210, 240)


def found(picture: Image.Image) -> Product | None:
    return find_product(np.asarray(picture))


def certain(picture: Image.Image) -> Product:
    """The product in a picture, which has one."""
    one = found(picture)
    assert one is not None
    return one


def saved(picture: Image.Image, quality: int = 85) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def whites(picture: Image.Image) -> float:
    """The share of the ground within 5 levels of white."""
    read = read_picture(encode(picture), Limits())
    return measure_main_image(read, Frame(read.frame, found(read.frame))).white[5]


def on(ground: Any, fill: float = 0.6) -> Image.Image:
    """A product on a ground of ``[side, side, 3]`` values."""
    values = np.broadcast_to(ground, (SIDE, SIDE, 3))
    below = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    goods = product(fill, SIDE, background=(0, 255, 0))
    inside = Image.fromarray((array(goods) != (0, 255, 0)).any(axis=2)).filter(ImageFilter.MinFilter(5))
    below.paste(goods, mask=inside)
    return below


def slope(light: int, dark: int) -> Any:
    return np.linspace(light, dark, SIDE)[:, np.newaxis, np.newaxis]


def vignette() -> Any:
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    return 250 - 35 * (x * x + y * y)[..., np.newaxis]


def noise(level: int, sigma: float) -> Any:
    return level + np.random.default_rng(0).normal(0, sigma, (SIDE, SIDE, 3))


@pytest.mark.parametrize(
    "ground",
    [(255, 255, 255), (250, 250, 250), (236, 233, 226), GREY, BLUE, slope(255, 205), slope(220, 150), vignette(),
     noise(243, 6), noise(150, 8), slope(240, 200) + noise(0, 4)],
    ids=["white", "nearly white", "cream", "grey", "blue", "graded", "graded grey", "vignette", "noisy", "noisy grey",
         "graded and noisy"],
)  # fmt: skip
def test_a_product_is_found_on_any_plain_ground(ground: Any) -> None:
    assert certain(saved(on(ground), 92)).fill == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("ground", [(255, 255, 255), GREY, slope(240, 190), noise(243, 6)])
def test_more_ground_is_laid_around_it_only_where_no_seam_shows(ground: Any) -> None:
    assert certain(on(ground)).free == (np.ndim(ground) == 1 and min(ground) >= 200)


def white_goods(level: int = 248) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(picture).rounded_rectangle((150, 100, 750, 800), 60, (level,) * 3, (120, 120, 120), 2)
    return picture


def test_white_goods_on_white_are_the_products_and_not_the_ground() -> None:
    picture = white_goods(238)
    one = certain(picture)
    assert one.box == pytest.approx((150, 100, 751, 801), abs=2)
    assert one.mask[450, 450]
    assert not one.ground[450, 450]
    assert whites(picture) == 1.0


def test_what_goods_enclose_is_theirs() -> None:
    ring = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(ring).ellipse((200, 200, 700, 700), "white", (30, 60, 120), 60)
    assert certain(ring).mask[450, 450]


@pytest.mark.parametrize("at", [(0, 350), (0, -180), (430, 390), (-230, 0), (230, -190)])
@pytest.mark.parametrize("fill", [0.7, 0.95])
def test_goods_that_the_edges_cut_are_found(at: tuple[int, int], fill: float) -> None:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    picture.paste(product(fill, SIDE), at)
    picture = saved(picture)
    assert certain(picture).mask.mean() > 0.05
    assert whites(picture) == 1.0


def worn() -> Image.Image:
    """Somebody who is cut off at the foot, and whose elbow meets the right side."""
    picture = Image.new("RGB", (SIDE, 1100), "white")
    outline = Image.new("L", picture.size)
    draw = ImageDraw.Draw(outline)
    draw.ellipse((370, 60, 530, 270), 255)
    draw.polygon(
        [(300, 270), (600, 270), (899, 600), (620, 700), (640, 1099), (260, 1099), (270, 700), (150, 560)], 255
    )
    picture.paste(scene(SIDE, 1100, seed=3), mask=outline)
    return saved(picture)


def test_a_person_who_wears_it_is_found_and_stays_framed_as_he_is() -> None:
    picture = worn()
    one = certain(picture)
    assert (one.box[3], one.box[2]) == (1100, SIDE)
    assert not one.free
    assert whites(picture) == 1.0
    spec = InputSpec(kernel="bicubic")
    assert np.array_equal(prepare(picture, one, spec), prepare(picture, None, spec))


def test_specks_and_lines_are_no_part_of_it() -> None:
    picture = product(0.5, SIDE)
    alone = certain(picture)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((12, 12, 20, 20), "black")
    draw.ellipse((860, 870, 866, 876), "grey")
    draw.line((40, 850, 800, 852), (90, 90, 90), 2)
    assert certain(picture).box == alone.box
    assert certain(picture).fill == alone.fill


def test_a_soft_shadow_is_ground_though_no_white_one() -> None:
    goods = product(0.6, SIDE)
    shape = goods.convert("L").point(lambda v: 255 * (v < 250))
    cast = Image.new("L", goods.size)
    cast.paste(shape.filter(ImageFilter.GaussianBlur(30)).point(lambda v: v * 35 // 255), (25, 40))
    picture = Image.composite(Image.new("RGB", goods.size), Image.new("RGB", goods.size, "white"), cast)
    picture.paste(goods, mask=shape)
    assert certain(picture).fill == pytest.approx(0.6, abs=0.02)
    assert whites(picture) < 0.98


def written(picture: Image.Image, size: int) -> Image.Image:
    draw = ImageDraw.Draw(picture)
    draw.text((40, 30), "SUMMER SALE 50% OFF", "red", ImageFont.load_default(size))
    draw.text((300, 790), "brand new", "black", ImageFont.load_default(size))
    return picture


@pytest.mark.parametrize("size", [24, 40, 70])
def test_text_is_no_product_and_no_part_of_one(size: int) -> None:
    assert found(written(Image.new("RGB", (SIDE, SIDE), "white"), size)) is None
    assert certain(written(product(0.6, SIDE), size)).box == certain(product(0.6, SIDE)).box


@pytest.mark.parametrize(
    ("margin", "paper"),
    [
        ((100, 100), "white"),
        ((0, 150), "white"),
        ((150, 0), "white"),
        ((30, 30), "white"),
        ((100, 100), (246, 246, 246)),
    ],
)
def test_a_photograph_with_a_margin_is_none(margin: tuple[int, int], paper: Any) -> None:
    assert found(saved(ImageOps.expand(scene(800, 600), (*margin, *margin), paper))) is None


def test_a_flat_box_seen_from_the_front_is_one() -> None:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((250, 100, 650, 800), (30, 60, 120))
    draw.rectangle((330, 300, 570, 420), (240, 200, 40))
    assert certain(saved(picture)).box == pytest.approx((250, 100, 651, 801), abs=4)


@pytest.mark.parametrize("size", [(150, 360), (300, 500), (80, 700)])
def test_a_carton_with_a_picture_printed_on_it_is_one(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    picture.paste(scene(*size), (200, 100))
    assert certain(saved(picture)).box == pytest.approx((200, 100, 200 + size[0], 100 + size[1]), abs=4)


@pytest.mark.parametrize("inset", [15, 40])
def test_a_frame_drawn_within_the_white_is_a_border_and_not_the_product(inset: int) -> None:
    picture = product(0.7, SIDE)
    ImageDraw.Draw(picture).rectangle((inset, inset, SIDE - 1 - inset, SIDE - 1 - inset), None, (20, 20, 20), 3)
    read = read_picture(encode(picture), Limits())
    measured = measure_main_image(read, Frame(read.frame, found(read.frame)))
    assert measured.border == pytest.approx((inset + 3) / SIDE, abs=0.005)
    assert measured.fill == pytest.approx(0.7, abs=0.02)
    assert "no_border" in {check.code for check in judge_main_image(measured).failures}


@pytest.mark.parametrize("gain", [1.5, 2, 3, 4])
def test_a_blown_out_photograph_is_none(gain: float) -> None:
    assert found(scene().point(lambda v: v * gain)) is None


def region(mask: np.ndarray[Any, Any], start: tuple[int, int]) -> set[tuple[int, int]]:
    """What of a mask a walk from pixel to pixel reaches."""
    seen, left = {start}, [start]
    while left:
        y, x = left.pop()
        for at in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if at not in seen and 0 <= at[0] < mask.shape[0] and 0 <= at[1] < mask.shape[1] and mask[at]:
                seen.add(at)
                left.append(at)
    return seen


@pytest.mark.parametrize("density", [0.0, 0.3, 0.55, 0.7, 1.0])
def test_regions_are_what_a_walk_reaches(density: float) -> None:
    mask = np.random.default_rng(0).random((40, 31)) < density
    numbers = labels(mask)
    assert np.array_equal(numbers > 0, mask)
    assert set(np.unique(numbers)) - {0} == set(range(1, int(numbers.max()) + 1))
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    while left:
        start = left.pop()
        walked = region(mask, start)
        seeds = np.zeros_like(mask)
        seeds[start] = True
        for same in (numbers == numbers[start], reached(mask, seeds)):
            assert {(int(y), int(x)) for y, x in np.argwhere(same)} == walked
        left -= walked


@pytest.mark.parametrize("side", [960, 1200, 1290])
def test_what_is_thin_is_followed_closely_whatever_the_frames_size(side: int) -> None:
    agreement = []
    for x in range(side // 2, side // 2 + 6):
        flower = Image.new("RGB", (side, side), "white")
        draw = ImageDraw.Draw(flower)
        draw.ellipse((side * 0.42, side * 0.25, side * 0.58, side * 0.41), fill=(90, 40, 30))
        draw.rectangle((x, side // 3, x + 5, side * 5 // 6), fill=(60, 60, 90))
        shown, mask = (array(flower) < 250).any(axis=2), certain(flower).mask
        agreement.append((mask & shown).sum() / (mask | shown).sum())
    assert np.mean(agreement) > 0.96
