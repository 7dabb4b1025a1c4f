"""Camera RAW: what is read of it, how it is turned and exposed, and what is refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

import nima
from nima.assess.assessor import Assessor
from nima.desk.companions import by_shot
from nima.desk.metadata import exif_of
from nima.errors import UndecodableImage, UnsupportedFormat
from nima.image.decode import Picture, read_picture
from nima.image.limits import Limits
from nima.image.raw.complete import directories
from nima.image.raw.develop import is_raw
from tests.dng import dng, lossy_dng

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_TAKEN = datetime(2026, 5, 1, 10, 0, 0, 250_000)


@pytest.fixture(scope="module")
def seen() -> Image.Image:
    """A scene on a sensor: every corner differs, and nothing is finer than a Bayer cell."""
    corners = np.array([[[200, 40, 40], [40, 200, 40]], [[40, 40, 200], [190, 190, 60]]], np.uint8)
    return Image.fromarray(corners).resize((720, 480), Image.Resampling.BICUBIC)


def _read(data: bytes, reading: str = "preview") -> Picture:
    return read_picture(data, Limits(), reading)


def _likeness(one: Image.Image, other: Image.Image) -> float:
    small = np.stack([np.asarray(image.resize((24, 24)), np.float64).ravel() for image in (one, other)])
    return float(np.corrcoef(small).ravel()[1])


@pytest.mark.parametrize("reading", ["preview", "demosaic"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_stands_upright_however_it_is_read(seen: Image.Image, orientation: int, reading: str) -> None:
    picture = _read(dng(seen, orientation=orientation), reading)
    upright = seen.transpose(_UPRIGHT[orientation]) if orientation > 1 else seen
    assert (picture.format, picture.width, picture.height) == ("RAW", *upright.size)
    assert _likeness(picture.frame, upright) > 0.97


def test_a_preview_that_is_large_enough_is_judged_else_the_sensor_s_pixels(seen: Image.Image) -> None:
    assert max(_read(dng(seen, preview=700)).frame.size) == 700
    for preview in (320, 0):
        assert max(_read(dng(seen, preview=preview)).frame.size) == 360  # half of the sensor's


@pytest.mark.parametrize("stops", [-2, 1])
def test_developing_keeps_the_exposure(seen: Image.Image, stops: float) -> None:
    usual, other = (np.asarray(_read(dng(seen, stops=s), "demosaic").frame).mean() for s in (0, stops))
    assert other < 0.7 * usual if stops < 0 else other > 1.15 * usual


@pytest.mark.parametrize("reading", ["preview", "demosaic"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.99])
def test_what_is_cut_short_is_refused(seen: Image.Image, share: float, reading: str) -> None:
    whole = dng(seen)
    with pytest.raises(UndecodableImage):
        _read(whole[: round(share * len(whole))], reading)


def test_a_sensor_that_was_read_in_part_is_refused(seen: Image.Image) -> None:
    whole = bytearray(dng(seen, preview=0))
    tags = list(directories(bytes(whole)))[-1]
    (start,), (length,) = tags[273], tags[279]
    whole[start + length // 2 : start + length] = bytes(length - length // 2)
    with pytest.raises(UndecodableImage):
        _read(bytes(whole), "demosaic")


@pytest.mark.parametrize("reading", ["preview", "demosaic"])
@pytest.mark.parametrize(("missing", "refused"), [(0, False), (900, True), (3, True)])
def test_a_lossy_dng_of_which_a_part_is_missing_is_refused(
    seen: Image.Image, missing: int, refused: bool, reading: str
) -> None:
    file = lossy_dng(seen, missing)
    if refused:
        with pytest.raises(UndecodableImage, match="a part of its pixels is missing"):
            _read(file, reading)
    else:
        assert _likeness(_read(file, reading).frame, seen) > 0.9


def test_functions_do_not_read_it(seen: Image.Image) -> None:
    assert Assessor.__dataclass_fields__["raw"].default is None
    with pytest.raises(UnsupportedFormat):
        read_picture(dng(seen), Limits())


def test_tells_how_it_was_taken(seen: Image.Image) -> None:
    exif = exif_of(dng(seen, taken=_TAKEN, iso=400))
    told = exif.get_ifd(ExifTags.IFD.Exif)
    assert told[ExifTags.Base.DateTimeOriginal] == "2026:05:01 10:00:00"
    assert (told[ExifTags.Base.SubsecTimeOriginal], told[ExifTags.Base.ISOSpeedRatings]) == ("25", 400)


@pytest.mark.parametrize("begin", [b"II*\x00", b"MM\x00*", b"IIRO", b"IIU\x00"])
@pytest.mark.parametrize("more", [b"", b"\x08\x00\x00"])
def test_a_file_that_ends_in_its_header_is_refused(begin: bytes, more: bytes) -> None:
    for judged in (_read, nima.score):
        with pytest.raises((UndecodableImage, UnsupportedFormat)):
            judged(begin + more)
    assert isinstance(is_raw(begin + more), bool)


@pytest.mark.parametrize("data", [b"", b"II*\x00", b"IIU\x00" + bytes(40), b"FUJIFILMCCD-RAW" + b"\xff" * 100])
def test_damaged_tags_tell_nothing(data: bytes) -> None:
    assert dict(exif_of(data)) == {}


def test_one_raw_and_one_rendered_file_are_one_shot(tmp_path: Path) -> None:
    names = ["a.JPG", "A.cr2", "a.xmp", "a.cr2.xmp", "b.dng", "b.nef", "b.jpg", "b.heic", "c.nef", "c.NEF.xmp", "d.jpg"]
    for name in names:
        (tmp_path / name).touch()
    pictures = [tmp_path / name for name in names if "xmp" not in name]
    found = {file.name: {other.name for other in others} for file, others in by_shot(pictures).items()}
    assert found == {
        "a.JPG": {"A.cr2", "a.xmp", "a.cr2.xmp"},
        "b.jpg": {"b.nef"},
        "b.heic": set(),
        "b.dng": set(),
        "c.nef": {"c.NEF.xmp"},
        "d.jpg": set(),
    }


@pytest.mark.parametrize(
    ("names", "shots"),
    [
        (
            ("IMG_1.jpg", "img_1.jpg", "IMG_1.xmp", "img_1.xmp"),
            {"IMG_1.jpg": {"IMG_1.xmp"}, "img_1.jpg": {"img_1.xmp"}},
        ),
        (("a.jpg", "a.jpg.jpg", "a.jpg.xmp"), {"a.jpg": {"a.jpg.xmp"}, "a.jpg.jpg": set()}),
        (("a.jpg", "a.jpg.jpg", "a.xmp", "A.JPG.JPG.xmp"), {"a.jpg": {"a.xmp"}, "a.jpg.jpg": {"A.JPG.JPG.xmp"}}),
        (("1.CR3", "1.HIF", "1.JPG", "1.xmp"), {"1.JPG": {"1.CR3", "1.xmp"}, "1.HIF": set()}),
        (
            ("caf\u00e9.jpg", "cafe\u0301.CR2", "cafe\u0301.xmp"),
            {"caf\u00e9.jpg": {"cafe\u0301.CR2", "cafe\u0301.xmp"}},
        ),
    ],
)
def test_a_sidecar_is_of_one_shot(tmp_path: Path, names: tuple[str, ...], shots: dict[str, set[str]]) -> None:
    for name in names:
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) < len(names):
        pytest.skip("the names are of one file here")
    pictures = [tmp_path / name for name in names if not name.endswith(".xmp")]
    for order in (pictures, pictures[::-1]):
        assert {file.name: {one.name for one in others} for file, others in by_shot(order).items()} == shots


def test_a_live_photo_is_its_picture_and_its_film(tmp_path: Path) -> None:
    for name in ("IMG_1.HEIC", "IMG_1.MOV", "IMG_2.MOV"):
        (tmp_path / name).touch()
    assert by_shot([tmp_path / "IMG_1.HEIC"]) == {tmp_path / "IMG_1.HEIC": (tmp_path / "IMG_1.MOV",)}


def test_sidecars_of_further_versions_go_with_their_file(tmp_path: Path) -> None:
    """As darktable names those of duplicates; one of a picture that goes by such a name is that one's."""
    names = ("a.cr2", "a.cr2.xmp", "a_01.cr2.xmp", "a_02.CR2.xmp", "b.jpg", "b_01.jpg", "b_01.jpg.xmp", "c_01.nef.xmp")
    for name in names:
        (tmp_path / name).touch()
    pictures = [tmp_path / name for name in names if "xmp" not in name]
    found = {file.name: {other.name for other in others} for file, others in by_shot(pictures).items()}
    assert found == {
        "a.cr2": {"a.cr2.xmp", "a_01.cr2.xmp", "a_02.CR2.xmp"},
        "b.jpg": set(),
        "b_01.jpg": {"b_01.jpg.xmp"},
    }
