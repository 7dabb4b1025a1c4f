"""What a file makes its decoder hold at its peak, told from the header alone; measured, not computed from a theory."""

from __future__ import annotations

from PIL import ExifTags, Image, TiffImagePlugin

from nima.image.jpeg import Structure
from nima.image.limits import MEBIBYTE, Need

ISOLATED = {"HEIF", "AVIF", "TIFF", "GIF", "BMP"}
"""Formats that are decoded in a process of their own."""

# The interpreter with its libraries, the model and what scoring takes; the decoder's process before its first picture.
_PROCESS_BYTES, _DECODER_BYTES = 140 * MEBIBYTE, 40 * MEBIBYTE
# The bands in which pixels are brought to the frame, and the frame as floating point while its colours are converted.
_WORKING_BYTES = 60 * MEBIBYTE
# The file, and the copies of it that decoders make; metadata are copied again to be put together.
_FILE_COPIES, _METADATA_COPIES = 3, 2
# The decoders that need the same for every pixel of the largest kind that they know (12 bits, alpha, not subsampled).
_BYTES_PER_PIXEL = {"WEBP": 17, "AVIF": 18, "HEIF": 21}
_COEFFICIENT_BYTES = 2
_MODE_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_TURNED = range(2, 9)


def decoding_need(image: Image.Image, format: str, size: int, jpeg: Structure | None, draft: int = 1) -> Need:
    """What an opened picture needs.

    Args:
        format: One of ``nima.image.formats.FORMATS``.
        size: Bytes of the file.
        jpeg: Its structure, if it is a JPEG.
        draft: By how much a JPEG's sides are divided as it is decoded.
    """
    processes = _PROCESS_BYTES + (_DECODER_BYTES if format in ISOLATED else 0)
    file = _WORKING_BYTES + _FILE_COPIES * size + (_METADATA_COPIES * jpeg.metadata if jpeg else 0)
    return Need(processes, file, _per_pixel(image, format, jpeg, draft))


def _per_pixel(image: Image.Image, format: str, jpeg: Structure | None, draft: int) -> float:
    if format in _BYTES_PER_PIXEL:
        return _BYTES_PER_PIXEL[format]
    pixel = _MODE_BYTES.get(image.mode, 4)
    if jpeg:
        return pixel / draft**2 + _coefficients(jpeg)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _tiff(image, pixel)
    # One transparent colour of 16-bit samples is looked for in a second copy, and marked in a mask.
    return 2 * pixel + 1 if isinstance(image.info.get("transparency"), tuple) else pixel


def _coefficients(jpeg: Structure) -> float:
    """Where a JPEG comes in several scans, the coefficients of all of its components are kept, at full size."""
    if not jpeg.multiscan:
        return 0
    across, down = max(c.across for c in jpeg.components), max(c.down for c in jpeg.components)
    return _COEFFICIENT_BYTES * sum(c.across * c.down for c in jpeg.components) / (across * down)


def _tiff(image: TiffImagePlugin.TiffImageFile, pixel: int) -> float:
    """The pixels, the strip or tile that was unpacked last, and a copy of the pixels where they have to be turned."""
    turned = image.getexif().get(ExifTags.Base.Orientation) in _TURNED
    bits = max(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,)))
    packed = max(pixel, bits * image.tag_v2.get(TiffImagePlugin.SAMPLESPERPIXEL, 1) / 8)
    return float(pixel * (1 + turned) + packed * _share_at_once(image))


def _share_at_once(image: TiffImagePlugin.TiffImageFile) -> float:
    """The share of the picture that is unpacked at once; more than 1 where a tile is larger than the picture."""
    tags = image.tag_v2
    width, height = tags[TiffImagePlugin.IMAGEWIDTH], tags[TiffImagePlugin.IMAGELENGTH]
    if TiffImagePlugin.TILEWIDTH in tags:
        return float(tags[TiffImagePlugin.TILEWIDTH] * tags[TiffImagePlugin.TILELENGTH] / (width * height))
    return float(min(1, tags.get(TiffImagePlugin.ROWSPERSTRIP, height) / height))
