"""Learned reasons: gates say whether a defect is there, measures how bad it is; bad files are refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from nima.assess.assessor import Assessor
from nima.assess.deductions import HARD_JPEG, find_deductions
from nima.assess.measures import MEASURES
from nima.document.assessment import Assessment, Deduction
from nima.document.composite import Weights
from nima.document.defects import DEFECTS
from nima.document.policy import Check
from nima.errors import ModelUnavailable
from nima.image.decode import read_picture
from nima.image.limits import Limits
from nima.image.measure import Frame
from nima.image.product import find_product
from nima.model.folder import SHIPPED
from nima.model.gates import Gates
from nima.model.litert import LazyModel, Model
from nima.model.manifest import Manifest
from nima.model.reasons import Threshold
from nima.training.defects.optics import motion_blur
from tests.gates import FILE, SEVERAL, THRESHOLDS, Question, arrays, give, packed, stated
from tests.pictures import encode, product, scene

LITE = SHIPPED / "nima-lite"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nima-lite with gates of the tests' own."""
    return give(Path(shutil.copytree(LITE, tmp_path_factory.mktemp("gates") / "nima-lite")))


@pytest.fixture(scope="module")
def assessor(folder: Path) -> Assessor:
    return Assessor(LazyModel(folder, threads=1))


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(folder, tmp_path / "nima-lite"))


def dimmed(gain: float) -> Image.Image:
    return scene().point(lambda v: v * gain)


def codes(assessment: Assessment) -> list[str]:
    return [deduction.code for deduction in assessment.deductions]


def check(assessment: Assessment, code: str) -> Check:
    return next(check for check in assessment.verdict.checks if check.code == code)


# Whether a defect is there


def test_gates_name_what_is_there_and_nothing_else(assessor: Assessor) -> None:
    assert codes(assessor.assess(encode(dimmed(1)))) == []
    (dark,) = assessor.assess(encode(dimmed(0.5))).deductions
    assert (dark.code, dark.sure) == ("underexposure", True)
    assert "its mean brightness is" in dark.message
    assert dark.measure == pytest.approx(66, abs=3)
    assert dark.severity >= 0.3, "what is sure is never told as if it were nothing"


def test_the_sure_come_first_and_then_the_plainest(assessor: Assessor) -> None:
    found = assessor.assess(encode(dimmed(0.4), "JPEG", quality=HARD_JPEG)).deductions
    assert [(deduction.code, deduction.sure) for deduction in found] == [
        ("compression", True),
        ("soft", True),
        ("underexposure", True),
        ("noise", False),
    ]


def test_how_bad_it_is_is_measured_and_no_logit(assessor: Assessor) -> None:
    told = [assessor.assess(encode(dimmed(gain))).deductions for gain in (0.5, 0.36, 0.3, 0.2)]
    severities = [one.severity for found in told for one in found if one.code == "underexposure"]
    assert severities == sorted(severities)
    assert len(set(severities)) >= 3


def test_a_hard_jpeg_and_a_small_file_are_told_by_rules(assessor: Assessor) -> None:
    assert codes(assessor.assess(encode(scene(), "JPEG", quality=HARD_JPEG + 4))) == []
    large = scene().resize((1920, 1440))
    (hard,) = assessor.assess(encode(large, "JPEG", quality=HARD_JPEG - 4)).deductions
    assert (hard.code, hard.sure) == ("compression", True)
    assert f"about {HARD_JPEG - 4} of 100" in hard.message
    (small,) = assessor.assess(encode(scene(400, 300))).deductions
    assert (small.code, small.sure) == ("low_resolution", False)


def test_what_is_asked_of_products_only_is_not_asked_of_photographs(assessor: Assessor) -> None:
    assert "background" not in codes(assessor.assess(encode(scene())))
    (ground,) = assessor.assess(encode(product(background=(236, 233, 226)))).deductions
    assert (ground.code, ground.sure) == ("background", True)
    assert "29 levels short" in ground.message


def test_what_is_asked_of_any_picture_of_a_shop_counts_in_its_style_alone(own: Path) -> None:
    """A product that no plain ground tells of may lack one in a shop; elsewhere it is a photograph."""
    thresholds = {**THRESHOLDS, "background": {"products": (1, 2), "ecommerce": (1, 2)}}
    every = Assessor(LazyModel(give(own, None, thresholds), threads=1))
    scenery, goods = every.assess(encode(scene())), every.assess(encode(product(background=(236, 233, 226))))
    assert "background" in codes(goods)
    assert "background" not in codes(scenery)
    assert "background" in codes(scenery.weighed("ecommerce"))


def test_what_only_shops_mind_is_told_in_their_style_alone(assessor: Assessor) -> None:
    data = encode(dimmed(0.4))
    general, shop = assessor.assess(data), assessor.assess(data, "ecommerce")
    assert codes(general) == ["soft", "underexposure", "noise"]
    assert sorted(codes(shop)) == sorted([*codes(general), "clutter"])
    assert [deduction.sure for deduction in shop.deductions] == [True, True, True, False]
    assert (codes(general.weighed("ecommerce")), codes(shop.weighed("general"))) == (
        ["soft", "underexposure", "clutter", "noise"],
        codes(general),
    )
    assert shop.weighed("general").weighed("ecommerce").deductions == general.weighed("ecommerce").deductions
    assert codes(shop.weighed("", Weights.of(1, 1))) == codes(general)


def test_a_model_without_gates_tells_by_severities_as_before(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LITE, tmp_path / "plain"))
    replace(Manifest.read(folder), reasons=None).renewed().write(folder)
    plain = Assessor(LazyModel(folder, threads=1))
    picture = read_picture(encode(dimmed(0.2)), Limits())
    found = plain.assess(encode(dimmed(0.2)))
    assert found.deductions == find_deductions(picture, Frame(picture.frame, None))
    assert "no_text" not in {check.code for check in found.verdict.checks}


def test_text_fails_the_policy_where_it_is_named_and_says_what_to_do(assessor: Assessor) -> None:
    free, marked = (assessor.assess(encode(dimmed(gain))) for gain in (1, 0.2))
    assert check(free, "no_text").passed
    assert not check(marked, "no_text").passed
    assert "without text" in check(marked, "no_text").message
    assert "no_text" in {failed.code for failed in marked.verdict.failures}


def test_a_result_says_by_which_reasons_it_was_judged(own: Path, assessor: Assessor) -> None:
    before = assessor.assess(encode(scene(320, 240)))
    thresholds = {**THRESHOLDS, "noise": {"products": (0.5, 2.0)}}
    after = Assessor(LazyModel(give(own, None, thresholds), threads=1))
    assert after.assess(encode(scene(320, 240))).model != before.model
    assert not after.made(before)
    assert assessor.made(before)


# How bad it is


def measured(code: str, image: Image.Image) -> list[float]:
    picture = read_picture(encode(image), Limits())
    frame = Frame(picture.frame, find_product(np.asarray(picture.frame)))
    return [finding.measure for finding in MEASURES[code](picture, frame)]


def test_a_streak_is_as_long_as_the_movement_and_no_lens_makes_one() -> None:
    assert measured("motion_blur", scene())[0] < 2.5
    for angle in (0, np.pi / 4, np.pi / 2, 0.3):
        lengths = [measured("motion_blur", motion_blur(scene(), length, angle))[0] for length in (6, 12, 24)]
        assert lengths == sorted(lengths)
        assert lengths[-1] > 8


def test_letters_take_the_more_of_a_picture_the_more_there_are() -> None:
    assert measured("text_overlay", scene())[0] < 0.01, "one place at least where a gate sees any"
    image = scene().copy()
    for lines, (least, most) in ((2, (0.01, 0.2)), (6, (0.04, 0.6))):
        draw = ImageDraw.Draw(image)
        for line in range(lines):
            draw.rectangle((60, 40 + 110 * line, 900, 120 + 110 * line), "white")
            draw.text((80, 50 + 110 * line), "SALE -30% ONLY NOW", "black", ImageFont.load_default(60))
        assert least < measured("text_overlay", image)[0] < most


def test_a_product_takes_as_much_of_the_rim_as_is_cut_off() -> None:
    whole = product(0.8)
    assert measured("cut_off", whole) == [0.0]
    cut = whole.crop((300, 0, 900, 900))
    assert 0.05 < measured("cut_off", cut)[0] < 0.3


def test_a_rim_is_busy_where_it_is_no_plain_ground() -> None:
    assert measured("clutter", product())[0] == 0
    assert measured("clutter", scene())[0] > 0.5


def test_a_ground_lacks_levels_of_white_and_a_shadow_is_part_of_it() -> None:
    assert measured("background", product()) == pytest.approx([0, 0], abs=1e-3)
    levels, shaded = measured("background", product(background=(240, 238, 230)))
    assert (levels, shaded) == pytest.approx((25, 0), abs=1e-3)
    shady = product()
    draw = ImageDraw.Draw(shady)
    for step in range(30):
        draw.rectangle((0, 870 + step, 900, 870 + step), (255 - step,) * 3)
    assert measured("background", shady)[1] > 0.02


@pytest.mark.parametrize("code", DEFECTS)
def test_everything_that_is_named_is_told_in_a_sentence(code: str) -> None:
    """Whatever the measure is, as a gate may be wrong."""
    gates = Gates(packed(arrays({code: Question("tone_w_7", 255, 4, 4)})))
    for image in (scene(320, 240), product(side=300), dimmed(0.1)):
        picture = read_picture(encode(image), Limits())
        frame = Frame(picture.frame, find_product(np.asarray(picture.frame)))
        found: dict[str, Deduction] = {
            told.code: told for told in find_deductions(picture, frame, gates, {code: Threshold(1, 5)})
        }
        if code in found:
            assert found[code].severity >= 0.15
            assert found[code].message.endswith(".")
        else:
            assert frame.product is None, "only what products have is not measured without one"


# Files


def tampered() -> dict[str, dict[str, NDArray[Any]]]:
    good = arrays(SEVERAL)

    def changed(**parts: Any) -> dict[str, NDArray[Any]]:
        return {**good, **{f"soft.{name}": value for name, value in parts.items()}}

    return {
        "a number that is none": changed(value=np.array([[0, np.nan, 1]], np.float32)),
        "a limit without end": changed(threshold=np.array([[np.inf, 0, 0]], np.float32)),
        "a bias that is none": changed(bias=np.float32(np.nan)),
        "a circle": changed(left=np.array([[0, 0, 0]], np.uint8)),
        "a child beyond the tree": changed(right=np.array([[9, 0, 0]], np.uint8)),
        "a feature beyond the numbers": changed(feature=np.array([[7, -1, -1]], np.int16)),
        "a feature before them": changed(feature=np.array([[-2, -1, -1]], np.int16)),
        "arrays of several shapes": changed(value=np.zeros((1, 2), np.float32)),
        "no tree": changed(
            **{name: good[f"soft.{name}"][:0] for name in ("feature", "threshold", "left", "right", "value")}
        ),
        "a part that is missing": {name: part for name, part in good.items() if name != "soft.left"},
        "objects": changed(value=np.array([[0, {}, 1]], object)),
        "text": changed(value=np.array([["0", "1", "1"]])),
        "a code twice": {**good, "codes": np.array(["soft", "soft"])},
        "no code": {**good, "codes": np.array([], "U4")},
        "too much": {**good, "more": np.zeros(1 << 20, np.float64)},
    }


@pytest.mark.parametrize("what", tampered())
def test_what_are_no_gates_is_refused(what: str, own: Path) -> None:
    with pytest.raises(ModelUnavailable, match="reasons cannot be read"):
        Model(give(own, packed(tampered()[what])))


def test_a_file_that_is_not_as_hashed_is_refused_before_it_is_parsed(own: Path) -> None:
    path = own / FILE
    content = path.read_bytes()
    for damaged in (content[:-1], content + b"1", bytes([content[0] ^ 1]) + content[1:], b""):
        path.write_bytes(damaged)
        with pytest.raises(ModelUnavailable, match="reasons are damaged"):
            Model(own)
    path.unlink()
    with pytest.raises(ModelUnavailable, match="reasons cannot be read"):
        Model(own)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"no archive", packed(arrays(SEVERAL))[:-40]])
def test_a_file_that_is_no_whole_archive_is_refused(content: bytes) -> None:
    with pytest.raises(ModelUnavailable, match="reasons cannot be read"):
        Gates(content)


def test_numbers_and_defects_of_another_release_are_named_in_a_clear_refusal(own: Path) -> None:
    question = {"soft": Question("phase_of_the_moon", 1, 4, -4)}
    with pytest.raises(ModelUnavailable, match="numbers that this release does not have") as refused:
        Assessor(LazyModel(give(own, packed(arrays(question)), {"soft": THRESHOLDS["soft"]}))).assess(encode(scene()))
    assert "phase_of_the_moon" in str(refused.value.cause)
    question = {"red_eyes": SEVERAL["soft"]}
    with pytest.raises(ModelUnavailable, match="defects that this release does not know"):
        Assessor(LazyModel(give(own, packed(arrays(question)), {"red_eyes": THRESHOLDS["soft"]}))).assess(
            encode(scene())
        )


def test_gates_and_manifest_are_of_the_same_codes(own: Path) -> None:
    with pytest.raises(ModelUnavailable, match="other codes than its manifest"):
        Model(give(own, packed(arrays({"soft": SEVERAL["soft"]}))))


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "../reasons.npz"},
        {"file": ""},
        {"bytes": 0},
        {"bytes": 1 << 30},
        {"thresholds": {"soft": {}}},
        {"thresholds": {"soft": {"paintings": [1, 2]}}},
        {"thresholds": {"soft": {"products": [2, 1]}}},
        {"thresholds": {"soft": {"products": [1]}}},
        {"thresholds": {"soft": {"products": [1, float("nan")]}}},
        {"more": 1},
    ],
)
def test_a_manifest_that_says_nonsense_of_reasons_is_invalid(own: Path, changes: dict[str, Any]) -> None:
    document = Manifest.read(own).to_json()
    document["reasons"] |= changes
    (own / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(ModelUnavailable, match="manifest is invalid"):
        Model(own)


def test_a_manifest_is_read_as_it_was_written(own: Path) -> None:
    manifest = Manifest.read(own)
    manifest.write(own)
    assert Manifest.read(own) == manifest
    assert manifest.contents[FILE] == (stated((own / FILE).read_bytes()).sha256, (own / FILE).stat().st_size)
    assert replace(manifest, reasons=None).renewed().version != manifest.renewed().version


def test_many_trees_are_summed_as_one_after_the_other_is() -> None:
    rng = np.random.default_rng(0)
    content: dict[str, NDArray[Any]] = {"numbers": np.array([f"n{i}" for i in range(9)]), "codes": np.array(["a", "b"])}
    for code, trees, nodes in (("a", 60, 15), ("b", 7, 7)):
        inner = nodes // 2
        feature = np.full((trees, nodes), -1, np.int16)
        feature[:, :inner] = rng.integers(0, 9, (trees, inner))
        left = np.zeros((trees, nodes), np.uint8)
        left[:, :inner] = 1 + 2 * np.arange(inner)
        content |= {
            f"{code}.feature": feature,
            f"{code}.threshold": rng.normal(size=(trees, nodes)).astype(np.float32),
            f"{code}.left": left,
            f"{code}.right": left + (left > 0).astype(np.uint8),
            f"{code}.value": rng.normal(size=(trees, nodes)).astype(np.float32),
            f"{code}.bias": np.array(0.5, np.float32),
        }
    gates = Gates(packed(content))
    for _ in range(20):
        values = rng.normal(size=9).astype(np.float32)
        found = gates.logits({f"n{i}": float(value) for i, value in enumerate(values)})
        for code in ("a", "b"):
            total = 0.5
            for tree in range(len(content[f"{code}.feature"])):
                at = 0
                while (feature_ := content[f"{code}.feature"][tree, at]) >= 0:
                    less = values[feature_] <= content[f"{code}.threshold"][tree, at]
                    at = int(content[f"{code}.{'left' if less else 'right'}"][tree, at])
                total += float(content[f"{code}.value"][tree, at])
            assert found[code] == pytest.approx(total, abs=1e-4)
