"""Files of a kind that is not supported say which kind they are; what is misread elsewhere is read rightly here."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from nima.errors import UnsupportedFormat
from nima.image.decode import Picture, read_picture
from nima.image.limits import Limits
from nima.image.sniff import sniff
from tests.pictures import difference, encode, scene

SMALL = scene(320, 240)
GREY = SMALL.convert("L")


def read(data: bytes) -> Picture:
    return read_picture(data, Limits())


def unsupported(data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedFormat) as refused:
        read(data)
    assert words in refused.value.message
    assert refused.value.message.endswith(".")


def boxed(brand: bytes, *others: bytes) -> bytes:
    brands = brand + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(100)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"8BPS\0\1", "Photoshop"),
        (b'<?xml version="1.0"?>\n<!-- drawn --><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"<!DOCTYPE html><html><head><title>404</title>", "a web page"),
        (b'{"error": "no such picture"}', "text"),
        ("蓝色的鞋子".encode() * 300, "text"),
        (b"PK\3\4\x14\0", "ZIP"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\xff\x4f\xff\x51\0\x2f", "JPEG 2000"),
        (b"\xff\xd8\xff\xf7\0\x0b\x08", "JPEG-LS"),
        (b"\xff\xd8\xff\xe8\0\x04ab\xff\xf7\0\x0b\x08", "JPEG-LS"),
        (b"II\xbc\x01\x20\0", "JPEG XR"),
        (b"v/1\1\2\0\0\0", "OpenEXR"),
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n", "Radiance"),
        (encode(SMALL.resize((32, 32)), "ICO"), "an icon"),
        (encode(SMALL, "PPM"), "Netpbm"),
        (b"qoif\0\0\1\0", "QOI"),
        (b"II+\0\x08\0\0\0", "BigTIFF"),
        (b"IIU\0\x18\0\0\0", "camera RAW picture (Panasonic or Leica)"),
        (b"IIRO\x08\0\0\0", "camera RAW picture (Olympus)"),
        (b"FUJIFILMCCD-RAW 0201", "camera RAW picture (Fujifilm)"),
        (b"FOVb\2\0\2\0", "camera RAW picture (Sigma)"),
        (b"\0MRM\0\0\n\x0c", "camera RAW picture (Minolta)"),
        (b"II\x1a\0\0\0HEAPCCDR", "camera RAW picture (Canon CRW)"),
        (boxed(b"crx ", b"crx ", b"isom"), "camera RAW picture (Canon CR3)"),
        (boxed(b"mp42", b"isom", b"avc1"), "a video (MP4)"),
        (boxed(b"qt  ", b"qt  "), "a video (QuickTime)"),
        (b"\x1a\x45\xdf\xa3\x93", "WebM"),
        (b"RIFF\0\0\0\0AVI LIST", "a video (AVI)"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a sound file"),
        (b"BMW is no bitmap at all", "text"),
    ],
)
def test_what_is_no_supported_picture_is_named(data: bytes, words: str) -> None:
    unsupported(data, words)


def test_bytes_without_a_meaning_are_called_nothing() -> None:
    with pytest.raises(UnsupportedFormat, match=r"^The file is not a JPEG"):
        sniff(b"\x01\x02\x03\x04" * 20)


# TIFF


def tiff(image: Image.Image = SMALL, **tags: Any) -> bytes:
    numbers = {TiffImagePlugin.COMPRESSION: 1, **{int(k[1:]): v for k, v in tags.items()}}
    return encode(image, "TIFF", tiffinfo=numbers)


def with_tag(data: bytes, tag: int, value: int) -> bytes:
    """A TIFF with another number in one of its tags of type SHORT."""
    entry = struct.pack("<HHI", tag, 3, 1)
    at = data.index(entry) + len(entry)
    return data[:at] + struct.pack("<H", value) + data[at + 2 :]


def test_raw_files_are_never_scored_as_their_thumbnails() -> None:
    thumbnail = SMALL.resize((16, 12))
    unsupported(tiff(thumbnail, _50706=b"\1\4\0\0", _271="Canon"), "camera RAW picture (DNG)")
    unsupported(tiff(thumbnail, _254=1, _271="NIKON CORPORATION"), "camera RAW picture (NIKON CORPORATION)")
    unsupported(tiff(thumbnail, _254=1), "thumbnail")
    unsupported(with_tag(tiff(GREY, _271="PENTAX"), 262, 32803), "camera RAW picture (PENTAX)")
    unsupported(with_tag(tiff(GREY), 262, 34892), "camera RAW")
    for compression in (34713, 32767, 32770, 65535):
        unsupported(with_tag(tiff(GREY, _271="SONY"), 259, compression), "camera RAW picture (SONY)")
    cr2 = bytearray(tiff(SMALL))
    unsupported(b"II*\0\x10\0\0\0CR\2\0" + bytes(4) + tiff_directory(bytes(cr2)), "camera RAW")


def tiff_directory(data: bytes) -> bytes:
    """The first directory of a TIFF, as it would stand elsewhere: its offsets are off, its tags are there."""
    return data[int.from_bytes(data[4:8], "little") :]


def test_a_larger_picture_of_a_camera_behind_the_first_one_makes_it_a_thumbnail() -> None:
    small, large = tiff(SMALL.resize((16, 12)), _271="EPSON", _330=0), tiff_directory(tiff(GREY))
    entry = small.index(struct.pack("<H", 330))
    at = len(small) + len(small) % 2
    joined = bytearray(small.ljust(at, b"\0") + large)
    struct.pack_into("<HII", joined, entry + 2, 4, 1, at)
    unsupported(bytes(joined), "camera RAW picture (EPSON)")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (encode(GREY.convert("F"), "TIFF"), "32-bit floating-point grey"),
        (encode(GREY.convert("I"), "TIFF"), "32-bit"),
        (tiff(GREY, _339=2), "signed"),
        (with_tag(tiff(), 259, 50001), "compressed with WebP"),
        (with_tag(tiff(), 259, 50002), "compressed with JPEG XL"),
        (with_tag(tiff(), 259, 34712), "compressed with JPEG 2000"),
        (with_tag(tiff(), 259, 34887), "compressed with LERC"),
        (with_tag(tiff(), 259, 12345), "compressed with method 12345"),
        (with_tag(tiff(), 262, 9), "ICC LAB"),
        (with_tag(tiff(), 262, 32845), "LogLuv"),
    ],
)
def test_sound_tiffs_of_other_samples_are_named(data: bytes, words: str) -> None:
    unsupported(data, words)


def raw_tiff(pixels: bytes, bits: int, photometric: int, samples: int = 1, planes: int = 1, endian: str = "<") -> bytes:
    """An uncompressed TIFF of 320 x 240 in strips of 16 rows, with samples as they are given."""
    size = len(pixels) // planes
    strips = [(p * size + s * size // 15, size // 15) for p in range(planes) for s in range(15)]
    entries = [
        (256, 4, (320,)), (257, 4, (240,)), (258, 3, (bits,) * samples), (259, 3, (1,)), (262, 3, (photometric,)),
        (273, 4, tuple(8 + at for at, _ in strips)), (277, 3, (samples,)), (278, 4, (16,)),
        (279, 4, tuple(n for _, n in strips)), (284, 3, (2 if planes > 1 else 1,)),
    ]  # fmt: skip
    directory = 8 + len(pixels)
    beside = directory + 2 + 12 * len(entries) + 4
    head, tail = struct.pack(endian + "H", len(entries)), b""
    for tag, kind, values in entries:
        packed = struct.pack(endian + f"{len(values)}{'HI'[kind == 4]}", *values)
        if len(packed) > 4:
            where, tail = beside + len(tail), tail + packed
            packed = struct.pack(endian + "I", where)
        head += struct.pack(endian + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    order = b"II*\0" if endian == "<" else b"MM\0*"
    return order + struct.pack(endian + "I", directory) + pixels + head + bytes(4) + tail


def twelve_bits(values: NDArray[np.integer]) -> bytes:
    pairs = values.reshape(-1, 2).astype(np.uint16)
    first, second = pairs[:, 0], pairs[:, 1]
    return np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1).astype(np.uint8).tobytes()


WIDE, WIDE_GREY = np.asarray(SMALL).astype(np.uint16) * 257, np.asarray(GREY).astype(np.uint16) * 257


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (raw_tiff(WIDE.transpose(2, 0, 1).astype("<u2").tobytes(), 16, 2, 3, 3), SMALL),
        (raw_tiff(WIDE.transpose(2, 0, 1).astype(">u2").tobytes(), 16, 2, 3, 3, ">"), SMALL),
        (raw_tiff(WIDE.astype("<u2").tobytes(), 16, 2, 3), SMALL),
        (raw_tiff(np.asarray(SMALL).transpose(2, 0, 1).tobytes(), 8, 2, 3, 3), SMALL),
        (raw_tiff(WIDE_GREY.astype("<u2").tobytes(), 16, 1), GREY),
        (raw_tiff((65535 - WIDE_GREY).astype("<u2").tobytes(), 16, 0), GREY),
        (raw_tiff((255 - np.asarray(GREY)).tobytes(), 8, 0), GREY),
        (raw_tiff(twelve_bits(WIDE_GREY >> 4), 12, 1), GREY),
    ],
    ids=["planes", "planes big-endian", "pixels", "8-bit planes", "grey", "white is 0", "8-bit white is 0", "12 bits"],
)
def test_every_layout_of_a_tiff_shows_its_picture(data: bytes, shown: Image.Image) -> None:
    assert difference(read(data).frame, shown.convert("RGB")) <= 0.5


@pytest.mark.parametrize(
    "data",
    [
        raw_tiff((65535 - WIDE_GREY).astype(">u2").tobytes(), 16, 0, endian=">"),
        raw_tiff(twelve_bits(WIDE_GREY >> 4), 12, 1, endian=">"),
        raw_tiff(np.dstack([WIDE_GREY, WIDE_GREY]).astype("<u2").tobytes(), 16, 1, 2),
    ],
    ids=["white is 0, big-endian", "12 bits big-endian", "16-bit grey and another sample"],
)
def test_layouts_that_are_not_read_say_so(data: bytes) -> None:
    unsupported(data, "-bit grey")


# JPEG, BMP, PNG and HEIF


@pytest.mark.parametrize(
    ("code", "precision", "words"),
    [
        (0xC1, 12, "12-bit"),
        (0xC3, 16, "16-bit"),
        (0xC5, 8, "hierarchical"),
        (0xC9, 8, "arithmetic"),
        (0xCA, 8, "arithmetic"),
    ],
)
def test_jpegs_of_other_codings_are_named(code: int, precision: int, words: str) -> None:
    data = bytearray(encode(SMALL, "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = code, precision
    unsupported(bytes(data), words)


def test_a_jpeg_whose_height_comes_later_and_one_of_two_components_are_named() -> None:
    data = bytearray(encode(SMALL, "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 7] = bytes(2)
    unsupported(bytes(data), "height")
    data = bytearray(encode(GREY, "JPEG"))
    at = data.index(b"\xff\xc0")
    two = data[:at] + struct.pack(">HHBHHBBBBBBB", 0xFFC0, 14, 8, 240, 320, 2, 1, 17, 0, 2, 17, 0) + data[at + 13 :]
    unsupported(bytes(two), "2 components")


def test_bitmaps_that_are_packed_otherwise_are_named() -> None:
    data = encode(SMALL, "BMP")
    unsupported(data[:30] + struct.pack("<I", 4) + data[34:], "BMP")
    masks = struct.pack("<III", 0xFF00, 0xFF, 0xFF0000)
    unsupported(data[:30] + struct.pack("<I", 3) + data[34:54] + masks + data[54:], "BMP")


def test_a_png_that_only_apple_reads_is_named() -> None:
    data = encode(SMALL)
    unsupported(data[:8] + b"\0\0\0\4CgBI\x50\0\x20\2\x2b\xd5\xb3\x7f" + data[8:], "CgBI")


@pytest.mark.parametrize(("coding", "words"), [(b"avc1", "AVC"), (b"j2k1", "JPEG 2000"), (b"zzzz", "unknown")])
def test_heif_pictures_of_another_coding_are_named(coding: bytes, words: str) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which writes HEIC, is not installed")
    file = io.BytesIO()
    pillow_heif.from_pillow(SMALL).save(file, quality=50)
    at = file.getvalue().index(b"hvc1", file.getvalue().index(b"infe"))
    unsupported(file.getvalue()[:at] + coding + file.getvalue()[at + 4 :], words)
