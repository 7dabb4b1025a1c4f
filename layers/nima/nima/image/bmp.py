"""The headers of a Windows bitmap: whether its pixels are of a kind that is read, all there, and in which colours."""

from __future__ import annotations

import struct

from PIL import Image

from nima.errors import UndecodableImage, UnsupportedFormat
from nima.image.canvas import drop_blank_alpha
from nima.image.container import Container
from nima.image.padding import rows_end_in_padding

_FILE_HEADER = 14
_PLAIN, _RLE8, _RLE4, _BITFIELDS, _JPEG, _PNG = range(6)
_DEPTHS = {1, 4, 8, 16, 24, 32}
# Masks of red, green and blue that are read; those of alpha are looked at by the decoder.
_MASKS = {
    16: {(0xF800, 0x7E0, 0x1F), (0x7C00, 0x3E0, 0x1F)},
    24: {(0xFF0000, 0xFF00, 0xFF)},
    32: {
        (0xFF0000, 0xFF00, 0xFF), (0xFF000000, 0xFF0000, 0xFF00), (0xFF000000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000),
        (0, 0, 0),
    },
}  # fmt: skip
_EMBEDDED_PROFILE = b"DEBM"
_CORE_HEADER, _V5_HEADER = 12, 124


class Bmp(Container):
    """A bitmap; those of 32 bits often leave alpha at 0 where they mean none."""

    def load(self, image: Image.Image) -> None:
        image.load()
        drop_blank_alpha(image)


def inspect(format: str, data: bytes) -> Bmp:
    """Looks at a bitmap before it is decoded.

    Raises:
        UnsupportedFormat: Its pixels are packed in a way that is not read.
        UndecodableImage: Zeros stand in the place of rows.
    """
    _check(data)
    return Bmp(format, data, profile=_profile(data))


def _check(data: bytes) -> None:
    if len(data) < _FILE_HEADER + 40:
        return
    if _header_size(data) == _CORE_HEADER:
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
        compression = _PLAIN
    elif _header_size(data) < 40:
        raise UnsupportedFormat("BMP pictures with a shortened OS/2 header are not supported.")
    else:
        width, height, _, depth, compression = struct.unpack_from("<iiHHI", data, 18)
    if compression in {_JPEG, _PNG} or compression > _PNG or depth not in _DEPTHS:
        raise UnsupportedFormat(f"BMP pictures of {depth} bits with compression {compression} are not supported.")
    if compression == _BITFIELDS and len(data) >= 66:
        masks = struct.unpack_from("<III", data, 54)
        if masks not in _MASKS.get(depth, set()):
            raise UnsupportedFormat("BMP pictures with colours of unusual bits are not supported.")
    if compression in {_PLAIN, _BITFIELDS} and width > 0:
        start, row = int.from_bytes(data[10:14], "little"), (width * depth + 31) // 32 * 4
        end = min(len(data), start + row * abs(height))
        if rows_end_in_padding(data, start, end, row, max(1, depth // 8)):
            raise UndecodableImage("The file is incomplete: there are zeros in the place of pixels.")


def _profile(data: bytes) -> bytes | None:
    """The ICC profile that a bitmap of version 5 embeds."""
    if _header_size(data) != _V5_HEADER or data[70:74] != _EMBEDDED_PROFILE:
        return None
    at, size = struct.unpack_from("<II", data, 126)
    return data[_FILE_HEADER + at : _FILE_HEADER + at + size] or None


def _header_size(data: bytes) -> int:
    return int.from_bytes(data[_FILE_HEADER : _FILE_HEADER + 4], "little")
