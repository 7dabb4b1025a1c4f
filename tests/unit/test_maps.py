"""Maps: what a score is made of place by place, and where the reasons lie."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from nima.assess.assessor import Assessor
from nima.assess.maps import REASONS
from nima.assess.occlusion import INFERENCES
from nima.document.assessment import Assessment
from nima.document.defects import DEFECTS
from nima.document.item import to_item
from nima.document.maps import MAPS, KeptMaps, PlaceMap
from nima.document.read import read
from nima.document.result import ObjectRef, Result
from nima.heads import HEADS
from nima.local.pictures import default_pictures
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel, Model
from nima.model.pooled import contributions
from tests.pictures import encode, product, scene

NIMA_LITE = SHIPPED / "nima-lite"
OPINIONS = np.arange(1, 11)


@cache
def assessor() -> Assessor:
    return Assessor(LazyModel(NIMA_LITE, 1), maps=True)


def assessed(image: Image.Image, kind: str = "PNG", **options: Any) -> Assessment:
    return assessor().assess(encode(image, kind, **options))


def maps(image: Image.Image) -> dict[str, PlaceMap]:
    found = assessed(image).maps
    assert found is not None
    return dict(found)


def grid(found: PlaceMap) -> NDArray[np.float64]:
    return np.array(found.values)


@cache
def photograph(name: str) -> Image.Image:
    """One of those that come with scikit-image."""
    path = next(path for path in default_pictures().files.values() if path.name == name)
    return Image.open(path).convert("RGB")


def quarter(image: Image.Image, number: int) -> tuple[int, int, int, int]:
    across, down = image.width // 2, image.height // 2
    left, top = number % 2 * across, number // 2 * down
    return left, top, left + across, top + down


# What a score is made of


def test_the_aesthetic_score_is_its_places_and_what_the_model_says_of_nothing() -> None:
    """With the shipped model: whatever the picture, and re-framed or not, the constant is one and the sum is exact."""
    bases = set()
    for image in (
        scene(320, 240, seed=1),
        scene(240, 400, seed=2),
        product(fill=0.4, side=400),
        photograph("coffee.png"),
    ):
        found = assessed(image)
        assert found.maps
        aesthetic = found.maps["aesthetic"]
        assert aesthetic.exact
        assert aesthetic.base is not None
        assert aesthetic.base + grid(aesthetic).sum() == pytest.approx(found.aesthetic.mean, abs=5e-4)
        assert grid(aesthetic).std() > 0.005
        bases.add(aesthetic.base)
    assert len(bases) == 1


def test_heads_that_are_linear_on_means_need_no_covering(model_folder: Path) -> None:
    """Both heads of a plain NIMA MobileNet."""
    found = Assessor(LazyModel(model_folder, 1), maps=True).assess(encode(scene(320, 240)))
    assert found.maps
    for head in HEADS:
        place = found.maps[head]
        assert place.exact
        assert (place.base or 0) + grid(place).sum() == pytest.approx(found.scores[head].mean, abs=5e-4)


def test_parts_of_a_mean_add_up_whatever_the_network_learned() -> None:
    rng = np.random.default_rng(3)
    features = rng.gamma(1, 1, (3, 4, 20))
    features[1, 2] = 0
    kernel, bias = rng.normal(0, 1.5, (10, 20)), rng.normal(0, 1, 10)
    found = contributions(features, kernel, bias)

    def mean(logits: NDArray[np.float64]) -> float:
        powers = np.exp(logits - logits.max())
        return float(powers @ OPINIONS / powers.sum())

    assert found.base == pytest.approx(mean(bias))
    whole = mean(kernel @ features.mean(axis=(0, 1)) + bias)
    assert found.base + found.points.sum() == pytest.approx(whole, abs=1e-9)
    # What has no features has no part, and a place's part goes where its features go.
    assert found.points[1, 2] == 0
    turned = contributions(features[::-1, ::-1], kernel, bias)
    assert turned.points == pytest.approx(found.points[::-1, ::-1])


def test_covering_marks_the_quarter_that_is_spoiled() -> None:
    for number in range(4):
        image = photograph("coffee.png").copy()
        box = quarter(image, number)
        file = io.BytesIO()
        image.crop(box).save(file, "JPEG", quality=6)
        image.paste(Image.open(file), box)
        technical = maps(image)["technical"]
        assert not technical.exact
        assert technical.base is None
        quarters = grid(technical).reshape(2, 2, 2, 2).mean(axis=(1, 3)).ravel()
        assert np.argmin(quarters) == number


def test_covering_takes_a_few_inferences_and_no_map_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    predict = Model.predict
    monkeypatch.setattr(Model, "predict", lambda model, pixels: asked.append(1) or predict(model, pixels))  # type: ignore[func-returns-value]
    data = encode(scene(320, 240))
    assert replace(assessor(), maps=False).assess(data).maps is None
    assert len(asked) == 1
    assert assessor().assess(data).maps
    assert len(asked) == 2 + INFERENCES


def test_scores_are_the_same_with_maps_and_without() -> None:
    data = encode(product(fill=0.4, side=400))
    plain, mapped = replace(assessor(), maps=False).assess(data), assessor().assess(data)
    assert mapped.scores == plain.scores


# Where the reasons lie


def test_softness_is_where_the_picture_was_blurred() -> None:
    image = photograph("brick.png").copy()
    left = image.crop((0, 0, image.width // 2, image.height)).filter(ImageFilter.GaussianBlur(5))
    image.paste(left, (0, 0))
    soft = grid(maps(image)["soft"])
    middle = soft.shape[1] // 2
    assert soft[:, : middle - 1].mean() > 0.8
    assert soft[:, middle + 1 :].mean() < 0.2


def test_clipped_is_a_blown_sky_and_a_black_foot_but_no_white_ground() -> None:
    image = scene(480, 360).copy()
    image.paste((255, 255, 255), (0, 0, 480, 100))
    image.paste((0, 0, 0), (0, 300, 240, 360))
    clipped = grid(maps(image)["clipped"])
    assert clipped[:4].min() > 0.99
    assert clipped[-2:, :11].min() > 0.99
    assert clipped[6:14].max() < 0.2

    assert grid(maps(product(fill=0.5, side=450))["clipped"]).max() < 0.2


def test_not_white_is_the_grey_corner_of_a_ground() -> None:
    image = product(fill=0.5, side=450)
    assert grid(maps(image)["not_white"]).max() < 0.1
    shade = ImageDraw.Draw(image)
    for step in range(12):  # a soft shadow
        size = 100 - 4 * step
        shade.rectangle((0, 0, size, size), (252 - 2 * step,) * 3)
    not_white = grid(maps(image)["not_white"])
    assert not_white[:3, :3].min() > 0.95
    assert not_white[-6:].max() < 0.05
    assert not_white[:, -6:].max() < 0.05


def test_without_a_plain_ground_no_place_of_it_is_shown() -> None:
    assert "not_white" not in maps(scene(320, 240))


@pytest.mark.parametrize("height", [36, 72])
def test_text_is_where_it_stands(height: int) -> None:
    image = scene(960, 720).filter(ImageFilter.GaussianBlur(2))
    assert grid(maps(image)["text"]).max() < 0.5
    draw = ImageDraw.Draw(image)
    draw.rectangle((420, 560, 940, 560 + 2 * height), "white")
    draw.text((440, 560 + height // 2), "SALE -30% NOW", "black", ImageFont.load_default(height))
    text = grid(maps(image)["text"])
    row, column = np.unravel_index(np.argmax(text), text.shape)
    assert text.max() > 0.5
    assert 560 / 720 - 0.06 < (row + 0.5) / text.shape[0] < (560 + 2 * height) / 720 + 0.06
    assert (column + 0.5) / text.shape[1] > 400 / 960
    assert text[: text.shape[0] // 2].max() < 0.5


# What a map is


def test_a_re_framed_products_scores_are_mapped_onto_what_the_network_saw() -> None:
    found = maps(product(fill=0.4, side=500))
    left, top, right, bottom = found["aesthetic"].box
    # Its longer side, .4 of the picture, takes .85 of what was seen, about the same middle.
    assert right - left == pytest.approx(0.4 / 0.85, abs=0.01)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((0.5, 0.5), abs=0.01)
    assert found["technical"].box == found["aesthetic"].box
    assert found["soft"].box == (0, 0, 1, 1)

    filling = maps(product(fill=0.97, side=500))["aesthetic"].box
    assert filling[0] < 0
    assert filling[2] > 1


def test_of_a_panorama_the_middle_is_mapped() -> None:
    found = maps(scene(800, 200))
    for one in found.values():
        assert one.box == (0.25, 0, 0.75, 1)
    assert grid(found["soft"]).shape == (12, 24)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 40), (30, 17)])
def test_the_smallest_pictures_have_maps(size: tuple[int, int]) -> None:
    for name, one in maps(Image.new("RGB", size, (90, 120, 30))).items():
        assert np.isfinite(grid(one)).all(), name


def test_every_value_of_a_reason_is_a_share() -> None:
    for image in (scene(320, 240), product(fill=0.5, side=300)):
        for name, one in maps(image).items():
            assert name in HEADS or (grid(one).min() >= 0 and grid(one).max() <= 1), name


def test_the_maps_are_small() -> None:
    document = assessed(scene(480, 480)).to_json()
    assert len(str(document["maps"])) < 20_000


def test_every_map_is_made_and_shows_known_defects() -> None:
    assert list(MAPS) == [*HEADS, *REASONS]
    for name, kind in MAPS.items():
        assert set(kind.defects) <= set(DEFECTS), name
    assert set(maps(product(fill=0.5, side=300))) == set(MAPS)


def test_the_table_keeps_no_maps_and_documents_have_them_only_on_request() -> None:
    found = assessed(scene(320, 240))
    result = Result(image=ObjectRef(key="a.png"), assessment=found)
    assert "maps" in result.to_json()
    assert "maps" not in to_item(result)
    plain = replace(assessor(), maps=False).assess(encode(scene(320, 240)))
    assert "maps" not in plain.to_json()


def test_kept_maps_are_read_as_they_were_written_and_what_is_not_known_is_left_out() -> None:
    kept = KeptMaps(maps(scene(320, 240)))
    written = kept.to_json()
    assert read(KeptMaps, written, {}) == kept
    later = {**written, "of_a_later_release": written["soft"], "clipped": {"unit": "?"}}
    assert set(read(KeptMaps, later, {}).maps) == set(kept.maps) - {"clipped"}
