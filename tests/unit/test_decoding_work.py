"""Small files cannot make a decoder work for long: parts without number, and parts that unpack to much more."""

from __future__ import annotations

import resource
import struct
import time
import zlib
from collections.abc import Callable

import pytest

from nima.errors import NimaError
from nima.image.decode import read_picture
from nima.image.limits import Limits
from tests.pictures import encode, scene

SMALL = scene(320, 240)
PNG, JPEG, WEBP = (encode(SMALL, kind) for kind in ("PNG", "JPEG", "WEBP"))
MOST_SECONDS, MOST_BYTES = 1.5, 60 << 20
SIZE = 8 << 20


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*extra: bytes, at: int = 33) -> bytes:
    """A PNG with chunks put in, by default behind its header."""
    return PNG[:at] + b"".join(extra) + PNG[at:]


def riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) & 1)


def webp(*extra: bytes) -> bytes:
    """A WebP of the extended kind with chunks put in before its pixels."""
    header = riff(b"VP8X", bytes(4) + struct.pack("<I", 319)[:3] + struct.pack("<I", 239)[:3])
    body = b"WEBP" + header + b"".join(extra) + WEBP[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def exif_of_large_values() -> bytes:
    """Five thousand values, all of them the same 60 KB."""
    entries = b"".join(struct.pack("<HHII", tag, 7, 60_000, 8) for tag in range(5000))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 5000) + entries + bytes(4)


def jpeg_in_restarts() -> bytes:
    return JPEG[:-2] + b"\xff\xd0" * (SIZE // 2) + JPEG[-2:]


FILES: dict[str, Callable[[], bytes]] = {
    "png of empty chunks": lambda: png(chunk(b"prVt") * (SIZE // 12)),
    "png of empty pixel chunks": lambda: png(chunk(b"IDAT") * (SIZE // 12)),
    "png of empty chunks behind the pixels": lambda: png(chunk(b"prVt") * (SIZE // 12), at=len(PNG) - 12),
    "png of texts that unpack": lambda: png(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1 << 20))) * 6000),
    "png of profiles that unpack": lambda: png(chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(1 << 20))) * 6000),
    "png of a long text": lambda: png(chunk(b"iTXt", b"k\0\0\0\0\0" + b"x" * SIZE)),
    "png of much EXIF": lambda: png(chunk(b"eXIf", exif_of_large_values()) * 120),
    "webp of empty chunks": lambda: webp(riff(b"abcd", b"") * (SIZE // 8)),
    "jpeg of restarts": jpeg_in_restarts,
    "jpeg of EXIF": lambda: JPEG[:2] + b"\xff\xe1\xfd\xe8Exif\0\0" + exif_of_large_values().ljust(64_992) + JPEG[2:],
    "jpeg of tables": lambda: JPEG[:2] + (b"\xff\xdb" + struct.pack(">H", 65_002) + bytes(65_000)) * 120 + JPEG[2:],
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_what_is_around_the_pixels_costs_little(name: str) -> None:
    data = FILES[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        answer = read_picture(data, Limits()).format
    except NimaError as refusal:
        answer = refusal.code
    assert answer in {"PNG", "WEBP", "JPEG", "undecodable_image"}
    assert time.process_time() - began < MOST_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_BYTES
