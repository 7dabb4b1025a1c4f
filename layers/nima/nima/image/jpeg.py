"""The structure of a JPEG file (ITU-T T.81, Annex B), read in one pass over its markers; nothing is decoded."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from nima.errors import UndecodableImage, UnsupportedFormat

# Bounds far above any real file, below what costs a decoder seconds. A camera writes tens of segments (a profile, a
# preview and a depth map of megabytes come in pieces of 64 KB), a progressive encoder ten to twenty scans.
_MAX_SEGMENTS = 2000
_MAX_SCANS = 100
# Pillow puts EXIF of several segments together one by one.
_MAX_EXIF_SEGMENTS = 16
_MAX_SCANNED_PIXELS = 1_500_000_000
_MAX_STRAY_BYTES = 1 << 16

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_RESTARTS = range(0xD0, 0xD8)
_STANDALONE = {_TEM, _SOI, *_RESTARTS}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_HIERARCHICAL, _ARITHMETIC = "in hierarchical coding", "in arithmetic coding"
_UNSUPPORTED_FRAMES = {
    **dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), _HIERARCHICAL),
    **dict.fromkeys((0xC9, 0xCA, 0xCB), _ARITHMETIC),
}
_PRECISION = 8
_COMPONENTS = {1, 3, 4}
_RESTART_INTERVAL = 0xDD
_JPEG_LS = 0xF7
_EXIF = b"Exif\0\0"
# In entropy-coded data FF 00 stands for the byte FF, FF D0..D7 are restarts, and further FFs fill: any other ends it.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_MARKER = re.compile(rb"\xff[^\x00\xff]")
# More than a segment full of FFs with all the stray bytes that are allowed; entropy-coded data have no two in a row.
_FILL = b"\xff" * (2 * _MAX_STRAY_BYTES)


@dataclass(frozen=True)
class Component:
    """A colour component of the frame: its identifier and its sampling factors 1..4."""

    id: int
    across: int
    down: int


@dataclass(frozen=True)
class Scan:
    """One scan.

    Attributes:
        components: Identifiers of its components.
        start: Offset of the first byte of its entropy-coded data.
        end: Offset of the marker behind them, or the file's length where none follows.
        coefficients: First and last of the coefficients 0..63 that a progressive scan brings.
        lowest_bit: How many low bits of them a progressive scan leaves for later ones.
        restart_interval: MCUs between its restart markers; 0 without them.
    """

    components: bytes
    start: int
    end: int
    coefficients: tuple[int, int] = (0, 63)
    lowest_bit: int = 0
    restart_interval: int = 0


@dataclass(frozen=True)
class Structure:
    """What stands between SOI and EOI.

    Attributes:
        frame: The code of the frame's marker: 0xC0 baseline, 0xC1 extended, 0xC2 progressive ...
        precision: Bits of a sample.
        width: Samples of a line.
        height: Lines; 0 where only a DNL marker would tell.
        components: The frame's components in order.
        metadata: Bytes in the segments APP0..APP15 and COM.
        scans: The scans in order.
    """

    frame: int
    precision: int
    width: int
    height: int
    components: tuple[Component, ...]
    metadata: int
    scans: tuple[Scan, ...]

    @property
    def progressive(self) -> bool:
        return self.frame in _PROGRESSIVE

    @property
    def multiscan(self) -> bool:
        """Whether the decoder keeps the coefficients of the whole picture, because a component may come again."""
        return self.progressive or len(self.scans[0].components) < len(self.components)

    def check_kind(self) -> None:
        """Raises ``UnsupportedFormat`` for a JPEG of a kind that is not decoded."""
        kind = _UNSUPPORTED_FRAMES.get(self.frame)
        if self.precision != _PRECISION:
            kind = f"of {self.precision}-bit samples"
        elif len(self.components) not in _COMPONENTS:
            kind = f"of {len(self.components)} components"
        elif self.height == 0:
            kind = "whose height follows their pixels (DNL)"
        if kind:
            raise UnsupportedFormat(f"JPEG pictures {kind} are not supported.")

    def check_scans(self, data: bytes) -> None:
        """Raises ``UndecodableImage`` where scans or restart intervals are missing.

        The last scan may still lack its end, which only a decoder can tell.
        """
        complete = all(_restarts(data, scan) >= self._intervals(scan) - 1 for scan in self.scans)
        if self.multiscan:
            missing = dict.fromkeys(((c.id, k) for c in self.components for k in range(64)), 1)
            for scan in self.scans:
                first, last = scan.coefficients if self.progressive else (0, 63)
                low = scan.lowest_bit if self.progressive else 0
                missing.update(((c, k), low) for c in scan.components for k in range(first, min(last, 63) + 1))
            complete = complete and not any(missing.values())
        if not complete:
            raise UndecodableImage("The JPEG is incomplete: parts of the picture are missing.")

    def _intervals(self, scan: Scan) -> int:
        """How many restart intervals a scan has; 1 without restart markers."""
        if not scan.restart_interval:
            return 1
        across, down = max(c.across for c in self.components), max(c.down for c in self.components)
        width, height = math.ceil(self.width / (8 * across)), math.ceil(self.height / (8 * down))
        if len(scan.components) == 1:
            # Blocks of the component itself, without those that only fill up the last units of an interleaved scan.
            own = next((c for c in self.components if c.id == scan.components[0]), self.components[0])
            width = math.ceil(self.width * own.across / (8 * across))
            height = math.ceil(self.height * own.down / (8 * down))
        return math.ceil(width * height / scan.restart_interval)

    def check_work(self) -> None:
        """Raises ``UndecodableImage`` where the scans go over the picture too often.

        Each scan costs a decoder about a nanosecond for each pixel and component, even if there is nothing in it.
        """
        if sum(len(scan.components) for scan in self.scans) * self.width * self.height > _MAX_SCANNED_PIXELS:
            raise UndecodableImage("The JPEG has too many scans.")


def structure(data: bytes) -> Structure:
    """Reads the structure of a JPEG.

    Raises:
        UnsupportedFormat: It is a JPEG-LS.
        UndecodableImage: There is no frame or no scan, or the file has more segments, scans, or bytes outside of both
            than any picture needs, which would keep a decoder busy for nothing.
    """
    frame: tuple[int, bytes] | None = None
    interval = segments = exif = metadata = stray = 0
    scans: list[Scan] = []
    end: int | None = None
    position = 2
    while match := _MARKER.search(data, position):
        stray += match.start() - position
        code, position = data[match.start() + 1], match.end()
        if code == _EOI:
            end = match.start()
            break
        segments += 1
        _check_counts(segments, stray, len(scans))
        if code in _STANDALONE:
            continue
        if code == _JPEG_LS:
            raise UnsupportedFormat("JPEG-LS pictures are not supported.")
        body = data[position + 2 : position + int.from_bytes(data[position : position + 2], "big")]
        position += 2 + len(body)
        if code in _FRAMES and frame is None:
            frame = code, body
        elif code == _RESTART_INTERVAL:
            interval = int.from_bytes(body[:2], "big")
        elif code == _SOS:
            following = _END_OF_SCAN.search(data, position)
            position, start = following.start() if following else len(data), position
            scans.append(_scan(body, start, position, interval))
        elif code >= 0xE0:
            metadata += len(body)
            exif += body.startswith(_EXIF)
            if exif > _MAX_EXIF_SEGMENTS:
                raise UndecodableImage("The JPEG has too many segments of EXIF.")
    _check_counts(segments, stray, len(scans))
    if frame is None or len(frame[1]) < 6 or not scans:
        raise UndecodableImage("The JPEG has no picture in it.")
    if data.find(_FILL, 0, end) >= 0:
        raise UndecodableImage("The JPEG has too many bytes between its segments.")
    code, body = frame
    return Structure(
        frame=code,
        precision=body[0],
        width=int.from_bytes(body[3:5], "big"),
        height=int.from_bytes(body[1:3], "big"),
        components=tuple(Component(i, hv >> 4, hv & 15) for i, hv in zip(body[6::3], body[7::3], strict=False)),
        metadata=metadata,
        scans=tuple(scans),
    )


def _check_counts(segments: int, stray: int, scans: int) -> None:
    if segments > _MAX_SEGMENTS or stray > _MAX_STRAY_BYTES:
        raise UndecodableImage("The JPEG has too many segments, or too many bytes between them.")
    if scans > _MAX_SCANS:
        raise UndecodableImage("The JPEG has too many scans.")


def _restarts(data: bytes, scan: Scan) -> int:
    """How many restart markers stand in a scan that has a restart interval."""
    if not scan.restart_interval:
        return 0
    return sum(data.count(bytes((0xFF, code)), scan.start, scan.end) for code in _RESTARTS)


def _scan(header: bytes, start: int, end: int, interval: int) -> Scan:
    count = header[0] if header else 0
    components, rest = header[1 : 1 + 2 * count : 2], header[1 + 2 * count :]
    first, last, bits = rest[:3] if len(rest) >= 3 else (0, 63, 0)
    return Scan(components, start, end, (first, last), bits & 15, interval)
