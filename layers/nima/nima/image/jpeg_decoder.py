"""Decoding a JPEG so that missing pixels are noticed.

At an end marker libjpeg fills what is missing and says nothing; where the bytes just stop, it waits for more. So it is
given the scans without the end marker, and some bytes more because it reads ahead, and is asked whether it still waits
for pixels. A file that lacks nothing but its end marker is whole then, and one that has the marker may not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PIL import Image

from nima.errors import UndecodableImage
from nima.image.container import Container, mode_bytes
from nima.image.jpeg import Structure, structure

_END = b"\xff\xd9"
# The decoder fills a buffer of 64 bits ahead of what it decodes. These are no markers, and no code words for long.
_AHEAD = b"\xff\x00" * 16
# Waiting for a marker, it drops any other byte at once; waiting for pixels, it keeps bytes until they are enough.
_PROBES = 24
_ZEROS = 64
_COEFFICIENT_BYTES = 2


@dataclass(frozen=True, kw_only=True)
class Jpeg(Container):
    """A JPEG file, of which the structure is known."""

    jpeg: Structure

    @property
    def metadata(self) -> int:
        return self.jpeg.metadata

    def pixel_bytes(self, image: Image.Image, draft: int) -> float:
        """The pixels, and where they come in several scans the coefficients of all components, at full size."""
        pixel = mode_bytes(image) / draft**2
        if not self.jpeg.multiscan:
            return pixel
        parts = self.jpeg.components
        across, down = max(part.across for part in parts), max(part.down for part in parts)
        return pixel + _COEFFICIENT_BYTES * sum(part.across * part.down for part in parts) / (across * down)

    def load(self, image: Image.Image) -> None:
        self.jpeg.check_work()
        _load(image, self.data, self.jpeg)


def inspect(format: str, data: bytes) -> Jpeg:
    """Looks at a JPEG before it is decoded.

    Raises:
        UnsupportedFormat: It is of a kind that is not decoded.
        UndecodableImage: It has no picture.
    """
    jpeg = structure(data)
    jpeg.check_kind()
    return Jpeg(format, data, jpeg=jpeg)


def _load(image: Any, data: bytes, jpeg: Structure) -> None:
    """Decodes an opened JPEG, at the scale that its draft set."""
    jpeg.check_scans(data)
    name, extents, _, args = image.tile[0]
    image.load_prepare()
    decoder = _Decoder(Image._getdecoder(image.mode, name, args, image.decoderconfig), image, extents)
    try:
        complete = _decode(decoder, data, jpeg)
    finally:
        decoder.close()
    if not complete:
        raise UndecodableImage("The JPEG is incomplete: parts of the picture are missing.")
    image.tile = []


def _decode(decoder: _Decoder, data: bytes, jpeg: Structure) -> bool:
    end, fed = jpeg.scans[-1].end, 0
    complete = False
    if data[end - _ZEROS : end] == bytes(_ZEROS):
        # Cameras may write zeros behind the pixels, and a plain picture may be coded as zeros; but where pixels were
        # read from zeros, none are left over.
        behind, before_end = len(data[:end].rstrip(b"\0")) + len(_AHEAD) // 2, end - _ZEROS // 2
        complete = decoder.has_all(data[:behind], data[behind : behind + _PROBES], jpeg)
        fed = behind + _PROBES
        if not complete and fed < before_end:
            if decoder.has_all(data[fed:before_end], data[before_end : before_end + _PROBES], jpeg):
                return False
            fed = before_end + _PROBES
    complete = complete or decoder.has_all(data[fed:end] + _AHEAD, bytes(_PROBES), jpeg)
    decoder.feed(_END)
    return complete and decoder.finished


class _Decoder:
    """Pillow's decoder of JPEGs, which takes bytes as they come and keeps what it cannot use yet."""

    def __init__(self, decoder: Any, image: Image.Image, extents: Any) -> None:
        self._decoder = decoder
        self._decoder.setimage(image.im, extents)
        self._kept = b""
        self.finished = False

    def feed(self, data: bytes) -> None:
        """Raises ``UndecodableImage`` where the data are not a JPEG's."""
        if self.finished:
            return
        data = self._kept + data if self._kept else data
        used, error = self._decoder.decode(data)
        if error < 0:
            raise UndecodableImage("The file is damaged or truncated.", detail=f"libjpeg: {error}")
        self.finished = used < 0
        self._kept = data[used:]

    def has_all(self, data: bytes, probe: bytes, jpeg: Structure) -> bool:
        """Feeds data and then the bytes of a probe, and tells whether the data brought the last pixel."""
        self.feed(data)
        dropped = True
        for value in probe:
            self.feed(bytes((value,)))
            dropped = dropped and not self._kept
        return dropped if jpeg.multiscan else self.finished

    def close(self) -> None:
        self._decoder.cleanup()
