"""The segments before a JPEG's pixels, among them those of XMP (ISO 16684-3, 1.1.3 and 1.1.3.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Literal

from nima.desk.xmp.document import MAX_BYTES
from nima.desk.xmp.splice import Cut
from nima.errors import UnreadableMetadata

STANDARD = b"http://ns.adobe.com/xap/1.0/\0"
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
MAX_PACKET = 65502
"""Bytes of a packet that a segment has room for."""

_MAX_CHUNK = 65400
_CHUNK = struct.Struct(">32sII")
_SOI, _EOI, _SOS, _APP0, _APP1, _APP2 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_EXIF, _MPF = b"Exif\0\0", b"MPF\0"
_MP_ENTRIES, _MP_ENTRY, _MOST_MP_TAGS = 0xB002, 16, 64


@dataclass(frozen=True)
class Segment:
    """A segment: its marker's code, where it begins and ends in the file, and its contents."""

    code: int
    start: int
    end: int
    data: bytes

    def holds(self, code: int, mark: bytes) -> bool:
        """Whether it is one of a kind."""
        return self.code == code and self.data.startswith(mark)


def segments(data: bytes) -> tuple[Segment, ...]:
    """The segments of a JPEG up to its first scan.

    Raises:
        UnreadableMetadata: It is damaged before that.
    """
    if data[:2] != b"\xff\xd8":
        raise UnreadableMetadata("The file is no JPEG.")
    found: list[Segment] = []
    at = 2
    while 0 <= (at := data.find(b"\xff", at)) <= len(data) - 4:  # decoders pass over what is between segments
        code = data[at + 1]
        if code in (_SOS, _EOI):
            return tuple(found)
        if code in (0x00, 0xFF) or code in _STANDALONE:
            at += 1 if code == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or end < at + 4:
            break
        found.append(Segment(code, at, end, data[at + 4 : end]))
        at = end
    raise UnreadableMetadata("The JPEG is damaged before its pixels.")


def standard(those: Iterable[Segment]) -> list[Segment]:
    """The segments with a packet, of which there should be one at most."""
    return [one for one in those if one.holds(_APP1, STANDARD)]


def extension(those: Iterable[Segment], guid: str) -> tuple[list[Segment], bytes | None]:
    """The segments of the packet's extension that goes by a name, and what they are in all; None where parts lack."""
    chunks, parts, length = [], {}, 0
    for one in those:
        if one.holds(_APP1, EXTENSION) and len(one.data) >= len(EXTENSION) + _CHUNK.size:
            name, length_here, offset = _CHUNK.unpack_from(one.data, len(EXTENSION))
            if name == guid.encode():
                chunks.append(one)
                parts[offset], length = one.data[len(EXTENSION) + _CHUNK.size :], length_here
    whole = b""
    for offset, part in sorted(parts.items()):
        if offset != len(whole):
            break
        whole += part
    return chunks, whole if whole and len(whole) == length <= MAX_BYTES else None


def name(extended: bytes) -> str:
    """What an extension goes by."""
    return md5(extended, usedforsecurity=False).hexdigest().upper()


def standard_segment(packet: bytes) -> bytes:
    """A segment with a packet."""
    return _segment(_APP1, STANDARD + packet)


def extension_segments(extended: bytes) -> bytes:
    """The segments of an extension."""
    guid, length = name(extended).encode(), len(extended)
    return b"".join(
        _segment(_APP1, EXTENSION + _CHUNK.pack(guid, length, at) + extended[at : at + _MAX_CHUNK])
        for at in range(0, length, _MAX_CHUNK)
    )


def place(those: Sequence[Segment]) -> int:
    """Where a packet goes into a file that has none: behind JFIF and EXIF, never behind a list of further pictures,
    which counts from itself."""
    at = 2
    for one in those:
        if one.holds(_APP2, _MPF):
            break
        if one.code == _APP0 or one.holds(_APP1, _EXIF):
            at = one.end
    return at


def moved_pictures(those: Sequence[Segment], made: Sequence[Cut]) -> list[Cut]:
    """What changes in the list of further pictures in the file (CIPA DC-007), where bytes come in or go behind it."""
    found = []
    for one in (one for one in those if one.holds(_APP2, _MPF)):
        by = sum(len(cut.data) - (cut.end - cut.start) for cut in made if cut.start >= one.end)
        if by:
            found += [_shifted(one, at, by) for at in _offsets(one.data)]
    return found


def _segment(code: int, data: bytes) -> bytes:
    return b"\xff" + bytes((code,)) + (len(data) + 2).to_bytes(2, "big") + data


def _shifted(one: Segment, at: int, by: int) -> Cut:
    order = _order(one.data)
    value = int.from_bytes(one.data[at : at + 4], order) + by
    start = one.end - len(one.data) + at
    return Cut(start, start + 4, value.to_bytes(4, order))


def _order(data: bytes) -> Literal["little", "big"]:
    return "little" if data[4:6] == b"II" else "big"


def _offsets(data: bytes) -> list[int]:
    """Where in a list of pictures their offsets stand; the first picture's is 0, as it is the file's own."""
    order, tiff = "<" if data[4:6] == b"II" else ">", 4
    try:
        (first,) = struct.unpack_from(f"{order}I", data, tiff + 4)
        (count,) = struct.unpack_from(f"{order}H", data, tiff + first)
        for number in range(min(count, _MOST_MP_TAGS)):
            tag, _, size, at = struct.unpack_from(f"{order}HHII", data, tiff + first + 2 + 12 * number)
            if tag == _MP_ENTRIES:
                places = range(tiff + at + 8, min(tiff + at + size, len(data) - 3), _MP_ENTRY)
                return [place for place in places if any(data[place : place + 4])]
    except struct.error as error:
        raise UnreadableMetadata("The JPEG's list of pictures is damaged.", detail=repr(error)) from error
    return []
