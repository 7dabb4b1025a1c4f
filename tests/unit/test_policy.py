"""What marketplaces ask of a main image: each measure moves with the picture, each threshold moves its check."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from nima.assess.main_image import measure_main_image
from nima.document.policy import Check, MainImage, Verdict, judge_main_image
from nima.document.read import read
from nima.document.rules import TOLERANCES, MainImageRules
from nima.errors import InvalidRequest
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.product import find_product
from nima.image.thumbnail import THUMBNAIL_BYTES, THUMBNAIL_SIDE, make_thumbnail
from tests.pictures import encode, product, scene

PERFECT = MainImage(dict.fromkeys(TOLERANCES, 1.0), 0.9, 1600, 0.0, 0.0)


def measure(image: Image.Image, kind: str = "PNG", **options: Any) -> MainImage:
    picture = read_picture(encode(image, kind, **options), Limits())
    return measure_main_image(picture, Frame(picture.frame, find_product(np.asarray(picture.frame))))


def checks(verdict: Verdict) -> dict[str, Check]:
    return {check.code: check for check in verdict.checks}


def test_a_cut_out_on_white_that_fills_the_frame_passes() -> None:
    measured = measure(product(0.9, 1700))
    verdict = judge_main_image(measured)
    assert verdict.passed
    assert all(check.passed for check in verdict.checks)
    assert measured.white[0] == 1.0
    assert measured.fill == pytest.approx(0.9, abs=0.01)
    assert (measured.longest_side, measured.border) == (1700, 0)
    assert judge_main_image(measure(product(0.9, 1700), "JPEG", quality=85)).passed, (
        "compression rings at the edge only"
    )


@pytest.mark.parametrize("level", [254, 253, 250])
def test_nearly_white_is_told_from_white(level: int) -> None:
    measured = measure(product(0.9, 1000, (level, level, level)))
    for tolerance in TOLERANCES:
        assert measured.white[tolerance] == (1.0 if level >= 255 - tolerance else 0.0)
    assert checks(judge_main_image(measured))["white_background"].passed, "within five levels by default"
    assert not checks(judge_main_image(measured, MainImageRules(white_tolerance=0)))["white_background"].passed


@pytest.mark.parametrize("fill", [0.3, 0.5, 0.7, 0.84, 0.86, 0.95])
def test_fill_is_the_products_share_of_the_longer_side(fill: float) -> None:
    square = product(fill, 1000)
    assert measure(square).fill == pytest.approx(fill, abs=0.01)
    wide = Image.new("RGB", (2000, 1000), "white")
    wide.paste(square, (500, 0))
    assert measure(wide).fill == pytest.approx(fill / 2, abs=0.01)
    assert checks(judge_main_image(measure(square)))["product_fill"].passed == (fill >= 0.85)


@pytest.mark.parametrize(
    ("measured", "code", "what"),
    [
        (replace(PERFECT, white=dict.fromkeys(TOLERANCES, 0.5)), "white_background", "lay it on pure white"),
        (replace(PERFECT, fill=0.3), "product_fill", "crop closer"),
        (replace(PERFECT, fill=None), "product_fill", "plain light ground"),
        (replace(PERFECT, longest_side=300), "minimum_size", "original"),
        (replace(PERFECT, longest_side=700), "zoom_size", "original"),
        (replace(PERFECT, longest_side=1200), "recommended_size", "original"),
        (replace(PERFECT, border=0.1), "no_border", "crop it off"),
        (replace(PERFECT, text=0.02), "no_text", "without text"),
    ],
)
def test_what_fails_says_what_to_do(measured: MainImage, code: str, what: str) -> None:
    passed, failed = (checks(judge_main_image(one))[code].message for one in (PERFECT, measured))
    assert what in failed
    assert what not in passed


def test_a_panorama_counts_with_its_whole_side() -> None:
    wide = Image.new("RGB", (4000, 1000), "white")
    wide.paste(product(0.8, 1000), (1500, 0))
    measured = measure(wide)
    assert measured.longest_side == 4000
    assert measured.fill == pytest.approx(0.2, abs=0.01)


def test_a_scene_has_neither_white_nor_a_product() -> None:
    measured = measure(scene(1200, 900))
    assert measured.fill is None
    assert measured.white[5] < 0.01
    assert measured.border == 0
    assert {check.code for check in judge_main_image(measured).failures} == {"white_background", "product_fill"}


@pytest.mark.parametrize("width", [2, 10, 40])
@pytest.mark.parametrize("colour", ["black", "red", (90, 90, 90)])
def test_a_border_is_found_and_measured(width: int, colour: Any) -> None:
    for inside in (scene(900, 700), product(0.9, 900)):
        framed = ImageOps.expand(inside, width, colour)
        assert measure(framed).border == pytest.approx(width / max(framed.size), abs=0.004)
        assert not checks(judge_main_image(measure(framed)))["no_border"].passed


def test_bars_above_and_below_are_a_border_and_one_dark_side_is_none() -> None:
    bars = scene(960, 720).copy()
    draw = ImageDraw.Draw(bars)
    draw.rectangle((0, 0, 959, 50), "black")
    assert measure(bars).border == 0
    draw.rectangle((0, 669, 959, 719), "black")
    assert measure(bars).border == pytest.approx(51 / 960, abs=0.002)


@pytest.mark.parametrize("colour", ["white", "black", (200, 30, 30)])
def test_a_plain_picture_has_no_border(colour: Any) -> None:
    assert measure(Image.new("RGB", (800, 600), colour)).border == 0
    assert measure(Image.new("RGB", (1, 1), colour)).border == 0


@pytest.mark.parametrize(
    ("side", "failed"),
    [
        (1600, set()),
        (1599, {"recommended_size"}),
        (1000, {"recommended_size"}),
        (999, {"recommended_size", "zoom_size"}),
        (499, {"recommended_size", "zoom_size", "minimum_size"}),
    ],
)
def test_sizes_are_checked_and_the_recommended_one_fails_nothing(side: int, failed: set[str]) -> None:
    verdict = judge_main_image(replace(PERFECT, longest_side=side))
    assert {check.code for check in verdict.checks if not check.passed} == failed
    assert verdict.passed == (side >= 1000)


@pytest.mark.parametrize(
    ("measured", "strict", "lenient", "code"),
    [
        (replace(PERFECT, white=dict.fromkeys(TOLERANCES, 0.9)), {}, {"white_share": 0.8}, "white_background"),
        (replace(PERFECT, fill=0.8), {}, {"fill": 0.7}, "product_fill"),
        (replace(PERFECT, longest_side=700), {}, {"zoom_side": 600}, "zoom_size"),
        (PERFECT, {"minimum_side": 2000}, {}, "minimum_size"),
        (PERFECT, {"recommended_side": 2000}, {}, "recommended_size"),
        (replace(PERFECT, border=0.01), {}, {"border": 0.02}, "no_border"),
    ],
)
def test_every_threshold_moves_its_check(
    measured: MainImage, strict: dict[str, Any], lenient: dict[str, Any], code: str
) -> None:
    refused = checks(judge_main_image(measured, MainImageRules(**strict)))
    accepted = checks(judge_main_image(measured, MainImageRules(**lenient)))
    assert (refused[code].passed, accepted[code].passed) == (False, True)
    assert refused[code].threshold != accepted[code].threshold
    assert {name for name in refused if refused[name].passed != accepted[name].passed} == {code}


@pytest.mark.parametrize(
    "rules",
    [
        {"white_share": 1.01},
        {"white_share": float("nan")},
        {"white_tolerance": 3},
        {"fill": -0.1},
        {"zoom_side": 0},
        {"minimum_side": 10**6},
        {"border": 2},
    ],
)
def test_thresholds_out_of_range_are_refused_by_name(rules: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(rules))):
        MainImageRules(**rules)


def test_measures_and_verdict_are_json_and_read_back_the_same() -> None:
    for image in (product(0.9, 900), scene(640, 480)):
        measured = measure(image)
        again = json.loads(json.dumps(measured.to_json(), allow_nan=False))
        assert read(MainImage, again, {}) == measured
        verdict = json.loads(json.dumps(judge_main_image(measured).to_json(), allow_nan=False))
        assert {"code", "level", "measure", "unit", "threshold", "pass", "message"} == set(verdict["checks"][0])


# Thumbnails


@pytest.mark.parametrize("size", [(960, 640), (640, 960), (100, 50), (1, 1), (1000, 3)])
def test_a_thumbnail_keeps_the_shape_and_is_never_enlarged(size: tuple[int, int]) -> None:
    jpeg = make_thumbnail(scene(960, 640).resize(size))
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        assert max(image.size) == min(THUMBNAIL_SIDE, max(size))
        assert min(image.size) == pytest.approx(max(image.size) * min(size) / max(size), abs=1)
        assert (image.width > image.height) == (size[0] > size[1])


def test_noise_fits_into_a_thumbnail_too() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (960, 960, 3), dtype=np.uint8)
    assert 0 < len(make_thumbnail(Image.fromarray(noise))) <= THUMBNAIL_BYTES


def test_what_a_file_says_of_itself_stays_out_of_its_thumbnail() -> None:
    file = io.BytesIO()
    scene(400, 300).save(file, "JPEG", comment=b"secret" * 10_000, exif=b"Exif\0\0" + b"secret" * 100)
    thumbnail = make_thumbnail(read_picture(file.getvalue(), Limits()).frame)
    assert b"secret" not in thumbnail
    assert len(thumbnail) <= THUMBNAIL_BYTES
