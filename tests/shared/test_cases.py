"""The cases of the shared data that once went wrong: each is answered as its list there says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nima.assess.assessor import Assessor
from nima.errors import NimaError
from nima.image.decode import Picture, read_picture
from nima.image.limits import Limits
from nima.model.folder import SHIPPED
from nima.model.litert import LazyModel
from tests.pictures import difference

REFUSED = {
    "base_half_eoi.jpg": ("undecodable_image", "incomplete"),
    "pillow_heif_truncated.heic": ("undecodable_image", "truncated"),
    "heic_zeropad50.heic": ("undecodable_image", "incomplete"),
    "jpeg-baseline-2003-scans.jpg": ("undecodable_image", "scans"),
    "mini.dng": ("unsupported_format", "camera RAW picture (DNG)"),
    "exiftool_DNG_8x8.dng": ("unsupported_format", "camera RAW picture (DNG)"),
    "grey_alpha_16.tif": ("unsupported_format", "16-bit grey"),
    "rgb_webp.tif": ("unsupported_format", "WebP"),
    "libjpegturbo_monkey12_12bit.jpg": ("unsupported_format", "12-bit"),
}
NAMED = {
    "hdr_pq.avif": "BT.2100 PQ",
    "hdr_pq_cicp.png": "BT.2100 PQ",
    "rgb16_cicp_pq.png": "BT.2100 PQ",
    "colors_hdr_rec2020.avif": "BT.2100 PQ",
}
ANSWER = """
import sys
from pathlib import Path
from nima.errors import NimaError
from nima.image.decode import read_picture
from nima.image.limits import Limits
try:
    print(read_picture(Path(sys.argv[1]).read_bytes(), Limits()).format)
except NimaError as error:
    print(error.code)
"""


@pytest.fixture(scope="module")
def lite() -> Assessor:
    """Assesses with the model that the project ships."""
    return Assessor(LazyModel(SHIPPED / "nima-lite"))


def read(path: Path) -> Picture:
    return read_picture(path.read_bytes(), Limits())


def means(path: Path) -> list[float]:
    """Mean levels of the frame: red, green, blue."""
    return [float(v) for v in np.asarray(read(path).frame).mean(axis=(0, 1))]


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_code_and_words(cases: Path, name: str) -> None:
    code, words = REFUSED[name]
    with pytest.raises(NimaError) as refused:
        read(cases / name)
    assert refused.value.code == code
    assert words in refused.value.message


@pytest.mark.parametrize("name", ["heic-segv-1.heic", "heic-onebit-rainbow-451x461.heic"])
def test_the_process_lives(cases: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ANSWER, str(cases / name)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"HEIF", "undecodable_image", "unsupported_format"}


@pytest.mark.parametrize("name", NAMED)
def test_hdr_is_named(cases: Path, name: str) -> None:
    assert read(cases / name).color_space == NAMED[name]


@pytest.mark.parametrize("name", ["hdr_pq.avif", "hdr_pq_cicp.png"])
def test_a_photograph_in_hdr_scores_nearly_as_in_srgb(cases: Path, lite: Assessor, name: str) -> None:
    # In sRGB it scores 6.64 in full size; taken for sRGB, the coded values gave 4.7.
    score = lite.assess((cases / name).read_bytes()).technical.distribution.mean
    print(f"{name}: technical {score:.2f}")
    assert score == pytest.approx(6.64, abs=0.5)
    np.testing.assert_allclose(means(cases / name), (132, 84, 78), atol=4)


def test_a_linear_profile_that_calls_itself_srgb(cases: Path) -> None:
    np.testing.assert_allclose(means(cases / "lin_lcms.png"), (149, 139, 132), atol=1)


def test_planes_of_sixteen_bits(cases: Path, shared: Path) -> None:
    frame = read(cases / "planar16_uncompressed.tif").frame
    with Image.open(shared / "photos/kodak/kodim04.png") as photograph:
        assert difference(frame, photograph.resize(frame.size, Image.Resampling.LANCZOS)) < 1


@pytest.mark.parametrize("name", ["g16_miniswhite.tif", "g12packed.tif"])
def test_grey_values_are_scaled_and_upright(cases: Path, name: str) -> None:
    np.testing.assert_allclose(means(cases / name), (141, 141, 141), atol=1)


@pytest.mark.parametrize(("name", "white"), [("rgb16_trns.png", 0.5), ("grey16_trns.png", 0.4)])
def test_what_is_transparent_is_white(cases: Path, name: str, white: float) -> None:
    frame = np.asarray(read(cases / name).frame)
    assert (frame == 255).all(axis=2).mean() > white


def test_what_browsers_show(cases: Path) -> None:
    np.testing.assert_allclose(means(cases / "bmp32_v5_alpha0.bmp"), (149, 139, 132), atol=1)
    gif = np.asarray(read(cases / "issue_1455_undersized.gif").frame)
    assert (gif == 255).all(axis=2).mean() > 0.7
    turned = read(cases / "xmp_only_orientation6.jpg")
    assert (turned.width, turned.height) == (240, 180)


@pytest.mark.parametrize("name", ["noeoi.jpg", "badcrc_ancillary.png"])
def test_complete_pixels_are_scored(cases: Path, lite: Assessor, name: str) -> None:
    assert lite.assess((cases / name).read_bytes()).composite.score > 3
