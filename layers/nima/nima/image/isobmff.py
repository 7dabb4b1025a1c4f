"""The still picture of a HEIF or AVIF file (ISO/IEC 23008-12): where its coded data lie, and its stated colour space.

Read beside the decoder, which shows green where data are missing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from nima.errors import UndecodableImage, UnsupportedFormat
from nima.image.container import Container
from nima.image.padding import ends_in_padding, has_hole

_DERIVED = {b"grid", b"iovl", b"iden", b"tmap"}
_CODINGS = {"HEIF": {b"hvc1"}, "AVIF": {b"av01"}}
_CODING_NAMES = {
    b"av01": "AV1", b"avc1": "AVC", b"evc1": "EVC", b"j2k1": "JPEG 2000", b"jpeg": "JPEG", b"unci": "plain values",
    b"vvc1": "VVC",
}  # fmt: skip
# What says that an auxiliary picture is the transparency of another.
_ALPHA = {b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:avc:2015:auxid:1"}
_IN_FILE, _IN_IDAT = 0, 1
# A grid of 50 million pixels has some hundred tiles.
_MOST_ITEMS = 4096
_MOST_BOXES = _MOST_EXTENTS = _MOST_REFERENCES = 1 << 16

Span = tuple[int, int]


@dataclass(frozen=True)
class Extent:
    """A stretch of bytes of an item, relative to the file (``source`` 0) or to the ``idat`` box (1)."""

    source: int
    offset: int
    length: int


@dataclass(frozen=True)
class Meta:
    """The ``meta`` box of a file.

    Attributes:
        primary: Identifier of the item that is the picture.
        types: Item types by identifier.
        extents: Where each item's data lie.
        parts: The items that each item is derived from.
        alpha: The items that hold the transparency of others, by the others' identifiers.
        nclx: Code points of primaries and transfer function (ITU-T H.273) that items state.
        idat: Where the ``idat`` box's content lies in the file.
    """

    primary: int
    types: dict[int, bytes]
    extents: dict[int, tuple[Extent, ...]]
    parts: dict[int, tuple[int, ...]]
    alpha: dict[int, tuple[int, ...]]
    nclx: dict[int, tuple[int, int]]
    idat: Span

    def needed(self) -> list[int]:
        """The primary item, and all that it is made of."""
        found, waiting = {self.primary}, [self.primary]
        while waiting:
            item = waiting.pop()
            new = {*self.parts.get(item, ()), *self.alpha.get(item, ())} - found
            found |= new
            waiting += new
        return sorted(found)


def inspect(format: str, data: bytes) -> Container:
    """Looks at a file before it is decoded; one without a ``meta`` box is left to the decoder.

    Raises:
        UnsupportedFormat: It is coded in another way than the format's own.
        UndecodableImage: Data are missing: they would lie beyond the end, or only blanks stand in their place.
    """
    meta = read_meta(data)
    if meta is None:
        return Container(format, data)
    _check_complete(data, meta, format)
    return Container(format, data, code_points=meta.nclx.get(meta.primary))


def register(threads: int) -> None:
    """Gives Pillow the decoder of HEIF, and sets how many threads a picture of either format may take."""
    from pi_heif import register_heif_opener
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = threads
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=threads)


def read_meta(data: bytes) -> Meta | None:
    """The ``meta`` box, or None where there is none that can be read."""
    try:
        for name, start, end in read_boxes(data, 0, len(data)):
            if name == b"meta":
                return _meta(data, start + 4, end)
    except (IndexError, struct.error):
        return None
    return None


def _check_complete(data: bytes, meta: Meta, format: str) -> None:
    """Looks for the coded data of all pictures in the file, and for blanks in those of the primary one."""
    for item in meta.needed():
        kind = meta.types.get(item, b"")
        if not kind.isalnum():
            raise UndecodableImage("The file is damaged: it does not say what its picture is.")
        if kind not in _DERIVED | _CODINGS[format]:
            coding = _CODING_NAMES.get(kind, "an unknown method")
            raise UnsupportedFormat(f"{format} pictures that are coded as {coding} are not supported.")
        extents = meta.extents.get(item, ())
        if not extents or (kind in _DERIVED and not meta.parts.get(item)):
            raise UndecodableImage("The file is incomplete: parts of the picture are missing.")
        if kind in _CODINGS[format] and _has_blanks(data, extents):
            raise UndecodableImage("The file is incomplete: there are blanks in the place of pixels.")
    for item, kind in meta.types.items():
        for extent in meta.extents.get(item, ()) if kind in _DERIVED | _CODINGS[format] else ():
            start, end = meta.idat if extent.source == _IN_IDAT else (0, len(data))
            if extent.source in {_IN_FILE, _IN_IDAT} and extent.offset + extent.length > end - start:
                raise UndecodableImage("The file is truncated: parts of the picture are missing.")


def _has_blanks(data: bytes, extents: tuple[Extent, ...]) -> bool:
    """Whether coded data that lie in the file have blank bytes in them, or end in some, that no encoder wrote."""
    spans = [(e.offset, e.offset + e.length) for e in extents if e.source == _IN_FILE]
    return any(has_hole(data, *span) for span in spans) or any(ends_in_padding(data, end) for _, end in spans[-1:])


def read_boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name and content of each box between two offsets; the last one may be cut short."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, name = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            (size,), header = struct.unpack_from(">Q", data, start + 8), 16
        elif size == 0:
            size = end - start
        if size < header:
            return
        yield name, start + header, min(start + size, end)
        start += size


def _meta(data: bytes, start: int, end: int) -> Meta | None:
    boxes = {name: (s, e) for name, s, e in read_boxes(data, start, end)}
    if b"pitm" not in boxes or b"iloc" not in boxes or b"iinf" not in boxes:
        return None
    at = boxes[b"pitm"][0]
    (primary,) = struct.unpack_from(">I" if data[at] else ">H", data, at + 4)
    properties = _properties(data, boxes[b"iprp"]) if b"iprp" in boxes else {}
    parts, auxiliary = _references(data, boxes[b"iref"]) if b"iref" in boxes else ({}, {})
    alpha = {
        master: tuple(i for i in items if any(_is_alpha(*stated) for stated in properties.get(i, ())))
        for master, items in auxiliary.items()
    }
    nclx = {
        item: struct.unpack_from(">HH", content, 4)
        for item, stated in properties.items()
        for name, content in stated
        if name == b"colr" and content.startswith(b"nclx") and len(content) >= 8
    }
    types = _types(data, boxes[b"iinf"])
    return Meta(primary, types, _locations(data, boxes[b"iloc"]), parts, alpha, nclx, boxes.get(b"idat", (0, 0)))


def _is_alpha(name: bytes, content: bytes) -> bool:
    return name == b"auxC" and content[4:].partition(b"\0")[0] in _ALPHA


def _types(data: bytes, box: Span) -> dict[int, bytes]:
    start, end = box
    types = {}
    for name, at, _ in read_boxes(data, start + (8 if data[start] else 6), end):
        if name == b"infe" and data[at] >= 2:
            item, _, kind = struct.unpack_from(">HH4s" if data[at] == 2 else ">IH4s", data, at + 4)
            types[item] = kind
    return types


def _locations(data: bytes, box: Span) -> dict[int, tuple[Extent, ...]]:
    reader = _Reader(data, box[0])
    version = reader.number(1)
    reader.number(3)
    sizes = reader.number(2)
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    found: dict[int, tuple[Extent, ...]] = {}
    left = _MOST_EXTENTS
    for _ in range(reader.number(2 if version < 2 else 4)):
        if reader.at >= box[1] or left <= 0:
            break
        item = reader.number(2 if version < 2 else 4)
        source = reader.number(2) & 15 if version else _IN_FILE
        reader.number(2)
        base = reader.number(base_size)
        extents = []
        count = reader.number(2)
        left -= count + 1
        for _ in range(min(count, _MOST_EXTENTS)):
            if version:
                reader.number(index_size)
            offset, length = base + reader.number(offset_size), reader.number(length_size)
            extents.append(Extent(source, offset, length))
            if reader.at >= box[1]:
                break
        found[item] = tuple(extents)
    return found


def _references(data: bytes, box: Span) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]]:
    """What items are derived from, and which auxiliary items belong to an item."""
    start, end = box
    size = 4 if data[start] else 2
    parts: dict[int, tuple[int, ...]] = {}
    auxiliary: dict[int, list[int]] = {}
    left = _MOST_REFERENCES
    for name, at, stop in read_boxes(data, start + 4, end):
        reader = _Reader(data, at)
        item, count = reader.number(size), reader.number(2)
        others = tuple(reader.number(size) for _ in range(min(count, (stop - at) // size, max(left, 0))))
        left -= count
        if name == b"dimg":
            parts[item] = others
        elif name == b"auxl":
            for master in others:
                auxiliary.setdefault(master, []).append(item)
    return parts, {master: tuple(items) for master, items in auxiliary.items()}


def _properties(data: bytes, box: Span) -> dict[int, list[tuple[bytes, bytes]]]:
    """The properties of each item: names and contents."""
    boxes = list(read_boxes(data, *box))
    all_properties = [
        (name, data[at:end]) for n, s, e in boxes if n == b"ipco" for name, at, end in read_boxes(data, s, e)
    ]
    found: dict[int, list[tuple[bytes, bytes]]] = {}
    left = _MOST_REFERENCES
    for start, end in ((s, e) for n, s, e in boxes if n == b"ipma"):
        reader = _Reader(data, start)
        version, flags = reader.number(1), reader.number(3)
        for _ in range(min(reader.number(4), _MOST_ITEMS)):
            if reader.at >= end or left <= 0:
                break
            item, count = reader.number(2 if version == 0 else 4), reader.number(1)
            left -= count + 1
            for _ in range(count):
                index = reader.number(2) & 0x7FFF if flags & 1 else reader.number(1) & 0x7F
                if 0 < index <= len(all_properties):
                    found.setdefault(item, []).append(all_properties[index - 1])
    return found


class _Reader:
    """Reads big-endian numbers one after the other; ``IndexError`` beyond the end."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def number(self, size: int) -> int:
        if self.at + size > len(self._data):
            raise IndexError("beyond the end of the file")
        self.at += size
        return int.from_bytes(self._data[self.at - size : self.at], "big")
