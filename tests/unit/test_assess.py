"""What is said of a picture: distributions, composites, percentiles, confidence, re-framing, and the document."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from nima.assess.assessor import Assessor
from nima.assess.percentile import percentile
from nima.document.assessment import ON_REQUEST
from nima.document.composite import STYLES, Weights, compose
from nima.document.distribution import Distribution
from nima.document.item import from_item, to_item
from nima.document.policy import DEFAULT_RULES, Policy
from nima.document.result import ObjectRef, Rejection, Result
from nima.document.rules import MainImageRules
from nima.errors import InvalidRequest, TooManyPixels, UndecodableImage
from nima.heads import HEADS, REQUIRED
from nima.image.limits import Limits
from nima.image.product import Product, find_product
from nima.model.litert import LazyModel
from nima.model.manifest import InputSpec
from nima.model.prepare import prepare
from nima.web.schemas import components
from tests.pictures import array, difference, encode, product, scene

probabilities = (
    st.lists(st.floats(0, 1), min_size=10, max_size=10)
    .filter(lambda values: sum(values) > 0.01)
    .map(lambda values: [value / sum(values) for value in values])
)


@pytest.fixture(scope="module")
def assessor(model_folder: Path) -> Assessor:
    return Assessor(LazyModel(model_folder))


# Distributions


@pytest.mark.parametrize(
    ("given_probabilities", "mean", "std"),
    [
        ([0.1] * 10, 5.5, 2.8723),  # variance of 1..10: 99 / 12
        ([0, 0, 0, 0, 0, 0, 1, 0, 0, 0], 7.0, 0.0),
        ([0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0.5], 5.5, 4.5),
        ([0, 0, 0, 0.25, 0.5, 0.25, 0, 0, 0, 0], 5.0, 0.7071),
        ([0, 0.1, 0, 0.2, 0, 0.3, 0, 0.4, 0, 0], 6.0, 2.0),
    ],
)
def test_mean_and_deviation_are_those_worked_out_by_hand(
    given_probabilities: list[float], mean: float, std: float
) -> None:
    distribution = Distribution.of(given_probabilities)
    assert (distribution.mean, distribution.std) == (mean, std)


@given(probabilities)
def test_a_distribution_sums_to_one_and_has_its_mean_within_the_scores(values: list[float]) -> None:
    distribution = Distribution.of(values)
    assert sum(distribution.probabilities) == pytest.approx(1, abs=1e-5)
    assert 1 <= distribution.mean <= 10
    assert 0 <= distribution.std <= 4.5
    assert distribution.mean == pytest.approx(sum(score * p for score, p in enumerate(values, 1)), abs=1e-3)
    mirrored = Distribution.of(values[::-1])
    assert mirrored.mean == pytest.approx(11 - distribution.mean, abs=1e-3)
    assert mirrored.std == pytest.approx(distribution.std, abs=1e-3)


@pytest.mark.parametrize(
    "values", [[0.1] * 9, [0.1] * 11, [0.2] * 10, [0.0] * 10, [float("nan")] * 10, [-0.1, 0.3, *[0.1] * 8]]
)
def test_what_is_no_distribution_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        Distribution.of(values)


# Composites


@pytest.mark.parametrize(
    ("technical", "aesthetic", "score", "stars"), [(7.2, 6.8, 6.96, 3.5), (6.5, 7.9, 7.34, 4.0), (6.1, 8.2, 7.36, 4.5)]
)
def test_shops_get_the_promised_stars(technical: float, aesthetic: float, score: float, stars: float) -> None:
    composite = compose(technical, aesthetic, 1.2, "ecommerce")
    assert (composite.score, composite.stars) == (score, stars)


def test_every_style_weighs_as_documented() -> None:
    scores = {"general": 6.0, "ecommerce": 6.4, "landscape": 5.2, "portrait": 6.8, "creative": 6.0}
    assert {style: compose(4.0, 8.0, 1.2, style).score for style in STYLES} == scores


@pytest.mark.parametrize(
    ("technical", "aesthetic", "score"), [(0.4, 0.6, 6.4), (2, 3, 6.4), (1, 0, 4.0), (0, 0.1, 8.0), (1e-3, 3e-3, 7.0)]
)
def test_custom_weights_count_by_their_proportion(technical: float, aesthetic: float, score: float) -> None:
    composite = compose(4.0, 8.0, 1.2, "no such style is needed", Weights.of(technical, aesthetic))
    assert (composite.style, composite.score) == ("custom", score)
    assert composite.weights.technical + composite.weights.aesthetic == pytest.approx(1)


@pytest.mark.parametrize("weights", [(0, 0), (-1, 2), (2, -1), (float("nan"), 1), (1, float("inf")), (1e308, 1e308)])
def test_weights_that_weigh_nothing_are_refused(weights: tuple[float, float]) -> None:
    with pytest.raises(InvalidRequest, match="weights"):
        Weights.of(*weights)


def test_an_unknown_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest, match=", ".join(STYLES)):
        compose(5, 5, 1, "moody")


@pytest.mark.parametrize("style", STYLES)
def test_split_opinions_are_a_value_only_to_the_creative(style: str) -> None:
    expected = "possible_artistic_value" if style == "creative" else "divisive"
    assert compose(5, 5, 2.1, style).note == expected
    assert compose(5, 5, 1.5, style).note is None


def test_stars_and_bands_never_fall_as_the_score_rises() -> None:
    bands = ["poor", "weak", "fair", "good", "very good", "excellent"]
    rising = [compose(score, score, 1.2, "general") for score in np.linspace(1, 10, 901).tolist()]
    stars = [composite.stars for composite in rising]
    ranks = [bands.index(composite.band) for composite in rising]
    assert stars == sorted(stars)
    assert ranks == sorted(ranks)
    assert set(stars) == {n / 2 for n in range(1, 11)}
    assert set(ranks) == set(range(6))


# Percentiles


@pytest.mark.parametrize(
    ("mean", "expected"),
    [(0.5, 0.0), (3.0, 0.0), (4.0, 25.0), (4.5, 37.5), (5.0, 50.0), (6.9, 97.5), (7.0, 100.0), (9.0, 100.0)],
)
def test_a_percentile_is_read_between_the_quantiles(mean: float, expected: float) -> None:
    assert percentile(mean, [3.0, 4.0, 5.0, 6.0, 7.0]) == expected


def test_ties_in_the_population_stand_at_their_middle() -> None:
    assert percentile(5.0, [3.0, 5.0, 5.0, 5.0, 7.0]) == 50.0
    assert percentile(5.0, [3.0, 4.0, 5.0, 5.0, 7.0]) == 62.5
    assert percentile(5.0, [5.0] * 5) == 0.0, "nobody scores below"


@given(st.lists(st.floats(1, 10), min_size=101, max_size=101).map(sorted), st.floats(1, 10), st.floats(1, 10))
def test_percentiles_keep_the_order(quantiles: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= percentile(low, quantiles) <= percentile(high, quantiles) <= 100


# The document


def stored_and_read(item: Mapping[str, Any]) -> dict[str, Any]:
    """What comes back from the table of what was written to it."""
    written = {name: TypeSerializer().serialize(value) for name, value in item.items()}
    return {name: TypeDeserializer().deserialize(value) for name, value in written.items()}


def plain(value: Any) -> Any:
    """The JSON form of an item of the table."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {name: plain(v) for name, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


REFERENCE = ObjectRef("pictures", "a/b/ünlü.jpg", "d41d8cd98f", None, 1234)
NOW = "2026-01-02T03:04:05.678+00:00"
REJECTED = Result(
    image=ObjectRef("pictures", "x.jpg"),
    error=Rejection("undecodable_image", "The file is damaged or truncated."),
    sequencer="F" * 64,
    scored_at=NOW,
)


@pytest.fixture(
    scope="module", params=["scene", "product", "panorama", "black", "white", "one pixel", "cmyk", "rejected"]
)
def result(request: pytest.FixtureRequest, assessor: Assessor) -> Result:
    pictures = {
        "scene": scene(320, 240),
        "product": product(0.6, 400),
        "panorama": scene(800, 100),
        "black": Image.new("L", (300, 300), 0),
        "white": Image.new("RGB", (300, 300), "white"),
        "one pixel": Image.new("RGB", (1, 1), "red"),
        "cmyk": scene(320, 240).convert("CMYK"),
    }
    if request.param == "rejected":
        return REJECTED
    kind = "JPEG" if request.param == "cmyk" else "PNG"
    assessment = assessor.assess(encode(pictures[request.param], kind))
    reference = replace(REFERENCE, bytes=assessment.image.bytes)
    return Result(image=reference, assessment=assessment, category="shoes", sequencer="0" * 64, scored_at=NOW)


def judged(result: Result, rules: MainImageRules = DEFAULT_RULES) -> Result:
    return replace(result, assessment=result.assessment and result.assessment.judged(Policy(rules=rules)))


def test_a_result_reads_the_same_from_the_table(result: Result) -> None:
    item = stored_and_read(to_item(result))
    again = from_item({"pk": f"image#{result.image.key}", **item})
    assert judged(again) == result
    document = json.loads(json.dumps(result.to_json(), allow_nan=False))
    for policy in document.get("policies", {}).values():
        assert policy.pop("checks")
        for member in ("pass", "policy", "not_checked"):
            del policy[member]
    for member in ("minds", "not_judged"):
        document.get("composite", {}).pop(member, None)
    for reason in document.get("confidence", {}).get("reasons", ()):
        assert reason.pop("message")
    assert plain(item) == document


def test_a_reader_judges_by_its_own_rules(result: Result) -> None:
    rules = MainImageRules(white_share=0, fill=0, minimum_side=1, zoom_side=1, border=1)
    item = stored_and_read(to_item(result))
    by_own = judged(from_item(item), rules)
    assert judged(from_item(stored_and_read(to_item(by_own)))) == result
    if result.assessment is None:
        return
    stored = from_item(item).assessment
    assert stored
    assert (stored.verdict.checks, stored.verdict.passed) == ((), False), "not judged by anybody, and so not passed"
    document = by_own.to_json()
    checks = {check["code"]: check for check in document["policies"]["marketplace_main_image"]["checks"]}
    assert checks["zoom_size"]["pass"] is True
    assert {code: check["threshold"] for code, check in checks.items()} == {
        "white_background": 0, "product_fill": 0, "minimum_size": 1, "zoom_size": 1, "recommended_size": 1600,
        "no_border": 1, "no_text": 0,
    }  # fmt: skip


def test_the_assessors_rules_move_the_verdict(model_folder: Path) -> None:
    picture = encode(product(0.7, 1000))
    model = LazyModel(model_folder, threads=1)
    assert not Assessor(model).assess(picture).verdict.passed
    assert Assessor(model, rules=MainImageRules(fill=0.6)).assess(picture).verdict.passed


def test_the_document_has_every_part(result: Result) -> None:
    document = result.to_json()
    assert {"bucket", "key", "etag", "version_id", "bytes"} <= set(document["image"])
    described = components()["Result"]
    if result.assessment is None:
        assert (document["status"], set(document)) == ("rejected", set(described["required"]))
        return
    assert (document["status"], document["error"]) == ("scored", None)
    assert set(described["properties"]) - set(document) == {*ON_REQUEST, *HEADS} - set(REQUIRED)
    assert set(document) <= set(described["properties"])
    for head in ("technical", "aesthetic"):
        assert sum(document[head]["distribution"]) == pytest.approx(1, abs=1e-5)
        assert set(document[head]) == {"mean", "std", "distribution", "percentile"}


def test_style_and_weights_of_a_call_win_over_the_assessors(model_folder: Path) -> None:
    data = encode(scene(320, 240))
    shop = Assessor(LazyModel(model_folder), style="ecommerce")
    assert shop.assess(data).composite.style == "ecommerce"
    assert shop.assess(data, "landscape").composite.style == "landscape"
    custom = shop.assess(data, weights=Weights.of(1, 0))
    assert custom.composite.score == pytest.approx(custom.technical.distribution.mean)
    with pytest.raises(InvalidRequest):
        shop.assess(data, "moody")


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_the_model_is_loaded_while_the_picture_is_decoded(model_folder: Path, format: str) -> None:
    model, sound = LazyModel(model_folder), encode(scene(1600, 1200), format)
    third = len(sound) // 3
    data = sound[:third] + (bytes(third) + sound[2 * third :] if format == "JPEG" else b"")
    with pytest.raises(UndecodableImage):  # so nobody asked for the model
        Assessor(model).assess(data)
    assert model.begun
    assert not model.loaded
    assert Assessor(model).assess(encode(scene(320, 240))).model.id == "nima-test"


def test_a_refused_picture_does_not_load_the_model(model_folder: Path) -> None:
    model = LazyModel(model_folder)
    with pytest.raises(TooManyPixels):
        Assessor(model, Limits(max_pixels=100)).assess(encode(scene(320, 240)))
    assert not model.begun
    assert not model.loaded


# Confidence


def drawing() -> Image.Image:
    picture = Image.new("RGB", (960, 720), (90, 140, 200))
    draw = ImageDraw.Draw(picture)
    for n in range(12):
        colour = ((n * 83) % 200, (n * 47) % 200, (n * 151) % 200)
        draw.rectangle((n * 80, (n * 197) % 500, n * 80 + 160, (n * 197) % 500 + 200), colour)
    return picture


def grainy(picture: Image.Image) -> Image.Image:
    """With a camera's noise, without which no photograph is."""
    noise = np.random.default_rng(0).normal(0, 1, array(picture).shape)
    return Image.fromarray(np.clip(array(picture) + noise, 0, 255).astype(np.uint8))


def hard_light() -> Image.Image:
    grey = scene().convert("L")
    hard = Image.composite(Image.new("RGB", grey.size, (8, 8, 8)), scene(), grey.point(lambda v: 255 * (v < 105)))
    return Image.composite(Image.new("RGB", grey.size, (247, 247, 247)), hard, grey.point(lambda v: 255 * (v > 150)))


def lonely() -> Image.Image:
    """Something small before a sky."""
    sky = np.linspace((90, 130, 190), (200, 215, 240), 720).astype(np.uint8)
    picture = Image.fromarray(np.broadcast_to(sky[:, np.newaxis], (720, 960, 3)).copy())
    picture.paste(scene().crop((0, 0, 200, 150)), (300, 300))
    return picture


def toned(tone: tuple[int, int, int]) -> Image.Image:
    grey = scene().convert("L")
    return Image.merge("RGB", [grey.point([v * t // 255 for v in range(256)]) for t in tone])


@pytest.mark.parametrize(
    ("picture", "level", "reasons"),
    [
        (scene, "high", []),
        (lambda: scene().convert("L"), "medium", ["monochrome"]),
        (lambda: toned((255, 214, 160)), "medium", ["monochrome"]),
        (lambda: grainy(hard_light()), "medium", ["high_contrast"]),
        (lambda: grainy(lonely()), "medium", ["minimalist"]),
        (drawing, "low", ["minimalist", "abstract"]),
        (lambda: scene(1000, 250), "medium", ["extreme_aspect"]),
        (lambda: scene(200, 150), "medium", ["tiny"]),
        (lambda: scene(200, 150).convert("L"), "low", ["monochrome", "tiny"]),
    ],
    ids=["scene", "grey", "toned", "hard light", "lonely", "drawing", "panorama", "tiny", "tiny and grey"],
)  # fmt: skip
def test_confidence_falls_where_nima_is_known_to_err(
    assessor: Assessor, picture: Callable[[], Image.Image], level: str, reasons: list[str]
) -> None:
    confidence = assessor.assess(encode(picture())).confidence
    assert [reason.code for reason in confidence.reasons] == reasons
    assert confidence.level == level
    assert all(reason.message.endswith(".") for reason in confidence.reasons)


def test_an_unusable_profile_lowers_the_confidence(assessor: Assessor) -> None:
    confidence = assessor.assess(encode(scene(), icc_profile=b"damaged")).confidence
    assert (confidence.level, [reason.code for reason in confidence.reasons]) == ("medium", ["color_profile"])


# Re-framing

FILLS = (0.3, 0.5, 0.7, 0.85, 1.0)
SPEC = InputSpec(kernel="bicubic")


def found(picture: Image.Image) -> Product | None:
    return find_product(np.asarray(picture))


@pytest.mark.parametrize("background", [(255, 255, 255), (238, 240, 244)])
def test_one_product_looks_the_same_to_the_model_whatever_its_margin(background: tuple[int, int, int]) -> None:
    prepared = []
    for fill in FILLS:
        picture = product(fill, background=background)
        prepared.append(Image.fromarray(prepare(picture, found(picture), SPEC)))
    for other in prepared[1:]:
        assert difference(prepared[0], other) < 3
    columns = np.flatnonzero((np.abs(array(prepared[2]) - background) > 25).any(axis=(0, 2)))
    assert (columns[-1] - columns[0] + 1) / 224 == pytest.approx(0.85, abs=0.02)
    assert columns[0] == pytest.approx(223 - columns[-1], abs=2)


@pytest.mark.parametrize("fill", FILLS)
def test_the_true_fill_is_told_and_the_switch_turns_it_off(model_folder: Path, assessor: Assessor, fill: float) -> None:
    data = encode(product(fill), "JPEG", quality=90)
    traits = assessor.assess(data).traits
    assert traits.reframed is not None
    assert traits.reframed.fill == pytest.approx(fill, abs=0.02)
    assert min(traits.reframed.background) >= 254
    assert Assessor(assessor.model, reframe=False).assess(data).traits.reframed is None


def test_the_middle_lies_below_at_full_detail() -> None:
    spec = InputSpec(width=192, height=192, kernel="bicubic", tile=192)
    pixels = np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    prepared = prepare(Image.fromarray(pixels), None, spec)
    assert prepared.shape == spec.shape == (384, 192, 3)
    assert np.array_equal(prepared[192:], pixels[144:336, 224:416])
    small = pixels[:61, :100]
    below = prepare(Image.fromarray(small), None, spec)[192:]
    assert np.array_equal(below[65:126, 46:146], small)
    assert np.array_equal(below[64], below[65])


def off_centre() -> Image.Image:
    picture = Image.new("RGB", (1200, 800), "white")
    picture.paste(product(1.0, 300), (850, 450))
    return picture


def test_a_product_in_a_corner_comes_to_the_middle() -> None:
    picture = off_centre()
    middle = Image.fromarray(prepare(picture, found(picture), SPEC))
    centred = Image.fromarray(prepare(product(0.4), found(product(0.4)), SPEC))
    assert difference(middle, centred) < 4


@pytest.mark.parametrize(
    "picture",
    [
        scene,
        lambda: scene(seed=1),
        lambda: product(0.6, background=(20, 20, 20)),
        lambda: Image.new("RGB", (600, 600), "white"),
        lambda: Image.new("RGB", (5, 5), "white"),
        lambda: product(0.6).filter(ImageFilter.GaussianBlur(60)).point(lambda v: v * 190 // 255),
    ],
    ids=["scene", "another scene", "black", "nothing on it", "a dot", "fog"],
)
def test_everything_else_is_left_as_it_is(picture: Callable[[], Image.Image]) -> None:
    assert found(picture()) is None


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_small_picture_is_prepared(width: int, height: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 255, np.uint8)
    top, left = rng.integers(0, height), rng.integers(0, width)
    pixels[top : top + 9, left : left + 9] = rng.integers(0, 256, 3)
    picture = Image.fromarray(pixels)
    assert prepare(picture, found(picture), SPEC).shape == (224, 224, 3)
