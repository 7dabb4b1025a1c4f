"""What a picture's own file says of it, camera RAW included: ratings that were given in the camera, or by a program."""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from PIL import ExifTags, Image, IptcImagePlugin

from nima.desk.metadata import exif_of, fujifilms_jpeg
from nima.desk.xmp.document import MAX_BYTES as MAX_PACKET_BYTES
from nima.desk.xmp.document import parse
from nima.desk.xmp.echoes import stars_of_percent
from nima.desk.xmp.jpeg import Jpeg
from nima.desk.xmp.judgement import Said
from nima.desk.xmp.properties import CAPTION, CREATOR, RATING, RIGHTS, SUBJECT, TITLE, Key
from nima.errors import NimaError
from nima.image.exif import DAMAGED
from nima.image.isobmff import read_boxes, read_meta
from nima.image.png import chunks
from nima.local.files import read_start

MAX_BYTES = 64 << 20
"""What is read of a file; what RAW files say of themselves stands before their pixels."""

_JPEG, _BOXES, _GIF, _PNG = b"\xff\xd8\xff", b"ftyp", b"GIF8", b"\x89PNG\r\n\x1a\n"
_XMP_OF_PNG = b"XML:com.adobe.xmp\0"
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # ISO 16684-3, 1.3.2
_XMP_OF_GIF, _TRAILER_OF_GIF = b"\x21\xff\x0bXMP DataXMP", b"\x01\xff\xfe\xfd"  # ISO 16684-3, 1.1.2
_STARS = range(1, 6)
_EXIF_RATING, _EXIF_PERCENT = 0x4746, 0x4749
_IPTC = {TITLE.key: (2, 5), SUBJECT.key: (2, 25), CREATOR.key: (2, 80), RIGHTS.key: (2, 116), CAPTION.key: (2, 120)}


def said_in(path: Path) -> list[Said]:
    """What a file says: its XMP first, then a rating by EXIF and a JPEG's IPTC. Damaged parts say nothing.

    Raises:
        UnreadableFile: It is gone, may not be read, or is no ordinary file.
    """
    data = read_start(path, MAX_BYTES)
    found: list[Said] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exif = exif_of(data)
        stars = _stars(exif)
        for packet in _packets(data, exif):
            with suppress(NimaError):
                found.append(Jpeg.of(packet) if packet.startswith(_JPEG) else parse(packet))
        if data.startswith(_JPEG):
            with suppress(*DAMAGED), Image.open(io.BytesIO(data)) as image:
                found.append(_Iptc(IptcImagePlugin.getiptcinfo(image) or {}))
    return [*found, _Stars(stars)] if stars else found


def _stars(exif: Image.Exif) -> int | None:
    """Those of the two tags that Windows has for them, the one that it reads first."""
    stars, percent = exif.get(_EXIF_RATING), exif.get(_EXIF_PERCENT)
    if isinstance(stars, int) and stars in _STARS:
        return stars
    return stars_of_percent(percent) if isinstance(percent, int) else None


def _packets(data: bytes, exif: Image.Exif) -> Iterator[bytes]:
    """What may be a packet, or a JPEG that may have one."""
    jpeg = data if data.startswith(_JPEG) else fujifilms_jpeg(data)
    if jpeg is not None:
        yield jpeg
        return
    if data.startswith(_GIF):
        yield data.partition(_XMP_OF_GIF)[2].partition(_TRAILER_OF_GIF)[0]
        return
    if data.startswith(_PNG):
        yield from _of_png(data)
        return
    packet = exif.get(ExifTags.Base.XMLPacket)
    if isinstance(packet, bytes):
        yield packet
    if data[4:8] == _BOXES:
        yield from _of_boxes(data)
    elif packet is None:
        yield from _of_pillow(data)


def _of_boxes(data: bytes) -> Iterator[bytes]:
    try:
        for name, start, end in read_boxes(data, 0, len(data)):
            if name == b"uuid" and data.startswith(_XMP_BOX, start):
                yield data[start + len(_XMP_BOX) : end]
        meta = read_meta(data)
        for item, kind in meta.types.items() if meta else ():
            extents = meta.extents.get(item, ()) if meta else ()
            if kind == b"mime" and extents and extents[0].source == 0:
                yield data[extents[0].offset : extents[0].offset + extents[0].length]
    except DAMAGED:
        return


def _of_png(data: bytes) -> Iterator[bytes]:
    """Those behind the pixels too, where many programs write theirs (ISO 16684-3, 1.1.5)."""
    for name, start, end in chunks(data):
        text = data[start + 8 : end - 4] if name == b"iTXt" else b""
        if not text.startswith(_XMP_OF_PNG):
            continue
        compressed, rest = text[len(_XMP_OF_PNG) :][:1], text[len(_XMP_OF_PNG) + 2 :]
        packet = rest.split(b"\0", 2)[-1]  # behind a language and a translation of the keyword
        if compressed == b"\1":
            try:
                packet = zlib.decompressobj().decompress(packet, MAX_PACKET_BYTES)
            except zlib.error:
                continue
        yield packet


def _of_pillow(data: bytes) -> Iterator[bytes]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            packet = image.info.get("xmp")
    except DAMAGED:
        return
    if isinstance(packet, bytes | str):
        yield packet.encode() if isinstance(packet, str) else packet


class _Stars:
    """Stars by EXIF."""

    def __init__(self, stars: int) -> None:
        self._stars = str(stars)

    def value(self, key: Key) -> str | None:
        return next(iter(self.values(key)), None)

    def values(self, key: Key) -> tuple[str, ...]:
        return (self._stars,) if key == RATING.key else ()

    def items(self, key: Key) -> tuple[str, ...]:
        return ()


class _Iptc:
    """What IPTC's older records say, in UTF-8 or as Western programs wrote them. Empty ones are None by Pillow."""

    def __init__(self, records: Mapping[tuple[int, int], bytes | list[bytes] | None]) -> None:
        self._records = records

    def value(self, key: Key) -> str | None:
        return next(iter(self.items(key)), None)

    def values(self, key: Key) -> tuple[str, ...]:
        return self.items(key)

    def items(self, key: Key) -> tuple[str, ...]:
        found = self._records.get(_IPTC.get(key, (0, 0)))
        return tuple(_text(one) for one in (found if isinstance(found, list) else [found]) if one)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
