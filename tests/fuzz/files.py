"""Random changes of picture files: of bits and stretches of bytes, and of the parts that a format is made of."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence

PNG = b"\x89PNG\r\n\x1a\n"
_CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"iinf": 6, b"iref": 4, b"moov": 0, b"trak": 0, b"mdia": 0}
_ODD_BYTES = (0, 1, 0x7F, 0x80, 0xFF)
_ODD_NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_HEAD = 700

Span = tuple[int, int]


def spoilt(seed: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """A copy of a file with one to four changes; sound checksums in half of the PNGs, which else would hide them."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4))):
        chance.choice(_CHANGES)(data, others, chance)
    if data.startswith(PNG) and chance.random() < 0.5:
        _mend_checksums(data)
    return bytes(data)


def parts(data: bytes) -> list[Span]:
    """Where the parts of a file lie, those within others too: segments, chunks, boxes; directory entries of a TIFF."""
    if data.startswith(PNG):
        return _counted(data, 8, ">I", 0, 12)
    if data.startswith(b"RIFF"):
        return [(0, 12), *_counted(data, 12, "<I", 4, 8)]
    if data.startswith(b"\xff\xd8"):
        return _segments(data)
    if data[4:8] == b"ftyp":
        return _boxes(data, 0, len(data))
    if data[:2] in (b"II", b"MM"):
        return _entries(data, "<" if data[:2] == b"II" else ">")
    return [(at, min(at + 12, len(data))) for at in range(0, min(len(data), 64), 4)]


def _counted(data: bytes, at: int, number: str, where: int, extra: int) -> list[Span]:
    found = []
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(number, data, at + where)
        found.append((at, min(len(data), at + extra + size)))
        at += extra + size + (size & 1 if number == "<I" else 0)
    return found


def _segments(data: bytes) -> list[Span]:
    found, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((at, min(end, len(data))))
        if data[at + 1] == 0xDA:
            end = data.find(b"\xff\xda", end)
        if end < 0:
            break
        at = end
    return found


def _boxes(data: bytes, at: int, end: int) -> list[Span]:
    found = []
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        stop = min(end, at + size) if size >= 8 else end
        found.append((at, stop))
        if name in _CONTAINERS:
            found += _boxes(data, at + 8 + _CONTAINERS[name], stop)
        at = stop
    return found


def _entries(data: bytes, order: str) -> list[Span]:
    (at,) = struct.unpack_from(order + "I", data.ljust(8, b"\0"), 4)
    if at + 2 > len(data):
        return [(0, 8)]
    (count,) = struct.unpack_from(order + "H", data, at)
    return [(0, 8), (at, at + 2), *((i, min(i + 12, len(data))) for i in range(at + 2, at + 2 + 12 * count, 12))]


def _a_part(data: bytearray, chance: random.Random) -> Span:
    found = [(start, end) for start, end in parts(bytes(data)) if start < end]
    return chance.choice(found) if found else (0, len(data))


def _mend_checksums(data: bytearray) -> None:
    for start, end in parts(bytes(data)):
        if end - start >= 12:
            data[end - 4 : end] = struct.pack(">I", zlib.crc32(data[start + 4 : end - 4]))


def _flip(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    for _flipped in range(chance.choice((1, 1, 2, 8))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _flip_in_part(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    """In the first bytes of a part, where its kind, its length and its header are."""
    start, end = _a_part(data, chance)
    for _flipped in range(chance.choice((1, 1, 2, 4))):
        if start < len(data):
            data[chance.randrange(start, max(start + 1, min(end, start + 40, len(data))))] ^= 1 << chance.randrange(8)


def _byte(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    if data:
        data[chance.randrange(min(len(data), chance.choice((_HEAD, len(data)))))] = chance.choice(_ODD_BYTES)


def _number(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    """An odd length, offset, count or size somewhere at the beginning of a part."""
    start, end = _a_part(data, chance)
    width, order = chance.choice(((1, "big"), (2, "big"), (2, "little"), (4, "big"), (4, "big"), (4, "little")))
    at = chance.randrange(start, max(start + 1, min(end, start + 24)))
    old = int.from_bytes(data[at : at + width], order)  # type: ignore[arg-type]
    new = chance.choice((*_ODD_NUMBERS, old + 1, old - 1, old * 2, old // 2, old + 8, len(data)))
    data[at : at + width] = (new % (1 << 8 * width)).to_bytes(width, order)  # type: ignore[arg-type]


def _truncate(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    del data[chance.randint(0, len(data)) :]


def _pad(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randint(0, len(data))
    data[at:] = bytes(chance.choice((0, 1, len(data) - at, 5000)))


def _cut_out(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randint(0, len(data))
    del data[at : at + chance.choice((1, 4, 64, 1000))]


def _repeat(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    at, size = chance.randint(0, len(data)), chance.choice((1, 4, 64, 1000))
    data[at:at] = data[at : at + size] * chance.choice((1, 2, 100))


def _splice(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    other = chance.choice(others)
    start = chance.randrange(len(other))
    at = chance.randint(0, len(data))
    data[at : at + chance.choice((0, 16, 500))] = other[start : start + chance.choice((4, 64, 2000))]


def _part_away(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    start, end = _a_part(data, chance)
    del data[start:end]


def _part_again(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    start, end = _a_part(data, chance)
    data[end:end] = data[start:end] * chance.choice((1, 2, 20, 1000)) if end - start < 2000 else data[start:end]


def _part_elsewhere(data: bytearray, _: Sequence[bytes], chance: random.Random) -> None:
    start, end = _a_part(data, chance)
    at, _end = _a_part(data, chance)
    part = bytes(data[start:end])
    del data[start:end]
    data[at:at] = part


def _part_of_another(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    other = chance.choice(others)
    found = parts(other)
    if found:
        start, end = chance.choice(found)
        at, _end = _a_part(data, chance)
        data[at:at] = other[start:end]


_CHANGES: tuple[Callable[[bytearray, Sequence[bytes], random.Random], None], ...] = (
    *(_flip, _flip, _flip_in_part, _flip_in_part, _flip_in_part, _byte, _number, _number, _number),
    *(_truncate, _pad, _cut_out, _repeat, _splice, _part_away, _part_again, _part_elsewhere, _part_of_another),
)
