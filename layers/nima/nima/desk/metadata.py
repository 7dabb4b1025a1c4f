"""The EXIF of any picture file that is read here, camera RAW included. What is damaged says nothing."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator

from PIL import ExifTags, Image

from nima.image.exif import DAMAGED
from nima.image.isobmff import read_boxes, read_meta
from nima.image.raw.complete import BYTE_ORDERS

_FUJIFILM, _FUJIFILM_JPEG_AT = b"FUJIFILMCCD-RAW", 84
_MINOLTA, _MINOLTA_TAGS = b"\x00MRM", b"\x00TTW"
_MOST_BLOCKS = 64
# Canon keeps two directories of EXIF in boxes of its own (CR3).
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_MAIN, _CANON_EXIF = b"CMT1", b"CMT2"
# What of a file may hold tags: RAW files have their pixels behind them.
_MOST_BYTES = 32 << 20


def exif_of(data: bytes) -> Image.Exif:
    """The EXIF of a file; empty where it has none, or a damaged one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read(data)
        except DAMAGED:
            return Image.Exif()


def fujifilms_jpeg(data: bytes) -> bytes | None:
    """The JPEG in a RAW file of Fujifilm's, which says what is said of the picture; None where it is no such file."""
    if not data.startswith(_FUJIFILM) or len(data) < _FUJIFILM_JPEG_AT + 8:
        return None
    at, length = struct.unpack_from(">II", data, _FUJIFILM_JPEG_AT)
    return data[at : at + length]


def _read(data: bytes) -> Image.Exif:
    if data[:4] in BYTE_ORDERS:
        return _of_tiff(data)
    if jpeg := fujifilms_jpeg(data):
        return _of_pillow(jpeg)
    if data.startswith(_MINOLTA):
        return _of_tiff(_minolta(data))
    if data[4:8] == b"ftyp":
        return _of_boxes(data)
    return _of_pillow(data)


def _of_pillow(data: bytes) -> Image.Exif:
    with Image.open(io.BytesIO(data)) as image:
        return image.getexif()


def _of_tiff(data: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(b"Exif\x00\x00" + BYTE_ORDERS.get(data[:4], b"") + data[4:_MOST_BYTES])
    return exif


def _of_boxes(data: bytes) -> Image.Exif:
    """Of HEIF and AVIF (ISO/IEC 23008-12, annex A), and of Canon's CR3."""
    parts = dict(_canon(data))
    if _CANON_MAIN in parts:
        exif = _of_tiff(parts[_CANON_MAIN])
        exif.get_ifd(ExifTags.IFD.Exif).update(_of_tiff(parts.get(_CANON_EXIF, b"")))
        return exif
    meta = read_meta(data)
    for item, kind in meta.types.items() if meta else ():
        extents = meta.extents.get(item, ()) if meta else ()
        if kind == b"Exif" and extents and extents[0].source == 0:
            block = data[extents[0].offset : extents[0].offset + extents[0].length]
            return _of_tiff(block[4 + int.from_bytes(block[:4], "big") :])
    return Image.Exif()


def _canon(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for name, start, end in read_boxes(data, 0, len(data)):
        for inner, at, stop in read_boxes(data, start, end) if name == b"moov" else ():
            if inner == b"uuid" and data[at : at + len(_CANON)] == _CANON:
                yield from ((tag, data[s:e]) for tag, s, e in read_boxes(data, at + len(_CANON), stop))


def _minolta(data: bytes) -> bytes:
    at = 8
    for _ in range(_MOST_BLOCKS):
        name, length = struct.unpack_from(">4sI", data, at)
        if name == _MINOLTA_TAGS:
            return data[at + 8 : at + 8 + length]
        at += 8 + length
    return b""
