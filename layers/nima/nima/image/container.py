"""What a file says around its pixels: looked at before they are decoded, by each format's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nima.image.crop import Box
from nima.image.jpeg import Structure, structure

if TYPE_CHECKING:
    from nima.image.png import Png


@dataclass(frozen=True)
class Container:
    """A file that is worth decoding.

    Attributes:
        format: One of ``nima.image.formats.FORMATS``.
        data: What the decoder is given; the file's own bytes, or those of them that the picture depends on.
        jpeg: The structure of a JPEG.
        png: The facts of a PNG.
        code_points: Primaries and transfer function by ITU-T H.273, where the container states them.
        profile: An ICC profile that the decoder would not find.
        covered: The part of the canvas that the first frame covers, where it may be less than all.
    """

    format: str
    data: bytes
    jpeg: Structure | None = None
    png: Png | None = None
    code_points: tuple[int, int] | None = None
    profile: bytes | None = None
    covered: Box | None = None


def inspect(format: str, data: bytes) -> Container:
    """Reads what is around the pixels.

    Raises:
        UnsupportedFormat: The pixels are of a kind that is not decoded, or not decoded rightly.
        UndecodableImage: The file is damaged, or pixels are missing.
    """
    # A cold start imports what its first picture needs.
    match format:
        case "JPEG":
            jpeg = structure(data)
            jpeg.check_kind()
            return Container(format, data, jpeg=jpeg)
        case "PNG":
            from nima.image.png import read_png

            png = read_png(data)
            return Container(format, png.data, png=png, code_points=png.cicp, profile=png.profile)
        case "WEBP":
            from nima.image import webp

            return Container(format, data, covered=webp.covered(data))
        case "TIFF":
            from nima.image import tiff

            tiff.check(data)
        case "BMP":
            from nima.image import bmp

            bmp.check(data)
            return Container(format, data, profile=bmp.profile(data))
        case "HEIF" | "AVIF":
            from nima.image import isobmff

            meta = isobmff.read_meta(data)
            if meta:
                isobmff.check_complete(data, meta, format)
                return Container(format, data, code_points=meta.nclx.get(meta.primary))
    return Container(format, data)
