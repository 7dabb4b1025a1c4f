"""Products of real catalogues are found, and real photographs are not taken for one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from nima.assess.main_image import measure_main_image
from nima.document.policy import MainImage, judge_main_image
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.product import Product, find_product
from tests.bench.judgement import grounds
from tests.bench.judgement.sources import MAIN_VIEWS, Source, catalogue

WHITE = "white_background"

CUT_OUT = {
    *("Norwich_terrier", "academic_gown", "analog_clock", "bib", "binoculars", "doormat", "espresso_maker", "mailbag"),
    *("modem", "screw", "spaghetti_squash", "spotlight", "table_lamp", "toaster", "whistle"),
    *("web-0037", "web-0059", "web-0060", "web-0187", "web-0265", "web-0269", "web-0291", "web-0380", "web-0531"),
    *("web-0569", "web-0613"),
}
"""Of the everyday photographs, goods and people on a plain ground, as shops and banks of pictures publish them."""


@cache
def seen(path: Path) -> tuple[Product | None, MainImage]:
    picture = read_picture(path.read_bytes(), Limits())
    product = find_product(np.asarray(picture.frame))
    return product, measure_main_image(picture, Frame(picture.frame, product))


def white(path: Path) -> bool:
    return WHITE not in {check.code for check in judge_main_image(seen(path)[1]).failures}


@pytest.fixture(scope="module")
def on_white(shared: Path) -> list[Source]:
    """The pictures of a real catalogue whose ground is white."""
    found = [source for source in catalogue(shared / "photos") if grounds.is_white(source.path)]
    if not found:
        pytest.skip("there is no catalogue")
    return found


def test_a_product_that_fills_the_frame(cases: Path) -> None:
    product, measured = seen(cases / "product_fills_frame_margin20.jpg")
    assert product is not None
    assert measured.fill == pytest.approx(0.97, abs=0.01)
    assert measured.white[5] == 1.0


@pytest.mark.parametrize("name", ["white_product_enclosed_248.png", "dark_bottle_offwhite_label.png"])
def test_light_parts_within_the_product_are_no_ground(cases: Path, name: str) -> None:
    assert seen(cases / name)[1].white[0] == 1.0


def test_a_product_that_meets_an_edge_is_not_blown_out_ground(cases: Path) -> None:
    product, measured = seen(cases / "touches_bottom.jpg")
    assert product is not None
    assert product.box[3] == product.mask.shape[0]
    assert measured.white[5] >= 0.98


def test_specks_do_not_make_it_larger(cases: Path) -> None:
    assert seen(cases / "pineapple_specks.jpg")[1].fill == pytest.approx(0.149, abs=0.002)


def test_a_frame_drawn_within_the_white_fails(cases: Path) -> None:
    failed = {check.code for check in judge_main_image(seen(cases / "inset_frame_30px_in.jpg")[1]).failures}
    assert "no_border" in failed


def test_the_white_ground_of_a_real_catalogue_is_seen(on_white: list[Source]) -> None:
    passed = [source for source in on_white if white(source.path)]
    main = [source for source in on_white if source.view in MAIN_VIEWS]
    failed = [source.picture for source in main if not white(source.path)]
    print(f"white seen on {len(passed)} of {len(on_white)}; {len(failed)} of {len(main)} main pictures fail")
    assert len(passed) >= 0.95 * len(on_white)
    assert failed == []


@pytest.mark.parametrize("folder", ["kodak", "camera"])
def test_photographs_are_no_products(shared: Path, folder: str) -> None:
    paths = sorted((shared / "photos" / folder).iterdir())
    assert len(paths) > 20
    assert [path.name for path in paths if seen(path)[0]] == []


def test_of_everyday_photographs_only_goods_on_a_plain_ground_are(shared: Path) -> None:
    paths = sorted((shared / "photos/general").iterdir())
    found = {path.stem for path in paths if seen(path)[0]}
    print(f"{len(found)} of {len(paths)}, not cut out: {sorted(found - CUT_OUT)}")
    # One is a photograph in a drawn frame with soft edges, another shows goods on a table.
    assert len(found - CUT_OUT) <= 2
    assert len(CUT_OUT - found) <= 2


def test_photographs_with_a_margin_are_seldom_taken_for_one(shared: Path) -> None:
    paths = sorted((shared / "photos/kodak").iterdir())
    taken = []
    for path in paths:
        with Image.open(path) as picture:
            padded = ImageOps.expand(picture.convert("RGB"), (0, 60, 0, 60), "white")
        taken += [path.name] * (find_product(np.asarray(ImageOps.expand(padded, 60, "white"))) is not None)
    print(f"{len(taken)} of {len(paths)} padded photographs: {taken}")
    assert len(taken) <= len(paths) // 6
