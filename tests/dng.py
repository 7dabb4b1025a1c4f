"""Camera RAW made in code: small DNG files with a JPEG preview and a Bayer sensor's values, as cameras write them."""

from __future__ import annotations

import io
import struct
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

_BLACK, _WHITE = 128, 4095
# From CIE XYZ to linear sRGB (IEC 61966-2-1), which the sensor's filters are those of.
_FROM_XYZ = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
_HEADER = b"II*\x00"
_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _SIGNED_RATIONAL = 1, 2, 3, 4, 5, 10


def dng(
    picture: Image.Image,
    *,
    stops: float = 0.0,
    taken: datetime | None = None,
    shutter: Fraction = Fraction(1, 100),
    aperture: float = 8.0,
    iso: int = 100,
    orientation: int = 1,
    preview: int = 1024,
) -> bytes:
    """A DNG file of a picture.

    Args:
        picture: What the sensor has seen, at the sensor's size, as it lies on the sensor.
        stops: How much more light there was; what exceeds the sensor's range is lost.
        taken: When, to the hundredth of a second.
        shutter, aperture, iso: What EXIF says of the exposure.
        orientation: How it is turned to be seen, by EXIF.
        preview: The long side of the embedded JPEG; 0 for none.
    """
    light = (np.asarray(picture.convert("RGB"), np.float32) / 255) ** 2.2 * 2.0**stops
    sensor = np.zeros(light.shape[:2], np.float32)
    for channel, (row, column) in zip((0, 1, 1, 2), ((0, 0), (0, 1), (1, 0), (1, 1)), strict=True):
        sensor[row::2, column::2] = light[row::2, column::2, channel]
    values = np.clip(sensor * (_WHITE - _BLACK) + _BLACK, 0, _WHITE).astype("<u2")
    shown = Image.fromarray((np.clip(light, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8))
    shown.thumbnail((preview or 1,) * 2)
    jpeg = io.BytesIO()
    shown.save(jpeg, "JPEG", quality=88)
    file = _File()
    raw = file.directory(
        {
            254: (_LONG, 0), 256: (_LONG, values.shape[1]), 257: (_LONG, values.shape[0]), 258: (_SHORT, 16),
            259: (_SHORT, 1), 262: (_SHORT, 32803), 273: (_LONG, 0), 277: (_SHORT, 1),
            278: (_LONG, values.shape[0]), 279: (_LONG, values.nbytes), 33421: (_SHORT, (2, 2)),
            33422: (_BYTE, bytes((0, 1, 1, 2))), 50710: (_BYTE, bytes((0, 1, 2))), 50711: (_SHORT, 1),
            50714: (_SHORT, _BLACK), 50717: (_SHORT, _WHITE),
        },
        values.tobytes(),
    )  # fmt: skip
    told: dict[int, tuple[int, Any]] = {
        33434: (_RATIONAL, IFDRational(shutter.numerator, shutter.denominator)), 33437: (_RATIONAL, aperture),
        34855: (_SHORT, iso), 37386: (_RATIONAL, 50.0),
    }  # fmt: skip
    if taken:
        told |= {
            36867: (_ASCII, taken.strftime("%Y:%m:%d %H:%M:%S")),
            37521: (_ASCII, f"{taken.microsecond // 10_000:02d}"),
        }
    embedded = {
        254: (_LONG, 1), 256: (_LONG, shown.width), 257: (_LONG, shown.height), 258: (_SHORT, (8, 8, 8)),
        259: (_SHORT, 7), 262: (_SHORT, 6), 273: (_LONG, 0), 277: (_SHORT, 3),
        278: (_LONG, shown.height), 279: (_LONG, len(jpeg.getvalue())),
    }  # fmt: skip
    file.first(
        {
            **(embedded if preview else {254: (_LONG, 1)}),
            271: (_ASCII, "Test Maker"), 272: (_ASCII, "Test Camera"), 274: (_SHORT, orientation),
            int(ExifTags.Base.SubIFDs): (_LONG, raw), 34665: (_LONG, file.directory(told)),
            50706: (_BYTE, bytes((1, 4, 0, 0))), 50707: (_BYTE, bytes((1, 1, 0, 0))), 50708: (_ASCII, "Test Camera"),
            50721: (_SIGNED_RATIONAL, _FROM_XYZ), 50728: (_RATIONAL, (1.0, 1.0, 1.0)), 50778: (_SHORT, 21),
        },
        jpeg.getvalue() if preview else b"",
    )  # fmt: skip
    return bytes(file.content)


def lossy_dng(picture: Image.Image, missing: int = 0) -> bytes:
    """A DNG file whose pixels are a JPEG, as Adobe's lossy ones are.

    Args:
        picture: What it shows.
        missing: How many bytes at the end of its pixels are zeros.
    """
    jpeg, shown = io.BytesIO(), io.BytesIO()
    picture.save(jpeg, "JPEG", quality=90)
    picture.save(shown, "JPEG")
    pixels = jpeg.getvalue()[: len(jpeg.getvalue()) - missing] + bytes(missing)
    sides = {256: (_LONG, picture.width), 257: (_LONG, picture.height), 258: (_SHORT, (8, 8, 8)), 277: (_SHORT, 3)}
    file = _File()
    linear = {262: (_SHORT, 34892), 259: (_SHORT, 34892), 273: (_LONG, 0), 278: (_LONG, picture.height)}
    raw = file.directory({254: (_LONG, 0), **sides, **linear, 279: (_LONG, len(pixels))}, pixels)
    file.first(
        {
            254: (_LONG, 1), **sides, 259: (_SHORT, 7), 262: (_SHORT, 6), 273: (_LONG, 0), 278: (_LONG, picture.height),
            279: (_LONG, len(shown.getvalue())), 271: (_ASCII, "Test Maker"), 272: (_ASCII, "Test Camera"),
            int(ExifTags.Base.SubIFDs): (_LONG, raw), 50706: (_BYTE, bytes((1, 4, 0, 0))),
            50707: (_BYTE, bytes((1, 4, 0, 0))), 50708: (_ASCII, "Test Camera"), 50721: (_SIGNED_RATIONAL, _FROM_XYZ),
            50728: (_RATIONAL, (1.0, 1.0, 1.0)), 50778: (_SHORT, 21),
        },
        shown.getvalue(),
    )  # fmt: skip
    return bytes(file.content)


class _File:
    """A TIFF that is written from its inner parts to its first directory."""

    def __init__(self) -> None:
        self.content = bytearray(_HEADER + bytes(4))

    def directory(self, tags: dict[int, tuple[int, Any]], strip: bytes = b"") -> int:
        """Writes a directory and the strip of pixels behind it, where Pillow lets it begin; returns where it stands."""
        made = ImageFileDirectory_v2(_HEADER + bytes(4))
        for tag, (kind, value) in sorted(tags.items()):
            made.tagtype[tag] = kind
            made[tag] = value
        self.content += b"\0" * (len(self.content) % 2)
        at = len(self.content)
        self.content += made.tobytes(at) + strip
        return at

    def first(self, tags: dict[int, tuple[int, Any]], strip: bytes) -> None:
        at = self.directory(tags, strip)
        struct.pack_into("<I", self.content, 4, at)
