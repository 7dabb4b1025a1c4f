"""What a TIFF holds, told from its directory before anything is decoded: camera RAW, or samples of some kind."""

from __future__ import annotations

import io
import struct
import warnings
from itertools import pairwise
from typing import Any, cast

from PIL import ExifTags, Image, TiffImagePlugin

from nima.errors import UndecodableImage, UnsupportedFormat
from nima.image.canvas import drop_blank_alpha
from nima.image.container import Container, mode_bytes
from nima.image.padding import PADDING, ends_in_padding, rows_end_in_padding
from nima.image.shrink import GreyScale

# Pillow's own reading of uncompressed strips takes 16-bit planes for 8-bit ones; libtiff reads every layout.
TiffImagePlugin.READ_LIBTIFF = True

_NEW_SUBFILE_TYPE = 254
_STRIP_BYTES, _TILE_BYTES = 279, 325
_REDUCED_RESOLUTION = 1
_DNG_VERSION = 50706
_CANON_RAW_AT, _CANON_RAW = 8, b"CR"
# TIFF/EP and DNG: colour filter array, and what has been demosaiced but not developed.
_RAW_PHOTOMETRICS = {32803, 34892}
_RAW_COMPRESSIONS = {262, 32767, 32769, 32770, 34713, 34892, 65000, 65535}
_MOST_CHILDREN = 16
_MOST_STRIPS = 1 << 16

_PLAIN = 1
# May copy zeros as they are; where data are missing, the decoder fails.
_PACK_BITS = 32773
_COMPRESSIONS = {_PLAIN, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34925, 50000}
_COMPRESSION_NAMES = {
    9: "JBIG", 10: "JBIG", 32809: "ThunderScan", 33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000",
    34661: "JBIG", 34676: "LogLuv", 34677: "LogLuv", 34712: "JPEG 2000", 34887: "LERC", 34933: "PNG", 34934: "JPEG XR",
    50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
_PHOTOMETRIC_NAMES = {
    0: "grey", 1: "grey", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr", 8: "CIELAB", 9: "ICC LAB",
    10: "ITU LAB", 32844: "LogL", 32845: "LogLuv",
}  # fmt: skip
_SAMPLE_NAMES = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex floating-point"}
_WHITE_IS_ZERO = 0
_UNSIGNED = {1, 4}
_LARGEST_SAMPLE = 16
_SEPARATE_PLANES = 2
_TURNED = range(2, 9)


class Tiff(Container):
    """A TIFF file."""

    def pixel_bytes(self, image: Image.Image, draft: int) -> float:
        """The pixels, the strip or tile that was unpacked last, and a copy of the pixels where they are turned."""
        pixel, tags = mode_bytes(image), _tags(image)
        turned = image.getexif().get(ExifTags.Base.Orientation) in _TURNED
        bits = max(tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,)))
        packed = max(pixel, bits * tags.get(TiffImagePlugin.SAMPLESPERPIXEL, 1) / 8)
        return float(pixel * (1 + turned) + packed * _share_at_once(tags))

    def load(self, image: Image.Image) -> None:
        image.load()
        # A fourth sample that has no name may be none.
        if TiffImagePlugin.EXTRASAMPLES not in _tags(image):
            drop_blank_alpha(image)

    def grey_scale(self, image: Image.Image) -> GreyScale:
        tags = _tags(image)
        return GreyScale(max(_bits(tags)), tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO)

    def unknown_kind(self) -> UnsupportedFormat | None:
        tags = directory(self.data)
        needed = (TiffImagePlugin.IMAGEWIDTH, TiffImagePlugin.IMAGELENGTH, TiffImagePlugin.PHOTOMETRIC_INTERPRETATION)
        if tags is None or not all(tag in tags for tag in needed):
            return None
        return UnsupportedFormat(f"{_description(tags)} are not supported.")


def inspect(format: str, data: bytes) -> Tiff:
    """Looks at a TIFF before it is decoded. What cannot be read at all passes; the decoder will say so.

    Raises:
        UnsupportedFormat: Camera RAW, whose first picture is a thumbnail, or samples that would be misread.
        UndecodableImage: Zeros stand in the place of pixels.
    """
    tags = directory(data)
    if tags is not None:
        _check(data, tags)
    return Tiff(format, data)


def is_raw(data: bytes) -> bool:
    """Whether a TIFF is a camera RAW file."""
    tags = directory(data)
    return tags is not None and _raw_maker(data, tags) is not None


def _check(data: bytes, tags: Any) -> None:
    if (maker := _raw_maker(data, tags)) is not None:
        raise UnsupportedFormat(f"The file is a camera RAW picture ({maker}), which this service does not develop.")
    compression = tags.get(TiffImagePlugin.COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        name = _COMPRESSION_NAMES.get(compression, f"method {compression}")
        raise UnsupportedFormat(f"TIFF pictures that are compressed with {name} are not supported.")
    if set(_sequence(tags.get(TiffImagePlugin.SAMPLEFORMAT, 1))) - _UNSIGNED or max(_bits(tags)) > _LARGEST_SAMPLE:
        raise UnsupportedFormat(f"{_description(tags)} are not supported.")
    if _number(tags, _NEW_SUBFILE_TYPE) & _REDUCED_RESOLUTION:
        raise UnsupportedFormat("TIFF files whose first picture is a thumbnail of another are not supported.")
    if _padded(data, tags, compressed=compression != _PLAIN):
        raise UndecodableImage("The file is incomplete: there are zeros in the place of pixels.")


def _raw_maker(data: bytes, tags: Any) -> str | None:
    """The maker of a camera RAW file, or None where it is none."""
    directories = [tags, *(d for d in (directory(data, at) for at in _children(tags)) if d is not None)]
    area = _area(tags)
    if _DNG_VERSION in tags:
        return "DNG"
    preview = _number(tags, _NEW_SUBFILE_TYPE) & _REDUCED_RESOLUTION and ExifTags.Base.Make in tags
    if (
        preview
        or data.startswith(_CANON_RAW, _CANON_RAW_AT)
        or any(
            d.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) in _RAW_PHOTOMETRICS
            or d.get(TiffImagePlugin.COMPRESSION) in _RAW_COMPRESSIONS
            or (_area(d) > area and ExifTags.Base.Make in tags)
            for d in directories
        )
    ):
        make = str(tags.get(ExifTags.Base.Make, ""))
        return "".join(c for c in make if c.isprintable()).strip()[:40] or "maker unknown"
    return None


def _padded(data: bytes, tags: Any, *, compressed: bool) -> bool:
    """Whether strips or tiles end in zeros instead of pixels."""
    tiled = TiffImagePlugin.TILEOFFSETS in tags
    offsets = _sequence(tags.get(TiffImagePlugin.TILEOFFSETS if tiled else TiffImagePlugin.STRIPOFFSETS, ()))
    sizes = _sequence(tags.get(_TILE_BYTES if tiled else _STRIP_BYTES, ()))
    if len(offsets) > _MOST_STRIPS:
        return False
    spans = [(start, start + size) for start, size in zip(offsets, sizes, strict=False)]
    if tags.get(TiffImagePlugin.COMPRESSION) == _PACK_BITS:
        return False
    if compressed:
        return any(end <= len(data) and ends_in_padding(data, end) for start, end in spans if end - start >= PADDING)
    if not spans or any(end != following for (_, end), (following, _) in pairwise(spans)):
        return False
    width, bits = _number(tags, TiffImagePlugin.TILEWIDTH if tiled else TiffImagePlugin.IMAGEWIDTH), _bits(tags)
    planes = tags.get(TiffImagePlugin.PLANAR_CONFIGURATION) == _SEPARATE_PLANES
    samples = 1 if planes else _number(tags, TiffImagePlugin.SAMPLESPERPIXEL) or len(bits)
    row = (width * samples * bits[0] + 7) // 8
    return rows_end_in_padding(data, spans[0][0], min(spans[-1][1], len(data)), row, max(1, samples * bits[0] // 8))


def _tags(image: Image.Image) -> Any:
    return cast(TiffImagePlugin.TiffImageFile, image).tag_v2


def _share_at_once(tags: Any) -> float:
    """The share of the picture that is unpacked at once; more than 1 where a tile is larger than the picture."""
    width, height = tags[TiffImagePlugin.IMAGEWIDTH], tags[TiffImagePlugin.IMAGELENGTH]
    if TiffImagePlugin.TILEWIDTH in tags:
        return float(tags[TiffImagePlugin.TILEWIDTH] * tags[TiffImagePlugin.TILELENGTH] / (width * height))
    return float(min(1, tags.get(TiffImagePlugin.ROWSPERSTRIP, height) / height))


def _children(tags: Any) -> tuple[int, ...]:
    offsets = _sequence(tags.get(ExifTags.Base.SubIFDs, ()))
    return tuple(at for at in offsets if isinstance(at, int))[:_MOST_CHILDREN]


def directory(data: bytes, at: int | None = None, header: bytes | None = None) -> Any:
    """The tags of the directory at an offset, of the first one for None; None where there is none.

    ``header`` stands for the file's own first 8 bytes, of which some makers' differ.
    """
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(header or data[:8])
        file = io.BytesIO(data)
        file.seek(tags.next if at is None else at)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags.load(file)
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error):
        return None
    # Values are unpacked as they are asked for: one can be as long as the file.
    return tags


def _sequence(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _number(tags: Any, tag: int) -> int:
    value = tags.get(tag, 0)
    return value if isinstance(value, int) else 0


def _area(tags: Any) -> int:
    return _number(tags, TiffImagePlugin.IMAGEWIDTH) * _number(tags, TiffImagePlugin.IMAGELENGTH)


def _bits(tags: Any) -> tuple[int, ...]:
    return tuple(b for b in _sequence(tags.get(TiffImagePlugin.BITSPERSAMPLE, 1)) if isinstance(b, int)) or (1,)


def _description(tags: Any) -> str:
    colours = _PHOTOMETRIC_NAMES.get(tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, -1), "unusual")
    kind = next(
        (_SAMPLE_NAMES[f] for f in _sequence(tags.get(TiffImagePlugin.SAMPLEFORMAT, 1)) if f in _SAMPLE_NAMES), ""
    )
    extra = " and transparency" if TiffImagePlugin.EXTRASAMPLES in tags else ""
    return f"TIFF pictures of {max(_bits(tags))}-bit {kind + ' ' if kind else ''}{colours} samples{extra}"
