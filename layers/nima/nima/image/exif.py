"""The two facts of an EXIF block that change a picture; a damaged block states nothing."""

from __future__ import annotations

import struct
import zlib

from PIL import ExifTags, Image

_COLOR_SPACE_TAG = 0xA001
_INTEROP_INDEX_TAG = 0x0001
_ADOBE_RGB_COLOR_SPACE = 2
DAMAGED = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError,
    RuntimeError, EOFError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow raises for damaged and hostile files. MemoryError is not among them: it may pass."""


def forget_xmp(image: Image.Image) -> None:
    """Takes XMP away from an opened file: Pillow would read an orientation from it, which no browser obeys."""
    image.info.pop("xmp", None)


def orientation(image: Image.Image) -> int:
    """How the stored picture has to be turned, 1..8 by EXIF; 1 where nothing is stated."""
    try:
        stated = image.getexif().get(ExifTags.Base.Orientation)
    except DAMAGED:
        return 1
    return stated if isinstance(stated, int) and 1 <= stated <= 8 else 1


def is_adobe_rgb(image: Image.Image) -> bool:
    """Whether EXIF marks the values as Adobe RGB (DCF 2.0: InteroperabilityIndex R03; some cameras: ColorSpace 2)."""
    try:
        exif = image.getexif()
        space = exif.get_ifd(ExifTags.IFD.Exif).get(_COLOR_SPACE_TAG)
        index = exif.get_ifd(ExifTags.IFD.Interop).get(_INTEROP_INDEX_TAG)
    except DAMAGED:
        return False
    return space == _ADOBE_RGB_COLOR_SPACE or str(index).strip("\0 ") == "R03"
