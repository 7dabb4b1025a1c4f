"""Complete pixels are scored, missing pixels are refused: files cut short, padded with zeros or damaged beside them."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable
from itertools import product as combinations
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nima.errors import UndecodableImage
from nima.image.decode import Picture, read_picture
from nima.image.isobmff import read_meta
from nima.image.jpeg import structure
from nima.image.limits import Limits
from nima.image.png import inspect
from tests.pictures import array, difference, encode, heic, product, scene

SMALL = scene(320, 240)
EOI = b"\xff\xd9"


def read(data: bytes) -> Picture:
    return read_picture(data, Limits())


def refused(data: bytes) -> None:
    with pytest.raises(UndecodableImage):
        read(data)


def plain_below(colour: str, mode: str = "RGB") -> Image.Image:
    """A scene of which the lower half is of one colour, as many a product stands on white."""
    picture = SMALL.copy()
    picture.paste(colour, (0, 120, 320, 240))
    return picture.convert(mode)


# JPEG

PICTURES = {
    "scene": SMALL,
    "grey scene": SMALL.convert("L"),
    "white below": plain_below("white"),
    "cmyk": plain_below("white", "CMYK"),
    "black below": plain_below("black"),
    "white": Image.new("RGB", (300, 200), "white"),
    "tiny": SMALL.resize((17, 9)),
}
WAYS: list[dict[str, Any]] = [
    {"progressive": progressive, "optimize": optimize, "subsampling": subsampling, **restarts}
    for progressive, optimize, subsampling, restarts in combinations(
        (False, True), (False, True), (0, 2), ({}, {"restart_marker_blocks": 7})
    )
]


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("quality", [10, 93])
def test_a_jpeg_is_read_with_or_without_its_end_marker(name: str, quality: int) -> None:
    for way in WAYS:
        data = encode(PICTURES[name], "JPEG", quality=quality, **way)
        whole = read(data).frame
        for other in (data[:-2], data[:-1], data[:-2] + b"\xff\xff" + EOI, data + b"a trailer"):
            assert difference(read(other).frame, whole) == 0, way


@pytest.mark.parametrize("name", ["scene", "grey scene"])
@pytest.mark.parametrize("share", [0.02, 0.6])
def test_a_jpeg_that_lacks_a_part_of_a_scan_is_refused(name: str, share: float) -> None:
    for way in WAYS:
        data = encode(PICTURES[name], "JPEG", quality=80, **way)
        for scan in structure(data).scans:
            cut = scan.start + round((scan.end - scan.start) * share)
            if scan.end - cut > 40:
                refused(data[:cut].rstrip(b"\xff") + EOI)
                refused(data[:cut])
        padded = data[:cut] + bytes(scan.end - cut)
        refused(padded + EOI)


def test_the_lower_half_in_plain_white_does_not_hide_that_a_scan_ends_early() -> None:
    data = encode(plain_below("white"), "JPEG", quality=80)
    (scan,) = structure(data).scans
    refused(data[: scan.start + (scan.end - scan.start) // 2] + EOI)


def test_a_jpeg_without_its_last_scan_or_a_restart_interval_is_refused() -> None:
    data = encode(SMALL, "JPEG", progressive=True)
    scans = structure(data).scans
    refused(data[: scans[-2].end] + EOI)
    data = encode(SMALL, "JPEG", restart_marker_blocks=20)
    first, second = data.index(b"\xff\xd2"), data.index(b"\xff\xd3")
    refused(data[:first] + data[second:])


def test_zeros_that_a_camera_writes_behind_the_pixels_are_not_missing_pixels() -> None:
    for progressive in (False, True):
        data = encode(SMALL, "JPEG", quality=90, progressive=progressive)
        assert difference(read(data[:-2] + bytes(4000) + EOI).frame, read(data).frame) == 0


def test_a_large_packshot_on_white_is_read() -> None:
    data = encode(product(0.4, 1600), "JPEG", quality=85, optimize=True)
    assert data.rstrip(EOI).endswith(bytes(64))
    assert read(data).width == 1600
    refused(data[: len(data) * 2 // 3] + bytes(len(data) // 3 + 1))


# PNG


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunk(data: bytes, extra: bytes, at: bytes = b"IDAT") -> bytes:
    start = data.index(at) - 4
    return data[:start] + extra + data[start:]


def damaged(data: bytes, name: bytes) -> bytes:
    """The checksum of a chunk turned round."""
    start = data.index(name) - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    return data[: end - 4] + bytes(255 - b for b in data[end - 4 : end]) + data[end:]


PNG = encode(SMALL)
NOTED = with_chunk(with_chunk(PNG, chunk(b"tEXt", b"Comment\0words")), chunk(b"gAMA", struct.pack(">I", 45455)))


@pytest.mark.parametrize("name", [b"tEXt", b"gAMA"])
def test_a_wrong_checksum_beside_the_pixels_is_no_reason_to_refuse_a_png(name: bytes) -> None:
    assert difference(read(damaged(NOTED, name)).frame, SMALL) == 0


@pytest.mark.parametrize("name", [b"IHDR", b"IDAT", b"PLTE"])
def test_a_wrong_checksum_of_what_the_pixels_depend_on_is(name: bytes) -> None:
    refused(damaged(encode(SMALL.quantize(32)), name))


@pytest.mark.parametrize(
    "odd",
    [
        chunk(b"gAMA", b""), chunk(b"cHRM", b"\0" * 8), chunk(b"sRGB", b""), chunk(b"tRNS", b"\0"),
        chunk(b"cICP", b"\t"), chunk(b"iCCP", b"a name"), chunk(b"iCCP", b"a name\0\5" + zlib.compress(b"profile")),
        chunk(b"iCCP", b"a name\0\0" + zlib.compress(bytes(9 << 20))), chunk(b"eXIf", b"rubbish"),
        chunk(b"gAMA", struct.pack(">I", 45455)) * 3,
    ],
)  # fmt: skip
def test_an_odd_chunk_beside_the_pixels_changes_nothing(odd: bytes) -> None:
    picture = read(with_chunk(PNG, odd))
    assert picture.color_space == "sRGB"
    assert difference(picture.frame, SMALL) == 0


def test_megabytes_of_text_are_not_looked_at() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(20 << 20)))
    assert difference(read(with_chunk(PNG, bomb)).frame, SMALL) == 0
    assert inspect("PNG", with_chunk(PNG, bomb)).data == PNG


def test_hundreds_of_thousands_of_chunks_are_not_decoded() -> None:
    for name in (b"IDAT", b"gAMA", b"tEXt"):
        data = with_chunk(PNG, chunk(name, b"") * (1 << 18))
        started = time.process_time()
        if name == b"IDAT":
            refused(data)
        else:
            assert read(data).width == 320
        assert time.process_time() - started < 1


def test_a_png_that_ends_behind_its_last_row_is_read() -> None:
    end = PNG.index(b"IEND") - 4
    for data in (PNG[:end], PNG[: end - 4], PNG[: end - 8], PNG[: end + 5]):
        assert difference(read(data).frame, SMALL) == 0


def plain_png(rows: int, *, interlaced: bool = False, value: int = 200) -> bytes:
    """A PNG of 100 rows, of which the image data have only some."""
    header = struct.pack(">IIBBBBB", 80, 100, 8, 2, 0, 0, interlaced)
    body = zlib.compress((b"\0" + bytes([value]) * 240) * rows)
    return PNG[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_image_data_that_end_well_but_before_the_last_row_are_refused() -> None:
    assert read(plain_png(100)).height == 100
    assert read(plain_png(100, value=0)).height == 100
    for rows in (1, 50, 99):
        refused(plain_png(rows))
    refused(plain_png(90, interlaced=True))


# Zeros in the place of data

CUT_OUT = Image.new("RGBA", (900, 900), (255, 255, 255, 0))
CUT_OUT.paste(scene(300, 300), (300, 10))


def bitmap_32() -> bytes:
    pixels = np.dstack([np.asarray(SMALL)[::-1, :, ::-1], np.full((240, 320), 255, np.uint8)]).tobytes()
    header = struct.pack("<IiiHHIIiiII", 40, 320, 240, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels


def bitmap_of_os2() -> bytes:
    pixels = np.asarray(SMALL)[::-1, :, ::-1].tobytes()
    return b"BM" + struct.pack("<IHHIIHHHH", 26 + len(pixels), 0, 0, 26, 12, 320, 240, 1, 24) + pixels


FILES: dict[str, Callable[[], bytes]] = {
    "webp": lambda: encode(SMALL, "WEBP", quality=80),
    "lossless webp": lambda: encode(SMALL, "WEBP", lossless=True),
    "avif": lambda: encode(SMALL, "AVIF", quality=70),
    "tiff": lambda: encode(SMALL, "TIFF"),
    "lzw tiff": lambda: encode(SMALL, "TIFF", compression="tiff_lzw"),
    "deflate tiff": lambda: encode(SMALL, "TIFF", compression="tiff_adobe_deflate"),
    "jpeg tiff": lambda: encode(SMALL, "TIFF", compression="jpeg"),
    "packbits tiff": lambda: encode(SMALL, "TIFF", compression="packbits"),
    "bmp": lambda: encode(SMALL, "BMP"),
    "palette bmp": lambda: encode(SMALL.quantize(200), "BMP"),
    "bmp of 32 bits": bitmap_32,
    "bmp of OS/2": bitmap_of_os2,
    "gif": lambda: encode(SMALL.quantize(200), "GIF"),
    "png": lambda: PNG,
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_which_the_end_is_zeros_is_refused(name: str) -> None:
    data = FILES[name]()
    assert read(data).width == 320
    for share in (0.5, 0.513, 0.751, 0.92):
        there = round(len(data) * share)
        refused(data[:there] + bytes(len(data) - there))


ENCODINGS: list[tuple[str, dict[str, Any]]] = [
    ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "packbits"}), ("TIFF", {"compression": "tiff_lzw"}),
    ("WEBP", {"lossless": True}), ("WEBP", {"quality": 80}), ("AVIF", {"quality": 60, "speed": 10}), ("GIF", {}),
    ("PNG", {}),
]  # fmt: skip


def test_pictures_that_are_black_or_plain_below_are_read() -> None:
    disc = Image.fromarray((np.hypot(*np.mgrid[-120:120, -160:160]) < 90).astype(np.uint8) * 200).convert("RGB")
    for picture in (disc, plain_below("black"), plain_below("white"), Image.new("RGB", (320, 240))):
        for kind, options in ENCODINGS:
            assert read(encode(picture, kind, **options)).width == 320
            turned = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            assert read(encode(turned, kind, **options)).width == 320


def test_a_webp_that_is_coded_in_zeros_down_to_its_end_is_read() -> None:
    data = encode(Image.alpha_composite(Image.new("RGBA", CUT_OUT.size, "white"), CUT_OUT).convert("RGB"), "WEBP")
    assert data.endswith(bytes(40))
    assert read(data).width == 900


# HEIF and AVIF


def test_heic_data_beyond_the_end_or_of_zeros_are_missing() -> None:
    data = bytes(heic(SMALL))
    meta = read_meta(data)
    assert meta
    (extent,) = meta.extents[meta.primary]
    assert difference(read(data).frame, SMALL) < 8
    for missing in (1, extent.length // 2, extent.length):
        end = extent.offset + extent.length - missing
        refused(data[:end])
        if missing > 40:
            refused(data[:end] + bytes(len(data) - end))


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_transparency_needs_both_of_its_pictures(kind: str) -> None:
    small = CUT_OUT.resize((300, 300))
    data = bytes(heic(small)) if kind == "HEIF" else encode(small, "AVIF", quality=70)
    assert read(data).format == kind
    meta = read_meta(data)
    assert meta
    assert len(meta.needed()) == 2
    for item in meta.needed():
        (extent,) = meta.extents[item]
        half, end = extent.offset + extent.length // 2, extent.offset + extent.length
        refused(data[:half] + bytes(end - half) + data[end:])


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_blank_sector_amid_coded_data_is_refused(kind: str) -> None:
    data = bytes(heic(SMALL)) if kind == "HEIF" else encode(SMALL, "AVIF", quality=90, speed=10)
    assert read(data).width == 320
    middle = len(data) * 2 // 3
    for blank in (b"\0", b"\xff"):
        refused(data[:middle] + blank * 512 + data[middle + 512 :])


def test_a_heic_that_does_not_say_what_its_picture_is_is_damaged() -> None:
    data = heic(SMALL)
    at = data.index(b"hvc1", data.index(b"infe"))
    data[at : at + 4] = bytes(4)
    refused(bytes(data))


def test_a_frame_is_not_grey_where_a_jpeg_in_restart_intervals_was_cut() -> None:
    data = encode(SMALL, "JPEG", restart_marker_rows=1)
    assert array(read(data[:-2]).frame)[-8:].std() > 5
    last = data.rindex(b"\xff" + bytes([0xD0 + (len(range(0, 240, 16)) - 2) % 8]))
    refused(data[:last] + EOI)
