"""From bytes to a frame: every kind of file gives the picture that its maker saw, or one coded refusal."""

from __future__ import annotations

import io
import resource
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops, ImageCms

from nima.errors import (
    ImageTooLarge,
    NimaError,
    TooManyPixels,
    UndecodableImage,
    UnsupportedFormat,
)
from nima.image.crop import central_crop
from nima.image.decode import FRAME_SIDE, Picture, read_picture
from nima.image.limits import Limits
from tests.pictures import array, difference, encode, scene

SMALL = scene(320, 240)
# What has to be done to an upright picture so that a viewer who obeys the tag sees it upright again.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "TIFF": {}, "BMP": {}}


def read(data: bytes, limits: Limits = Limits()) -> Picture:  # noqa: B008
    return read_picture(data, limits)


def answer(data: bytes) -> str:
    """``read``, or the code of the refusal."""
    try:
        read(data, Limits(max_pixels=1_000_000))
    except NimaError as refusal:
        return refusal.code
    return "read"


def levels(data: bytes) -> list[int]:
    """The mean colour of the frame, rounded."""
    return [round(v) for v in array(read(data).frame).mean(axis=(0, 1))]


def exif(tags: dict[int, object]) -> Image.Exif:
    block = Image.Exif()
    for tag, value in tags.items():
        block[tag] = value
    return block


# Orientation


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_orientation_is_turned_upright(kind: str, orientation: int) -> None:
    turn = STORED[orientation]
    stored = SMALL if turn is None else SMALL.transpose(turn)
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else LOSSLESS[kind]
    picture = read(encode(stored, kind, exif=exif({ExifTags.Base.Orientation: orientation}), **options))
    assert (picture.width, picture.height) == picture.frame.size == SMALL.size
    assert difference(picture.frame, SMALL) < (3 if kind == "JPEG" else 0.01)


def test_an_upright_phone_picture_larger_than_the_frame_reports_its_upright_size() -> None:
    stored = SMALL.resize((1600, 1200)).transpose(Image.Transpose.ROTATE_90)
    picture = read(encode(stored, "JPEG", quality=90, exif=exif({ExifTags.Base.Orientation: 6})))
    assert (picture.width, picture.height) == (1600, 1200)
    assert picture.frame.size == (FRAME_SIDE, FRAME_SIDE * 3 // 4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("side", "expected"), [(864, 864), (1200, 1200), (1296, 1296), (1297, 960)])
def test_what_is_about_as_large_as_a_frame_is_not_resampled(kind: str, side: int, expected: int) -> None:
    picture = read(encode(SMALL.resize((side, side // 2)), kind))
    assert (max(picture.frame.size), picture.native) == (expected, side == expected)


@pytest.mark.parametrize(("side", "decoded"), [(4000, 1000), (3456, 864), (5184, 1296), (8256, 1032), (1728, 864)])
def test_a_large_jpeg_is_decoded_at_about_the_size_of_a_frame(side: int, decoded: int) -> None:
    picture = read(encode(SMALL.resize((side, side // 2), Image.Resampling.NEAREST), "JPEG", quality=50))
    assert (picture.width, max(picture.frame.size), picture.native) == (side, decoded, False)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_an_orientation_that_does_not_exist_and_a_damaged_exif_block_change_nothing() -> None:
    for block in (exif({ExifTags.Base.Orientation: 9}).tobytes(), b"Exif\0\0II*\0\xff\xff\xff\xffrubbish"):
        assert difference(read(encode(SMALL, "PNG", exif=block)).frame, SMALL) == 0


# Transparency


def half_transparent() -> Image.Image:
    """Black, opaque on the left, half transparent in the middle, and wholly transparent on the right."""
    alpha = np.repeat(np.array([[255, 128, 0]], np.uint8), 30, axis=1).repeat(90, axis=0)
    picture = Image.new("RGBA", (90, 90), (0, 0, 0, 255))
    picture.putalpha(Image.fromarray(alpha))
    return picture


def transparent_palette() -> Image.Image:
    indices = Image.fromarray(np.repeat(np.array([[0, 1, 2]], np.uint8), 30, axis=1).repeat(90, axis=0))
    indices.putpalette([0] * 768)
    indices.info["transparency"] = bytes([255, 128, 0])
    return indices


@pytest.mark.parametrize(
    ("kind", "picture"),
    [
        ("PNG", half_transparent()),
        ("PNG", half_transparent().convert("LA")),
        ("PNG", transparent_palette()),
        ("WEBP", half_transparent()),
        ("TIFF", half_transparent()),
    ],
    ids=["rgba", "grey", "palette", "webp", "tiff"],
)
def test_what_is_transparent_shows_white(kind: str, picture: Image.Image) -> None:
    frame = array(read(encode(picture, kind, **LOSSLESS[kind])).frame)
    columns = frame[:, [15, 45, 75]].mean(axis=(0, 2))
    np.testing.assert_allclose(columns, [0, 127, 255], atol=2)


@pytest.mark.parametrize("side", [901, 1501, 2403])
def test_hidden_colours_leave_no_fringe_when_a_cut_out_is_reduced(side: int) -> None:
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    picture.paste((255, 255, 255, 255), (0, 0, side // 2, side))
    assert array(read(encode(picture)).frame).min() >= 253


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_transparent_colour_shows_white(mode: str) -> None:
    picture = Image.new(mode, (64, 64), 0 if mode == "L" else (0, 0, 0))
    assert levels(encode(picture, transparency=0 if mode == "L" else (0, 0, 0))) == [255, 255, 255]


def test_a_gif_shows_the_first_frame_over_white() -> None:
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("red", "lime", "blue")]
    assert levels(encode(frames[0], "GIF", save_all=True, append_images=frames[1:])) == [255, 0, 0]
    assert levels(encode(Image.new("P", (80, 60)), "GIF", transparency=0)) == [255, 255, 255]


# Colour


def s15(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def rgb_profile(colorants: tuple[tuple[float, float, float], ...], gamma: float, name: str) -> bytes:
    """A minimal matrix profile (ICC.1:2001): three colorants adapted to D50 and one gamma for all of them."""
    d50 = b"XYZ \0\0\0\0" + s15(0.9642) + s15(1.0) + s15(0.8249)
    text = name.encode() + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": d50,
        **{
            n: b"XYZ \0\0\0\0" + b"".join(map(s15, xyz))
            for n, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)
        },
        **{
            n: b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
            for n in (b"rTRC", b"gTRC", b"bTRC")
        },
    }
    offset, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        table += tag + struct.pack(">II", offset + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    size = 128 + len(table) + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ") + b"\0" * 12 + b"acsp"
    return header.ljust(68, b"\0") + d50[8:] + b"\0" * 48 + table + body


DISPLAY_P3 = rgb_profile(((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)), 2.2, "P3")
ADOBE_RGB = rgb_profile(((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)), 2.2, "Adobe")
UNKNOWN = rgb_profile(((0.4497, 0.2446, 0.0252), (0.3163, 0.6720, 0.1412), (0.1982, 0.0834, 0.6585)), 1.8, "Old screen")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SWATCH = (180, 90, 60)
INTEROP_R03 = exif({ExifTags.IFD.Exif: {0xA001: 0xFFFF, ExifTags.IFD.Interop: {1: "R03"}}})
EXIF_ADOBE = exif({ExifTags.IFD.Exif: {0xA001: 2}})


@pytest.mark.parametrize(
    ("options", "name", "expected"),
    [
        ({}, "sRGB", SWATCH),
        ({"icc_profile": SRGB}, "sRGB", SWATCH),
        # Computed by hand from each space's gamma and matrix: a wider space's red is redder in sRGB.
        ({"icc_profile": DISPLAY_P3}, "Display P3", (195, 83, 47)),
        ({"icc_profile": ADOBE_RGB}, "Adobe RGB", (205, 90, 55)),
        ({"exif": EXIF_ADOBE}, "Adobe RGB", (205, 90, 55)),
        ({"icc_profile": SRGB, "exif": EXIF_ADOBE}, "sRGB", SWATCH),
    ],
    ids=["nothing", "srgb", "display-p3", "adobe-rgb", "exif-adobe-rgb", "a profile wins over EXIF"],
)
def test_values_become_srgb(options: dict[str, Any], name: str, expected: tuple[int, int, int]) -> None:
    data = encode(Image.new("RGB", (64, 64), SWATCH), **options)
    assert read(data).color_space == name
    np.testing.assert_allclose(levels(data), expected, atol=2 if name != "sRGB" else 0)


def test_exif_and_profile_of_adobe_rgb_agree_on_a_whole_scene() -> None:
    by_profile, by_exif = (read(encode(SMALL, **o)) for o in ({"icc_profile": ADOBE_RGB}, {"exif": INTEROP_R03}))
    assert by_profile.color_space == by_exif.color_space == "Adobe RGB"
    assert difference(by_profile.frame, by_exif.frame) < 1.5
    assert difference(by_exif.frame, SMALL) > 4


def test_an_unknown_profile_is_used_and_named_by_its_description() -> None:
    data = encode(Image.new("RGB", (64, 64), SWATCH), icc_profile=UNKNOWN)
    assert read(data).color_space == "Old screen"
    assert abs(array(read(data).frame).mean() - np.mean(SWATCH)) > 5


@pytest.mark.parametrize(
    ("mode", "colour", "expected", "name"),
    [
        ("L", 77, (77, 77, 77), "grey"),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0), "CMYK without profile"),
    ],
)
def test_grey_and_cmyk_jpegs_become_rgb(mode: str, colour: int, expected: tuple[int, int, int], name: str) -> None:
    data = encode(Image.new(mode, (64, 64), colour), "JPEG", quality=95)
    assert read(data).color_space == name
    np.testing.assert_allclose(levels(data), expected, atol=3)


def test_lab_becomes_rgb() -> None:
    lab = ImageCms.createProfile("LAB")
    picture = ImageCms.profileToProfile(SMALL, ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
    assert picture is not None
    data = encode(picture, "TIFF")
    assert read(data).color_space == "CIELAB"
    assert difference(read(data).frame, SMALL) < 4


@pytest.mark.parametrize(
    "profile",
    [
        b"not a profile",
        DISPLAY_P3[:200],
        DISPLAY_P3[:36] + b"XXXX" + DISPLAY_P3[40:],
        DISPLAY_P3[:16] + b"GRAY" + DISPLAY_P3[20:],
        DISPLAY_P3 + b"\0" * (4 << 20),
    ],
    ids=["text", "cut short", "no signature", "for grey pictures", "huge"],
)
def test_a_damaged_profile_is_no_reason_to_refuse(profile: bytes) -> None:
    picture = read(encode(SMALL, "TIFF", icc_profile=profile))
    assert picture.color_space == "unusable profile"
    assert difference(picture.frame, SMALL) == 0


# Kinds of pixels and files


def png_16(values: NDArray[np.integer], colour_type: int) -> bytes:
    """A PNG of 16-bit samples, which Pillow cannot write in colour."""
    rows = values.astype(">u2").reshape(values.shape[0], -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


GREY = SMALL.convert("L")
PALETTE = SMALL.quantize(64)
DOTS = GREY.convert("1")


@pytest.mark.parametrize(
    ("data", "shown", "tolerance"),
    [
        (png_16(np.asarray(GREY).astype(np.uint16) * 257, 0), GREY, 0),
        (png_16(np.asarray(SMALL).astype(np.uint16) * 257, 2), SMALL, 0),
        (encode(Image.fromarray(np.asarray(GREY).astype(np.uint16) * 257), "TIFF"), GREY, 0),
        (encode(PALETTE), PALETTE, 0),
        (encode(DOTS), DOTS, 0),
        (encode(DOTS, "TIFF", compression="group4"), DOTS, 0),
        (encode(GREY, "BMP"), GREY, 0),
        (encode(SMALL, "BMP"), SMALL, 0),
        (encode(SMALL, "TIFF", compression="tiff_lzw"), SMALL, 0),
        (encode(SMALL, "TIFF", compression="jpeg", quality=95), SMALL, 3),
        (encode(PALETTE, "GIF"), PALETTE, 0),
        (encode(SMALL, "WEBP", quality=95), SMALL, 4),
        (encode(SMALL, "AVIF", quality=95, speed=10), SMALL, 4),
        (encode(SMALL, "JPEG", quality=95, progressive=True), SMALL, 3),
    ],
    ids=[
        "16-bit grey png", "16-bit rgb png", "16-bit tiff", "palette", "1-bit", "fax tiff", "grey bmp", "bmp",
        "lzw tiff", "jpeg in tiff", "gif", "webp", "avif", "progressive jpeg",
    ],
)  # fmt: skip
def test_every_kind_of_file_shows_its_picture(data: bytes, shown: Image.Image, tolerance: float) -> None:
    picture = read(data)
    assert (picture.width, picture.height) == shown.size
    assert difference(picture.frame, shown) <= tolerance


def test_heic_shows_its_picture() -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which writes HEIC, is not installed")
    for orientation in (1, 6):
        stored = SMALL if orientation == 1 else SMALL.transpose(Image.Transpose.ROTATE_90)
        file = io.BytesIO()
        block = exif({ExifTags.Base.Orientation: orientation}).tobytes()
        pillow_heif.from_pillow(stored).save(file, quality=95, exif=block)
        picture = read(file.getvalue())
        assert (picture.format, picture.width, picture.height) == ("HEIF", *SMALL.size)
        assert difference(picture.frame, SMALL) < 5


@pytest.mark.parametrize("mode", ["F", "I"])
def test_floating_point_and_32_bit_pixels_are_not_supported(mode: str) -> None:
    with pytest.raises(UnsupportedFormat, match="not supported"):
        read(encode(GREY.convert(mode), "TIFF"))


@pytest.mark.parametrize("mode", ["1", "P"])
def test_dots_and_palettes_are_reduced_as_the_colours_that_they_stand_for(mode: str) -> None:
    large = SMALL.resize((2000, 1500))
    picture = large.convert("1") if mode == "1" else large.quantize(128)
    reduced, expected = read(encode(picture)), read(encode(picture.convert("RGB")))
    assert reduced.frame.size == (960, 720)
    assert difference(reduced.frame, expected.frame) < 0.01


# Refusals


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_truncated_files_are_refused(kind: str, share: float) -> None:
    data = encode(SMALL.quantize(64) if kind == "GIF" else SMALL, kind)
    with pytest.raises(UndecodableImage):
        read(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UndecodableImage),
        (b"This is no picture.", UnsupportedFormat),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', UnsupportedFormat),
        (b"%PDF-1.7\n", UnsupportedFormat),
        (encode(SMALL, "PPM"), UnsupportedFormat),
        (encode(SMALL, "ICO"), UnsupportedFormat),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", UnsupportedFormat),
        (b"\xff\xd8\xff\xe0 and no more", UndecodableImage),
        (b"\x89PNG\r\n\x1a\n and no more", UndecodableImage),
    ],
    ids=["empty", "text", "svg", "pdf", "ppm", "ico", "eps", "jpeg by magic", "png by magic"],
)
def test_what_is_no_picture_is_refused_with_its_code(data: bytes, error: type[NimaError]) -> None:
    with pytest.raises(error) as refused:
        read(data)
    assert refused.value.message.endswith(".")
    assert "0x" not in refused.value.message


def png_header(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def gif_header(width: int, height: int) -> bytes:
    size = struct.pack("<HH", width, height)
    return b"GIF89a" + size + b"\0\0\0," + b"\0" * 4 + size + b"\0\x02\x02\x4c\x01\0;"


def jpeg_header(width: int, height: int) -> bytes:
    data = encode(SMALL, "JPEG")
    start = data.index(b"\xff\xc0")
    return data[: start + 5] + struct.pack(">HH", height, width) + data[start + 9 :]


def bmp_header(width: int, height: int) -> bytes:
    data = encode(SMALL, "BMP")
    return data[:18] + struct.pack("<ii", width, height) + data[26:]


@pytest.mark.parametrize(
    "bomb",
    [
        png_header(20_000, 20_000),
        png_header(10_000, 6_000),
        gif_header(65_535, 65_535),
        jpeg_header(65_500, 65_500),
        jpeg_header(9_000, 9_000),
        bmp_header(30_000, 30_000),
    ],
    ids=["png beyond pillow's limit", "png", "gif", "jpeg beyond pillow's limit", "jpeg", "bmp"],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_pixel_bombs_are_refused_before_anything_is_allocated(bomb: bytes) -> None:
    # The least of them would take 240 MB once decoded: what is not there to have raises MemoryError.
    started = time.thread_time()
    with at_most_more_memory(40 << 20), pytest.raises(TooManyPixels):
        read(bomb)
    assert time.thread_time() - started < 1


@contextmanager
def at_most_more_memory(size: int) -> Iterator[None]:
    """Lets this process map only so many bytes more than it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_limits_are_inclusive_and_bytes_are_checked_before_parsing() -> None:
    data = encode(SMALL)
    exact = Limits(max_bytes=len(data), max_pixels=320 * 240)
    assert read(data, exact).width == 320
    with pytest.raises(TooManyPixels, match="320 x 240"):
        read(data, Limits(max_pixels=320 * 240 - 1))
    with pytest.raises(ImageTooLarge):
        read(b"text, which would be refused for its format" * 9, Limits(max_bytes=100))


def test_a_jpeg_of_hundreds_of_scans_is_refused_at_once() -> None:
    data = encode(SMALL, "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    bomb = data[:last] + data[last:-2] * 400 + data[-2:]
    started = time.thread_time()
    with pytest.raises(UndecodableImage, match="scans"):
        read(bomb)
    assert time.thread_time() - started < 0.5


@pytest.mark.parametrize(
    "magic",
    [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"RIFF\x40\0\0\0WEBP",
        b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    ],
)
@settings(max_examples=60, deadline=None)
@given(rest=st.binary(max_size=400))
@pytest.mark.filterwarnings("ignore")
def test_random_bytes_are_answered_with_a_coded_refusal_at_worst(magic: bytes, rest: bytes) -> None:
    assert answer(magic + rest) in {"read", "undecodable_image", "unsupported_format", "too_many_pixels"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_damaged_files_are_answered_with_a_picture_or_a_coded_refusal(kind: str, data: st.DataObject) -> None:
    file = bytearray(encode(SMALL.resize((40, 30)), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    assert answer(bytes(file)) in {"read", "undecodable_image", "unsupported_format", "too_many_pixels"}


# Size and shape


@pytest.mark.parametrize(("width", "height"), [(2000, 1500), (1501, 2003), (4001, 1301)])
def test_the_faster_decoding_of_large_jpegs_gives_the_same_frame(width: int, height: int) -> None:
    large = SMALL.resize((width, height), Image.Resampling.BICUBIC)
    data = encode(large, "JPEG", quality=95)
    with Image.open(io.BytesIO(data)) as opened:
        lossless = encode(opened)
    drafted, full = read(data), read(lossless)
    assert (drafted.width, drafted.height, drafted.cropped) == (full.width, full.height, full.cropped)
    assert 0.9 * FRAME_SIDE <= max(drafted.frame.size) <= 1.35 * FRAME_SIDE
    assert difference(drafted.frame.resize(full.frame.size, Image.Resampling.BICUBIC), full.frame) < 1.5


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (1000, 200, (300, 0, 700, 200)),
        (200, 1000, (0, 300, 200, 700)),
        (600, 200, (0, 0, 600, 200)),
        (200, 600, (0, 0, 200, 600)),
        (601, 200, (100, 0, 500, 200)),
        (5000, 1, (2499, 0, 2501, 1)),
        (1, 1, (0, 0, 1, 1)),
    ],
)
def test_only_the_centre_of_an_extreme_panorama_is_assessed(
    width: int, height: int, box: tuple[int, int, int, int]
) -> None:
    assert central_crop(width, height) == box
    # A ramp along the picture tells which part of it the frame shows.
    ramp = np.linspace(0, 255, max(width, height)).astype(np.uint8)
    plane = np.broadcast_to(ramp[None, :] if width >= height else ramp[:, None], (height, width))
    picture = read(encode(Image.fromarray(np.ascontiguousarray(plane))))
    assert (picture.width, picture.height) == (width, height)
    assert picture.cropped == (box != (0, 0, width, height))
    left, top, right, bottom = box
    np.testing.assert_array_equal(array(picture.frame)[..., 0], plane[top:bottom, left:right])


def test_the_crop_of_a_panorama_turned_by_exif_is_its_centre() -> None:
    panorama = scene(1500, 300)
    stored = panorama.transpose(Image.Transpose.ROTATE_90)
    picture = read(encode(stored, exif=exif({ExifTags.Base.Orientation: 6})))
    assert (picture.width, picture.height, picture.cropped) == (1500, 300, True)
    assert ImageChops.difference(picture.frame, panorama.crop((450, 0, 1050, 300))).getbbox() is None


def test_a_large_jpeg_panorama_still_fills_the_frame() -> None:
    panorama = scene(1200, 240).resize((6000, 1200), Image.Resampling.BICUBIC)
    picture = read(encode(panorama, "JPEG", quality=90))
    assert (picture.frame.size, picture.cropped) == ((1200, 600), True)
    expected = panorama.crop((1800, 0, 4200, 1200)).resize((1200, 600), Image.Resampling.BOX)
    assert difference(picture.frame, expected) < 3
