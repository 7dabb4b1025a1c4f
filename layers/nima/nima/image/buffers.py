"""What some files make their decoders hold beside the pixels, told from the header alone."""

from __future__ import annotations

from PIL import ExifTags, Image, TiffImagePlugin

from nima.image.jpeg import Structure

_COEFFICIENT_BYTES = 2
_ONE_BYTE_MODES = {"1", "L", "P"}
_TURNED = range(2, 9)


def bytes_per_pixel(image: Image.Image, jpeg: Structure | None) -> float:
    """The memory that decoding an opened JPEG or TIFF takes at its peak, in bytes for each pixel.

    Other formats, and the JPEGs that are decoded line by line, give 0.
    """
    if jpeg:
        return _jpeg(jpeg)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _tiff(image)
    return 0


def _jpeg(jpeg: Structure) -> float:
    """Where a JPEG comes in several scans, the coefficients of all of its components are kept, at full size."""
    if not jpeg.multiscan:
        return 0
    across, down = max(c.across for c in jpeg.components), max(c.down for c in jpeg.components)
    return _COEFFICIENT_BYTES * sum(c.across * c.down for c in jpeg.components) / (across * down)


def _tiff(image: TiffImagePlugin.TiffImageFile) -> float:
    """The pixels, the strip or tile that was unpacked last, and a copy of the pixels where they have to be turned."""
    pixel = 1 if image.mode in _ONE_BYTE_MODES else 4
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
