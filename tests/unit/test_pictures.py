"""``import nima``: pictures judged from Python, by the model that comes along."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

import nima
from nima.errors import (
    ImageTooLarge,
    InvalidRequest,
    ModelUnavailable,
    TooManyPixels,
    UndecodableImage,
    UnreadableFile,
    UnsupportedFormat,
)
from tests.pictures import encode, scene
from tests.unit.test_colour import DISPLAY_P3
from tests.waiting import PATIENCE


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "photo.png"
    path.write_bytes(encode(scene(640, 480)))
    return path


def means(assessment: nima.Assessment) -> tuple[float, float]:
    return assessment.technical.mean, assessment.aesthetic.mean


def test_a_path_its_bytes_and_its_image_are_one_picture(photo: Path) -> None:
    by_path = nima.score(photo)
    assert by_path.model.id == "nima-lite"
    assert means(nima.score(str(photo))) == means(by_path)
    assert means(nima.score(photo.read_bytes())) == means(by_path)
    with Image.open(photo) as image:
        assert means(nima.score(image)) == means(by_path)


def test_maps_are_made_on_request(photo: Path) -> None:
    assert nima.score(photo).maps is None
    maps = nima.score(photo, maps=True).maps
    assert maps
    assert maps["aesthetic"].exact


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I;16"])
def test_an_image_of_any_mode_of_pictures_is_scored(mode: str) -> None:
    image = scene(640, 480)
    as_mode = image.convert("L").convert("I").convert("I;16") if mode == "I;16" else image.convert(mode)
    assert as_mode.mode == mode
    assert 1 < nima.score(as_mode).composite.score < 10


def test_an_image_keeps_its_orientation_and_its_profile(photo: Path) -> None:
    image = scene(640, 480)
    marks = Image.Exif()
    marks[ExifTags.Base.Orientation] = 6
    file = io.BytesIO()
    image.save(file, "PNG", exif=marks)
    turned = nima.score(Image.open(file))
    assert means(turned) == means(nima.score(file.getvalue()))
    assert turned.traits.aspect == pytest.approx(480 / 640, abs=0.001)
    image.info["icc_profile"] = DISPLAY_P3
    assert nima.score(image).traits.color_space == "Display P3"


def test_style_and_weights_weigh(photo: Path) -> None:
    technical, aesthetic = means(nima.score(photo))
    for options, share in (({"style": "portrait"}, 0.3), ({"weights": (3, 1)}, 0.75)):
        composite = nima.score(photo, **options).composite
        assert composite.score == pytest.approx(share * technical + (1 - share) * aesthetic, abs=1e-3)


@pytest.mark.parametrize(
    ("picture", "options", "error"),
    [
        ("missing.jpg", {}, UnreadableFile),
        (Path(), {}, UnreadableFile),
        ("no\0name.jpg", {}, UnreadableFile),
        ("no\ud800name.jpg", {}, UnreadableFile),
        (b"", {}, UndecodableImage),
        (b"text", {}, UnsupportedFormat),
        (bytes((25 << 20) + 1), {}, ImageTooLarge),
        (Image.new("1", (50_000, 1_001)), {}, TooManyPixels),
        (Image.new("F", (10, 10)), {}, UnsupportedFormat),
        (b"text", {"style": "macro"}, InvalidRequest),
        (b"text", {"weights": (-1, 2)}, InvalidRequest),
        (b"text", {"model": "nobody"}, ModelUnavailable),
        (encode(scene(64, 48)), {"model": Path("nowhere")}, ModelUnavailable),
        (5, {}, TypeError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_what_is_wrong_has_its_own_error(picture: Any, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        nima.score(picture, **options)


def test_a_closed_or_damaged_image_is_undecodable(photo: Path) -> None:
    image = Image.open(photo)
    image.close()
    for bad in (image, Image.open(io.BytesIO(photo.read_bytes()[:5000]))):
        with pytest.raises(UndecodableImage):
            nima.score(bad)


def test_a_ranking_names_every_picture(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a picture")
    dull = scene(640, 480, seed=5).point(lambda value: value // 8)
    ranking = nima.rank([photo, str(tmp_path / "text.jpg"), dull, "missing.jpg", "no\0name"], style="landscape")
    assert [entry.key for entry in ranking.entries] == [str(photo), "2"]
    assert ranking.recommended
    assert ranking.recommended.key == str(photo)
    refused = {result.image.key: result.error for result in ranking.rejected}
    assert set(refused) == {str(tmp_path / "text.jpg"), "missing.jpg", "no\0name"}
    assert nima.rank([]).entries == ()


def test_a_path_that_looks_like_a_place_hides_no_picture(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, seed in (("0", 5), ("#0", 6)):
        Path(name).write_bytes(encode(scene(320, 240, seed=seed)))
    ranking = nima.rank([photo.read_bytes(), "0", Path("#0"), photo.read_bytes(), "0"])
    named = [key for entry in ranking.entries for key in (entry.key, *entry.duplicates)]
    assert sorted(named) == ["##0", "#0", "0", "3"]
    sizes = {one.key: one.pixels for entry in ranking.entries for one in entry.pictures}
    assert (sizes["##0"], sizes["0"]) == (640 * 480, 320 * 240), "and each is itself"


@pytest.mark.parametrize("single", ["photo.jpg", b"photo", Path("photo.jpg"), Image.new("L", (8, 8))])
def test_a_single_picture_is_no_list(single: Any) -> None:
    with pytest.raises(TypeError, match="several"):
        nima.rank(single)


IN_THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
import nima
with ThreadPoolExecutor(4) as pool:
    scores = {assessment.composite.score for assessment in pool.map(nima.score, [sys.argv[1]] * 8)}
with open("/proc/self/maps") as maps:
    loaded = [line for line in maps if "nima.tflite" in line]
assert (len(scores), len(loaded)) == (1, 1), (scores, loaded)
"""
FORKED = """
import os, sys
import nima
score = nima.score(sys.argv[1]).composite.score
child = os.fork()
if not child:
    os._exit(nima.score(sys.argv[1]).composite.score != score)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("script", [IN_THREADS, FORKED], ids=["threads", "forked"])
def test_a_process_has_one_model_whoever_asks(photo: Path, script: str) -> None:
    subprocess.run([sys.executable, "-c", script, str(photo)], check=True, timeout=PATIENCE)


def test_what_is_not_there_is_no_attribute() -> None:
    assert {"rank", "score", "NimaError"} <= set(dir(nima))
    with pytest.raises(AttributeError, match="'scores'"):
        nima.scores  # type: ignore[attr-defined]  # noqa: B018
