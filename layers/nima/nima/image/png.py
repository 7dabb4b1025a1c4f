"""The chunks of a PNG (W3C PNG Specification, third edition): those that the picture depends on, verified."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from nima.errors import UndecodableImage, UnsupportedFormat
from nima.image import encoding
from nima.image.container import Container, mode_bytes
from nima.image.encoding import Encoding

_SIGNATURE = 8
_OVERHEAD = 12
# What bears on the first picture. Text, times and animations do not, and text alone can be larger than the picture.
_NEEDED = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf",
}  # fmt: skip
# What the decoder need not see; and how long the small ones are.
_READ_HERE = {b"cICP", b"iCCP"}
_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1}
_LARGEST_PROFILE = 4 << 20
_ANCILLARY_BIT = 0x20
_APPLE_ONLY = b"CgBI"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_TRUECOLOUR, _GREY = 2, 0
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
# Encoders write kilobytes into each.
_MOST_CHUNKS = 100_000
_INFLATED_AT_ONCE = 1 << 20
_BAND_PIXELS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Png(Container):
    """A PNG file as far as its picture depends on it: ``data`` lack other chunks and damaged ancillary ones.

    Attributes:
        width, height: In pixels.
        depth: Bits of a sample.
        colour_type: As in IHDR.
        interlaced: Whether the rows come in Adam7's passes.
        transparent: The samples of the colour that is transparent.
    """

    width: int
    height: int
    depth: int
    colour_type: int
    interlaced: bool
    transparent: tuple[int, ...] | None

    def pixel_bytes(self, image: Image.Image, draft: int) -> float:
        # One transparent colour of 16-bit samples is looked for in a second copy, and marked in a mask.
        pixel = mode_bytes(image)
        return 2 * pixel + 1 if isinstance(image.info.get("transparency"), tuple) else pixel

    def load(self, image: Image.Image) -> None:
        self._prepare(image)
        image.load()
        self._check_rows(image)
        self._make_transparent(image)

    def colours(self, image: Image.Image) -> bytes | Encoding | None:
        """By the order of cICP, iCCP, sRGB, gAMA with cHRM."""
        if self.code_points:
            return encoding.by_code_points(*self.code_points)
        gamma = None if self.profile or "srgb" in image.info else image.info.get("gamma")
        return encoding.by_gamma(gamma, image.info.get("chromaticity")) or super().colours(image)

    def _prepare(self, image: Image.Image) -> None:
        """Brings the transparent grey of an opened picture to the levels that its samples are decoded to."""
        if self.transparent and self.colour_type == _GREY and 1 < self.depth < 8:
            image.info["transparency"] = self.transparent[0] * 255 // ((1 << self.depth) - 1)

    def _make_transparent(self, image: Image.Image) -> None:
        """Makes the one transparent colour of a decoded 16-bit RGB picture so; the other depths Pillow knows.

        Pillow keeps the high bytes of 16-bit colours only; the low ones are decoded once more, as if they were high.
        """
        if self.depth != 16 or self.colour_type != _TRUECOLOUR or not self.transparent:
            return
        with Image.open(io.BytesIO(self.data), formats=["PNG"]) as low:
            low.tile = [tile._replace(args="RGB;16L") for tile in low.tile]
            low.load()
            opaque = Image.new("L", image.size, 255)
            rows = max(1, _BAND_PIXELS // image.width)
            for y in range(0, image.height, rows):
                band = (0, y, image.width, min(y + rows, image.height))
                samples = np.asarray(image.crop(band)).astype(np.uint16) << 8 | np.asarray(low.crop(band))
                opaque.paste(Image.fromarray(((samples != self.transparent).any(axis=2) * 255).astype(np.uint8)), band)
        del image.info["transparency"]
        image.putalpha(opaque)

    def _check_rows(self, image: Image.Image) -> None:
        """Raises ``UndecodableImage`` where the image data end before the last row, which the decoder lets pass."""
        last = image.crop((0, image.height - 1, image.width, image.height))
        if not self.interlaced and np.asarray(last).any():
            return
        bits = self.depth * _CHANNELS[self.colour_type]
        passes = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        expected = 0
        for x, y, across, down in passes:
            columns, rows = -(-(self.width - x) // across), -(-(self.height - y) // down)
            expected += max(rows, 0) * (1 + -(-columns * bits // 8)) if columns > 0 else 0
        if _inflated(self.data, expected) < expected:
            raise UndecodableImage("The PNG is incomplete: rows are missing.")


def inspect(format: str, data: bytes) -> Png:
    """Verifies the checksums of a PNG.

    Raises:
        UndecodableImage: A chunk that the pixels depend on is damaged, or there are too many of them.
        UnsupportedFormat: A form that only Apple's tools read.
    """
    view = memoryview(data)
    kept = [view[:_SIGNATURE]]
    found: dict[bytes, bytes] = {}
    pixels = False
    for name, start, end in chunks(data):
        if name == _APPLE_ONLY:
            raise UnsupportedFormat("PNG pictures in Apple's own form (CgBI) are not supported.")
        # Browsers do not look at what comes behind the pixels.
        if name not in _NEEDED or name in found or (pixels and name not in {b"IDAT", b"IEND"}):
            continue
        if len(kept) > _MOST_CHUNKS:
            raise UndecodableImage("The PNG has too many chunks.")
        pixels = pixels or name == b"IDAT"
        if end > len(data):
            # The pixels may be there although the file ends within the last chunk of them.
            if name == b"IDAT":
                kept.append(memoryview(_chunk(name, data[start + 8 :])))
            break
        if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            if not name[0] & _ANCILLARY_BIT:
                raise UndecodableImage(f"The PNG is damaged: the checksum of {name.decode()} is wrong.")
            continue
        if name != b"IDAT":
            found[name] = data[start + 8 : end - 4]
        if name not in _READ_HERE and _fits(name, found):
            kept.append(view[start:end])
    header = found.get(b"IHDR", b"")
    if len(header) != 13 or header[9] not in _CHANNELS:
        raise UndecodableImage("The PNG is damaged: it has no header.")
    cicp, trns = found.get(b"cICP", b""), found.get(b"tRNS", b"")
    return Png(
        format,
        data if sum(map(len, kept)) == len(data) else b"".join(kept),
        width=int.from_bytes(header[:4], "big"),
        height=int.from_bytes(header[4:8], "big"),
        depth=header[8],
        colour_type=header[9],
        interlaced=bool(header[12]),
        code_points=(cicp[0], cicp[1]) if len(cicp) == 4 else None,
        transparent=tuple(int.from_bytes(trns[i : i + 2], "big") for i in range(0, len(trns), 2)) or None,
        profile=_profile(found.get(b"iCCP", b"")),
    )


def _fits(name: bytes, found: dict[bytes, bytes]) -> bool:
    """Whether an ancillary chunk is as long as it has to be; the decoder would refuse the picture for it."""
    if name == b"tRNS":
        colour_type = found.get(b"IHDR", b"")[9:10]
        return len(found[name]) >= {b"\0": 2, b"\2": 6}.get(colour_type, 0)
    return name not in _LENGTHS or len(found[name]) == _LENGTHS[name]


def _profile(chunk: bytes) -> bytes | None:
    """The ICC profile in a chunk iCCP; None where it is damaged or far too large."""
    packed = chunk.partition(b"\0")[2]
    if not packed or packed[0]:
        return None
    stream = zlib.decompressobj()
    try:
        profile = stream.decompress(packed[1:], _LARGEST_PROFILE)
    except zlib.error:
        return None
    return profile if stream.eof else None


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each chunk up to IEND; the last one may lack its end."""
    start, name = _SIGNATURE, b""
    while start + 8 <= len(data) and name != b"IEND":
        length, name = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        if not name.isalpha():
            return
        end = start + _OVERHEAD + length
        yield name, start, end
        start = end


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _inflated(data: bytes, most: int) -> int:
    """How many bytes the image data unpack to, as far as ``most``."""
    stream, total = zlib.decompressobj(), 0
    for name, start, end in chunks(data):
        if name != b"IDAT":
            continue
        packed = data[start + 8 : end - 4]
        while packed and total < most and not stream.eof:
            try:
                total += len(stream.decompress(packed, _INFLATED_AT_ONCE))
            except zlib.error:
                return total
            packed = stream.unconsumed_tail
    return total
