"""What would help: faults that can be undone are, the better picture scores higher, and crops never cut a product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops

import nima
from nima.assess.advice import MOST_TRIALS
from nima.assess.assessor import Assessor
from nima.assess.remedies import REMEDIES
from nima.document.advice import CHANGES, MENDED_CHECKS, RATIOS, RETAKE
from nima.document.assessment import Assessment
from nima.document.defects import DEFECTS
from nima.document.policy import POLICIES
from nima.image.mend import light, tint
from nima.image.product import find_product
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel, Model
from nima.training.defects.light import exposed, hazed, tinted
from tests.pictures import encode, product, scene


def advised(image: Image.Image, **more: Any) -> Assessment:
    return nima.score(image, advice=True, **more)


def test_every_defect_and_mended_check_has_its_remedy_or_none() -> None:
    assert set(REMEDIES) == {*DEFECTS, *MENDED_CHECKS}


def test_a_dark_picture_is_brightened_by_what_it_lacks() -> None:
    found = advised(exposed(scene(), -2))
    first = (found.advice or ())[0]
    assert (first.code, first.change) == ("underexposure", "exposure")
    assert first.parameters["stops"] == pytest.approx(2, abs=0.7)
    assert first.composite
    assert first.composite.before == found.composite.score
    assert first.helps == (first.composite.after >= first.composite.before + 0.01)
    assert f"{first.parameters['stops']:.1f} stops" in first.message
    assert f"{first.composite.after:.2f}" in first.message


def test_haze_is_taken_out() -> None:
    clear = scene()
    hazy = hazed(clear, 0.6)
    (first, *_) = advised(hazy).advice or ()
    assert first.code == "low_contrast"
    assert first.change in {"dehaze", "levels"}
    black, white = light.ends(hazy)
    assert _apart(light.dehazed(hazy, black, white), clear) < _apart(hazy, clear) / 2


def test_a_tinted_ground_is_made_grey_again() -> None:
    goods = product(background=(240, 240, 240))
    warm = tinted(goods, (1, 0.9, 0.7))
    found = find_product(np.asarray(warm))
    assert found
    mended = light.lit(warm, tint.ground_gains(found))
    corner = np.asarray(mended)[5, 5].astype(int)
    assert np.ptp(corner) <= 2


def test_what_cannot_be_undone_is_to_be_shot_again_and_nothing_is_sharpened() -> None:
    blurred = scene().resize((120, 90)).resize((960, 720), Image.Resampling.BICUBIC)
    found = advised(blurred)
    assert "soft" in {one.code for one in found.deductions}
    soft = next(one for one in found.advice or () if one.code == "soft")
    assert (soft.change, soft.composite, soft.helps) == (RETAKE, None, None)
    assert "again" in soft.message
    assert not [change for change in CHANGES if "sharp" in change]


def test_an_off_white_ground_is_laid_on_white_and_the_check_then_passes() -> None:
    found = advised(product(0.9, 1200, background=(228, 228, 228)), style="ecommerce")
    white = [one for one in found.advice or () if one.change == "white_ground"]
    assert len(white) == 1
    assert white[0].helps is True


def test_a_ground_that_is_named_as_a_fault_is_mended_for_the_check_as_well() -> None:
    found = advised(product(0.9, 900, background=(236, 233, 226)), style="ecommerce")
    (white,) = [one for one in found.advice or () if one.change == "white_ground"]
    assert white.code == "background"
    assert white.composite
    assert white.composite.after < white.composite.before
    assert white.helps is True


def test_a_small_product_is_cropped_to_and_the_box_is_in_the_pictures_pixels() -> None:
    found = advised(product(0.4, 2400), style="ecommerce")
    (closer,) = [one for one in found.advice or () if one.change == "crop_closer"]
    assert closer.code == "product_fill"
    assert closer.helps is True
    left, top, width, height = (closer.parameters[name] for name in ("left", "top", "width", "height"))
    assert width == pytest.approx(2400 * 0.4 / 0.9, rel=0.03)
    assert left + width / 2 == pytest.approx(1200, abs=20)
    assert top + height / 2 == pytest.approx(1200, abs=20)


@pytest.mark.parametrize("most", [1, MOST_TRIALS])
def test_advice_takes_few_inferences(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr("nima.assess.advice.MOST_TRIALS", most)
    asked = []
    predict = Model.predict

    def counted(model: Model, pixels: Any) -> Any:
        asked.append(pixels)
        return predict(model, pixels)

    monkeypatch.setattr(Model, "predict", counted)
    advised(tinted(hazed(exposed(product(background=(228, 228, 228)), -1.5), 0.5), (1, 0.85, 0.6)), style="ecommerce")
    assert len(asked) <= 1 + most


def test_advice_is_for_the_policy_that_is_asked_for() -> None:
    data = encode(product(0.8, 1600), "JPEG", quality=95)
    amazon, walmart = (
        Assessor(LazyModel(SHIPPED / "nima-lite"), advice=True, policy=POLICIES[name]).assess(data, "ecommerce")
        for name in ("amazon", "walmart")
    )
    assert "crop_closer" in {one.change for one in amazon.advice or ()}
    assert "crop_closer" not in {one.change for one in walmart.advice or ()}


def test_crops_have_their_shapes_and_hold_the_whole_product() -> None:
    goods = product(0.5, 1000)
    found = nima.score(goods, crops=True)
    assert [one.ratio for one in found.crops or ()] == list(RATIOS)
    ink = ImageChops.difference(goods, Image.new("RGB", goods.size, "white")).getbbox()
    assert ink
    for one in found.crops or ():
        assert one.box
        assert one.box.width / one.box.height == pytest.approx(RATIOS[one.ratio], rel=0.02)
        assert one.box.left <= ink[0]
        assert one.box.top <= ink[1]
        assert one.box.left + one.box.width >= ink[2]
        assert one.box.top + one.box.height >= ink[3]


def test_a_product_that_does_not_fit_a_shape_is_not_cut() -> None:
    wide = product(0.9, 1000).crop((0, 200, 1000, 800))
    tall = next(one for one in nima.score(wide, crops=True).crops or () if one.ratio == "9:16")
    assert (tall.box, tall.composite) == (None, None)


def test_nothing_of_it_is_made_or_stored_unasked(tmp_path: Path) -> None:
    plain = nima.score(scene(320, 240))
    assert (plain.advice, plain.crops) == (None, None)
    assert not {"advice", "crops"} & set(plain.to_json())


def _apart(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one).astype(int) - np.asarray(other).astype(int)).mean())
