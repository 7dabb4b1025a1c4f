"""The structure of a JPEG: what stands in it, and the refusal of what would only keep a decoder busy."""

from __future__ import annotations

import struct
import time

import pytest
from PIL import Image

from nima.errors import TooManyPixels, UndecodableImage
from nima.image.decode import read_picture
from nima.image.jpeg import Component, structure
from nima.image.limits import Limits
from tests.pictures import encode, scene

SMALL = scene(320, 240)
BASELINE, PROGRESSIVE = encode(SMALL, "JPEG"), encode(SMALL, "JPEG", progressive=True)
SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(code: int, body: bytes = b"") -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def with_scans(data: bytes, times: int, *, whole: bool = False) -> bytes:
    """The last scan comes again and again, whole or cut short."""
    last = structure(data).scans[-1]
    again = data[data.rindex(b"\xff\xda") : last.end if whole else last.start + 8].rstrip(b"\xff")
    return data[: last.end] + again * times + EOI


def single_component_scans(width: int, height: int) -> bytes:
    """A baseline JPEG whose three components come one after the other: its coefficients have to be kept."""
    data = encode(Image.new("RGB", (width, height), "teal"), "JPEG", subsampling=0)
    start = structure(data).scans[0].start
    header = data[: data.rindex(b"\xff\xda")]
    entropy = data[start:-2]
    return header + b"".join(segment(0xDA, bytes([1, c, 0, 0, 63, 0])) + entropy for c in (1, 2, 3)) + EOI


def refused(data: bytes, match: str) -> None:
    """Refused within a moment, whatever decoding would have cost."""
    started = time.process_time()
    with pytest.raises(UndecodableImage, match=match):
        read_picture(data, Limits())
    assert time.process_time() - started < 0.5


def test_a_baseline_jpeg_is_one_scan_from_its_header_to_the_end_marker() -> None:
    found = structure(BASELINE)

    assert (found.frame, found.precision, found.width, found.height) == (0xC0, 8, 320, 240)
    assert found.components == (Component(1, 2, 2), Component(2, 1, 1), Component(3, 1, 1))
    (scan,) = found.scans
    assert scan.components == bytes([1, 2, 3])
    assert scan.end == len(BASELINE) - 2
    assert BASELINE[scan.start - 3 : scan.start] == bytes([0, 63, 0])
    assert not found.multiscan


def test_a_progressive_jpeg_has_its_scans_and_keeps_its_coefficients() -> None:
    found = structure(PROGRESSIVE)

    assert (found.frame, found.progressive, found.multiscan) == (0xC2, True, True)
    assert len(found.scans) == 10
    assert found.scans[-1].end == len(PROGRESSIVE) - 2


def test_components_that_come_one_after_the_other_keep_their_coefficients_too() -> None:
    found = structure(single_component_scans(64, 64))

    assert [scan.components for scan in found.scans] == [b"\1", b"\2", b"\3"]
    assert not found.progressive
    assert found.multiscan


def test_restart_markers_belong_to_the_scan() -> None:
    data = encode(SMALL, "JPEG", restart_marker_blocks=4)

    assert structure(data).scans[0].restart_interval == 4
    assert [scan.end for scan in structure(data).scans] == [len(data) - 2]


def test_a_missing_end_marker_and_what_follows_it_are_told_apart() -> None:
    assert structure(BASELINE[:-2]).scans[0].end == len(BASELINE) - 2
    assert structure(BASELINE + PROGRESSIVE) == structure(BASELINE)


@pytest.mark.parametrize("data", [SOI, SOI + EOI, SOI + segment(0xDA, bytes(6)), SOI + b"\xff\xc0", BASELINE[:300]])
def test_what_has_no_frame_or_no_scan_is_no_picture(data: bytes) -> None:
    with pytest.raises(UndecodableImage):
        structure(data)


@pytest.mark.parametrize("data", [BASELINE, PROGRESSIVE, single_component_scans(320, 240)], ids=lambda d: str(len(d)))
@pytest.mark.parametrize("times", [200, 5000])
def test_scans_that_are_repeated_without_end_are_refused(data: bytes, times: int) -> None:
    refused(with_scans(data, times), "scans")


def test_scans_over_a_large_picture_are_refused_sooner() -> None:
    large = encode(Image.new("L", (4500, 4500), 90), "JPEG", progressive=True)

    assert read_picture(with_scans(large, 2, whole=True), Limits()).width == 4500
    refused(with_scans(large, 80), "scans")


def test_pixels_are_counted_before_scans() -> None:
    data = bytearray(with_scans(PROGRESSIVE, 50))
    start = data.index(b"\xff\xc2")
    data[start + 5 : start + 9] = struct.pack(">HH", 20_000, 20_000)
    with pytest.raises(TooManyPixels):
        read_picture(bytes(data), Limits())


@pytest.mark.parametrize(
    "filler",
    [
        b"\xff" * (8 << 20),
        b"\0" * (8 << 20),
        b"\xff\0" * (4 << 20),
        segment(0xE5) * (2 << 20),
        segment(0xFE, b"x") * (2 << 20),
        segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 120,
        segment(0xDD, b"\0\0") * (1 << 20),
        b"\xff\x01" * (4 << 20),
        b"\xff\xd0" * (4 << 20),
    ],
    ids=["fill", "zeros", "stuffed", "APP5", "COM", "EXIF", "DRI", "TEM", "RST"],
)
def test_megabytes_between_the_segments_are_refused(filler: bytes) -> None:
    start = BASELINE.index(b"\xff\xdb")
    refused(BASELINE[:start] + filler + BASELINE[start:], "segments")


def test_fill_bytes_within_a_scan_are_refused() -> None:
    middle = structure(BASELINE).scans[0].start + 1000
    refused(BASELINE[:middle] + b"\xff" * (8 << 20) + BASELINE[middle:], "segments")


def test_real_files_have_metadata_fill_bytes_thumbnails_and_second_pictures() -> None:
    profile = b"".join(segment(0xE2, b"ICC_PROFILE\0" + bytes([i, 40]) + bytes(60_000)) for i in range(1, 41))
    thumbnail = segment(0xE1, b"Exif\0\0" + encode(SMALL.resize((160, 120)), "JPEG"))
    maker_note = segment(0xE3, b"\xff" * 65_000) * 3
    data = SOI + thumbnail + profile + maker_note + b"\xff" * 1000 + PROGRESSIVE[2:] + BASELINE + b"\xff" * 100_000

    found = structure(data)
    assert (found.metadata > 2_500_000, len(found.scans)) == (True, 10)
    assert read_picture(data, Limits()).width == 320
