"""Defects that judgement is measured with do what they say, and no picture lies on both sides of the split."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nima.training.defects import lettering, light, optics, staging
from nima.training.defects.looks import LOOKS
from nima.training.distill.data_list import HELD_OUT, TRAIN
from tests.bench.judgement import corpus, measures, sources
from tests.bench.judgement.darkroom import CLEAN, Recipe, made
from tests.bench.judgement.defects import DEFECTS, OFF_WHITE
from tests.pictures import product, scene

PHOTOGRAPH = scene(320, 240)


def pixels(image: Image.Image) -> NDArray[np.int16]:
    return np.asarray(image).astype(np.int16)


def pixel(image: Image.Image, x: int = 0, y: int = 0) -> tuple[int, ...]:
    return tuple(int(value) for value in np.asarray(image)[y, x])


def linear(value: float) -> float:
    return float(((value / 255 + 0.055) / 1.055) ** 2.4)


def point(size: int = 41) -> Image.Image:
    image = Image.new("RGB", (size, size))
    image.putpixel((size // 2, size // 2), (255, 255, 255))
    return image


def spread(image: Image.Image) -> NDArray[np.float64]:
    """The covariance of where the light of a point has gone, x and y with y upwards."""
    shares = np.asarray(image.convert("L"), float)
    shares /= shares.sum()
    y, x = np.indices(shares.shape)
    x, y = x - (shares * x).sum(), -(y - (shares * y).sum())
    return np.array([[(shares * a * b).sum() for a in (x, y)] for b in (x, y)])


def test_exposure_is_in_linear_light() -> None:
    grey = Image.new("RGB", (4, 4), (90, 120, 60))
    for stops in (-3, -1.5, 1, 1.5):
        for before, after in zip((90, 120, 60), pixel(light.exposed(grey, stops)), strict=True):
            assert linear(after) == pytest.approx(min(1, linear(before) * 2**stops), rel=0.06)
    assert light.exposed(Image.new("RGB", (1, 1), (230, 230, 230)), 1.5).getpixel((0, 0)) == (255, 255, 255)


def test_haze_lifts_black_to_the_air_and_tints_are_gains() -> None:
    hazed = pixel(light.hazed(Image.new("RGB", (1, 1)), 0.6))
    assert [linear(v) for v in hazed] == pytest.approx([0.6 * air for air in (0.78, 0.8, 0.83)], rel=0.03)
    assert light.tinted(Image.new("RGB", (1, 1), (200, 200, 200)), (1, 0.88, 0.66)).getpixel((0, 0)) == (200, 176, 132)


@pytest.mark.parametrize("angle", [0, 0.5, np.pi / 2, 2.2])
def test_motion_has_a_length_and_a_direction(angle: float) -> None:
    covariance = spread(optics.motion_blur(point(), 16, angle))
    values, vectors = np.linalg.eigh(covariance)
    assert np.sqrt(12 * values[1]) == pytest.approx(16, rel=0.08)
    assert values[0] < 0.5
    assert abs(vectors[:, 1] @ (np.cos(angle), np.sin(angle))) > 0.99


def test_a_lens_makes_an_even_disc_and_neither_blur_darkens() -> None:
    disc = optics.disc_blur(point(), 6)
    assert np.diag(spread(disc)) == pytest.approx([6**2 / 4] * 2, rel=0.1)
    assert 2 * np.pi * 6**2 * 0.4 < np.count_nonzero(pixels(disc)[..., 0])
    for blurred in (optics.disc_blur(PHOTOGRAPH, 3), optics.motion_blur(PHOTOGRAPH, 9, 1)):
        assert blurred.size == PHOTOGRAPH.size
        assert pixels(blurred).mean() == pytest.approx(pixels(PHOTOGRAPH).mean(), abs=0.5)


def test_goods_are_cut_out_whole_with_their_white_parts() -> None:
    shot = product(0.6, 300)
    ImageDraw.Draw(shot).ellipse((140, 140, 160, 160), (255, 255, 255))
    goods = staging.cut_out(shot)
    assert pixel(goods, 150, 150)[3] == 255
    assert pixel(goods, 5, 5)[3] == 0
    assert staging.extent(goods) == pytest.approx((60, 105, 240, 195), abs=2)
    assert staging.whole(goods)


@pytest.mark.parametrize("side", staging.SIDES)
def test_goods_cut_off_by_a_share_lose_it_on_that_side(side: str) -> None:
    goods = staging.cut_out(product(0.6, 300))
    before = np.array(staging.extent(goods))
    lost = staging.cut_off(goods, 0.3, side)
    after = np.array(staging.extent(lost))
    axis = 0 if side in (staging.LEFT, staging.RIGHT) else 1
    extents = [box[axis + 2] - box[axis] for box in (before, after)]
    assert extents[1] == pytest.approx(0.7 * extents[0], abs=2)
    assert lost.size == goods.size
    assert not staging.whole(lost)
    met = {staging.LEFT: after[0] == 0, staging.TOP: after[1] == 0}
    met |= {staging.RIGHT: after[2] == lost.width, staging.BOTTOM: after[3] == lost.height}
    assert [name for name, touches in met.items() if touches] == [side]


def test_a_ground_has_its_level_and_a_shadow_its_depth() -> None:
    goods = staging.cut_out(product(0.6, 300))
    plain, shaded = (staging.on_ground(goods, OFF_WHITE, shadow) for shadow in (0, 0.35))
    assert plain.getpixel((2, 2)) == OFF_WHITE == shaded.getpixel((2, 2))
    ground = np.asarray(goods)[..., 3] == 0
    deepest = (pixels(plain) - pixels(shaded))[ground].max()
    assert 0.12 * OFF_WHITE[0] < deepest <= 0.36 * OFF_WHITE[0]
    behind = pixels(staging.before(goods, PHOTOGRAPH))
    assert behind[ground].std() > 20


@pytest.mark.parametrize("kind", lettering.KINDS)
def test_text_is_seen(kind: str) -> None:
    for ground in ((250, 250, 250), (20, 20, 20)):
        image = Image.new("RGB", (400, 300), ground)
        changed = np.abs(pixels(lettering.lettered(image, kind, np.random.default_rng(3))) - pixels(image)).max(axis=2)
        assert 0.001 < (changed > 25).mean() < 0.4


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like that of the shared photographs; among the camera's, each picture lies there twice."""
    folder = tmp_path_factory.mktemp("photos")
    for name in (*sources.PHOTOGRAPHS, *sources.GOODS, *sources.PACKSHOTS):
        (folder / name).mkdir()
    for number in range(12):
        picture = scene(96, 72, seed=number // 2)
        picture.save(folder / "camera" / f"{number:02}.jpg", quality=85 + number % 2)
    goods = staging.cut_out(product(0.6, 300))
    for name in ("cup-front", "cup-back", "tee-1", "tee-2", "hat", "bag"):
        goods.save(folder / "cutout-alpha" / f"{name}.webp")
    (folder / "catalogue" / "mb01").mkdir()
    for view in ("main", "back"):
        product(0.6, 300).save(folder / "catalogue" / "mb01" / f"mb01-red_{view}.jpg")
    PHOTOGRAPH.save(folder / "general" / "a.jpg")
    return folder


def test_no_picture_and_no_product_lies_on_both_sides(photos: Path) -> None:
    camera = [s for s in sources.photographs(photos) if s.collection == sources.CAMERA]
    assert {s.split for s in camera} == {TRAIN, HELD_OUT}
    assert all(s.split == HELD_OUT for s in camera[:: sources.EVERY])
    for one, same in zip(camera[::2], camera[1::2], strict=True):
        assert one.split == same.split
    packshots = sources.packshots(photos)
    groups = {group: {s.split for s in packshots if s.group == group} for group in {s.group for s in packshots}}
    assert all(len(sides) == 1 for sides in groups.values())
    assert groups["cutout-alpha/cup"] | groups["cutout-alpha/tee"] | groups["cutout-alpha/hat"] == {TRAIN, HELD_OUT}
    assert {s.split for s in sources.catalogue(photos)} == {HELD_OUT}


def test_more_pictures_are_the_same_and_more(photos: Path) -> None:
    every = sources.drawn(sources.photographs(photos), None)
    assert sources.drawn(sources.photographs(photos), 5) == every[:5]
    assert {s.collection for s in every[:2]} == {"general", "camera"}


def test_examples_are_made_once_and_the_same_again(photos: Path, tmp_path: Path) -> None:
    (source,) = [s for s in sources.photographs(photos) if s.collection == "general"]
    (alpha, *_) = [s for s in sources.packshots(photos) if s.collection == "cutout-alpha"]
    recipes = list(corpus.recipes([source, alpha], [source], looks=True))
    assert {(r.kind, r.level) for r in recipes} == {
        *((defect.kind, level.name) for defect in DEFECTS for level in defect.levels),
        *((CLEAN, level) for level in ("as it is", "saved again", *LOOKS)),
    }
    recipe = next(r for r in recipes if (r.source, r.kind, r.level) == (alpha, "clutter", "a photograph"))
    content = made(recipe, tmp_path)
    assert content is not None
    assert np.asarray(Image.open(io.BytesIO(content))).shape[2] == 3
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"kept")
    assert made(recipe, tmp_path) == b"kept"
    kept.unlink()
    assert made(recipe, tmp_path) == content
    assert made(Recipe(source, "cut off", "30 %"), tmp_path) is None


def test_measures_by_hand() -> None:
    wilson = measures.share(9, 10)
    assert (wilson.value, round(wilson.low, 3), round(wilson.high, 3)) == (0.9, 0.596, 0.982)
    clean = [0.0] * 97 + [0.2, 0.5, 0.9]
    assert measures.threshold(clean, 0.015) == 0.5
    assert measures.precision(0.8, 0.02) == pytest.approx(0.12 / 0.137)
    assert measures.precision(0, 0) is None
    grouped = measures.grouped_share({"a": [True, True], "b": [False]})
    assert (grouped.value, grouped.low, grouped.high, grouped.n) == pytest.approx((2 / 3, 0, 1, 3))
