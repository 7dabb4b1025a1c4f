"""Whether all that a RAW file says it holds lies in it: LibRaw develops much of what is cut short without a word."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, TiffImagePlugin

from nima.errors import UndecodableImage
from nima.image.tiff import directory

# How the directories of a TIFF begin, and how those that makers gave another name do.
BYTE_ORDERS = {
    b"II*\x00": b"II*\x00", b"MM\x00*": b"MM\x00*",
    b"IIRO": b"II*\x00", b"IIRS": b"II*\x00", b"MMOR": b"MM\x00*", b"IIU\x00": b"II*\x00",
}  # fmt: skip
# Offsets and lengths that belong together: strips, tiles, a JPEG; Panasonic has its own tag for where pixels begin.
_SPANS = ((273, 279), (324, 325), (513, 514), (0x118, 279))
_HEADER = 8  # bytes of a TIFF's: its order, and where its first directory is
_LOSSY, _JPEG_END = 34892, b"\xff\xd9"  # DNG 1.4; LibRaw fills what is missing
_NOWHERE = 0xFFFFFFFF
_MOST_DIRECTORIES, _MOST_SPANS = 64, 1 << 18
# Fujifilm: where the offset and length of the JPEG, of the header and of the pixels stand.
_FUJIFILM, _FUJIFILM_SPANS = b"FUJIFILMCCD-RAW", (84, 92, 100)
_CUT = "The file is cut short: data that it should hold lie beyond its end."

Span = tuple[int, int]


def check_complete(data: bytes) -> None:
    """Raises ``UndecodableImage`` where pixels or a preview would lie beyond the end of a RAW file, or the JPEGs that a
    lossy DNG has for its pixels do not end."""
    if any(start + length > len(data) for start, length in _spans(data)):
        raise UndecodableImage(_CUT)
    for tags in directories(data):
        if tags.get(TiffImagePlugin.COMPRESSION) == _LOSSY:
            parts = (data[start : start + length] for start, length in _pairs(tags))
            if not all(part.rstrip(b"\0").endswith(_JPEG_END) for part in parts):
                raise UndecodableImage("The file is incomplete: a part of its pixels is missing.")


def directories(data: bytes) -> Iterator[Any]:
    """The TIFF directories of a RAW file that is made of some: the chain, and those below."""
    order = BYTE_ORDERS.get(data[:4])
    if order is None:
        return
    if len(data) < _HEADER:
        raise UndecodableImage(_CUT)
    header = order + data[4:_HEADER]
    waiting, seen = [TiffImagePlugin.ImageFileDirectory_v2(header).next], set[int]()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        at = waiting.pop(0)
        if not at or at in seen:
            continue
        seen.add(at)
        tags = _directory(data, header, at)
        if tags is None:
            raise UndecodableImage(_CUT)
        yield tags
        waiting += [tags.next, *_numbers(tags, ExifTags.Base.SubIFDs)]


def _spans(data: bytes) -> Iterator[Span]:
    if data.startswith(_FUJIFILM) and len(data) >= _FUJIFILM_SPANS[-1] + 8:
        yield from (struct.unpack_from(">II", data, at) for at in _FUJIFILM_SPANS)
    elif data[4:8] == b"ftyp":
        yield from _boxes(data)
    for tags in directories(data):
        yield from _pairs(tags)


def _pairs(tags: Any) -> Iterator[Span]:
    for offsets, lengths in _SPANS:
        pairs = zip(_numbers(tags, offsets), _numbers(tags, lengths), strict=False)
        yield from (pair for pair in pairs if pair[0] != _NOWHERE)


def _boxes(data: bytes) -> Iterator[Span]:
    """The outermost boxes of an ISO base media file, as CR3 is one (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if size == 1 and at + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, at + 8)
        if size < 8:  # up to the end
            return
        yield at, size
        at += size


def _directory(data: bytes, header: bytes, at: int) -> Any:
    """The tags of a directory; None where it does not lie in the file as a whole."""
    order = "<" if header.startswith(b"II") else ">"
    if at + 2 > len(data) or at + 2 + 12 * struct.unpack_from(f"{order}H", data, at)[0] > len(data):
        return None
    return directory(data, at, header)


def _numbers(tags: Any, tag: int) -> list[int]:
    value = tags.get(tag, ())
    values = value if isinstance(value, tuple) else (value,)
    return [one for one in values[:_MOST_SPANS] if isinstance(one, int)]
