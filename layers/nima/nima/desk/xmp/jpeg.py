"""The XMP of a JPEG file: changing it changes its own segments alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nima.desk.xmp import segments
from nima.desk.xmp.document import Document, Element, parse
from nima.desk.xmp.packet import new_packet
from nima.desk.xmp.properties import EXTENDED, NAMESPACES, RDF, Key
from nima.desk.xmp.segments import MAX_PACKET, Segment
from nima.desk.xmp.splice import Changes, Cut, apply, escaped, splice
from nima.errors import UnreadableMetadata

_PADDING = re.compile(rb"[ \t\r\n]+(?=<\?xpacket[ \t\r\n]+end=)")
_NOTE = 300  # bytes that saying where the rest is takes


@dataclass(frozen=True)
class Jpeg:
    """A JPEG file's XMP: the packet, and its extension where it is larger than a segment. Both are None without any.

    Attributes:
        data: The file.
        segments: Those before its pixels.
        packet, extended: What is said.
        chunks: The extension's segments.
    """

    data: bytes
    segments: tuple[Segment, ...]
    packet: Document | None
    extended: Document | None
    chunks: tuple[Segment, ...]

    @classmethod
    def of(cls, data: bytes) -> Jpeg:
        """That of a file.

        Raises:
            UnreadableMetadata: The JPEG or its XMP is damaged, or of a kind that is left alone.
        """
        found = segments.segments(data)
        standard = segments.standard(found)
        if standard is None:
            return cls(data, found, None, None, ())
        packet = parse(standard.data[len(segments.STANDARD) :])
        chunks, rest = segments.extension(found, packet.value(EXTENDED.key) or "")
        return cls(data, found, packet, None if rest is None else parse(rest), tuple(chunks))

    def value(self, key: Key) -> str | None:
        """A simple property; None where there is none."""
        return next((one.value(key) for one in self._documents if key in one.found), None)

    def items(self, key: Key) -> tuple[str, ...]:
        """What stands in a list."""
        return next((one.items(key) for one in self._documents if key in one.found), ())

    def changed(self, changes: Changes) -> bytes:
        """The file with some properties changed: pixels and all other segments as they are.

        Raises:
            UnreadableMetadata: What it already says leaves no room.
        """
        base = self.packet or parse(new_packet(wrapped=True))
        there = self.extended.found if self.extended else {}
        beyond = {one: change for one, change in changes.items() if one.key in there and one.key not in base.found}
        packet = splice(base, {one: change for one, change in changes.items() if one not in beyond})
        extended = splice(self.extended, beyond) if self.extended and beyond else None
        if len(packet) > MAX_PACKET:
            packet = _PADDING.sub(b"\n", packet)
        if len(packet) > MAX_PACKET:
            packet, extended = self._split(packet, extended)
        if extended is not None:
            packet = splice(parse(packet), {EXTENDED: segments.name(extended)})
        return self._with(packet, extended)

    @property
    def _documents(self) -> tuple[Document, ...]:
        return tuple(one for one in (self.packet, self.extended) if one)

    def _split(self, packet: bytes, extended: bytes | None) -> tuple[bytes, bytes]:
        """Takes the largest properties out of a packet until it fits, into the extension."""
        if self.extended is None and self.packet and self.packet.value(EXTENDED.key):
            raise UnreadableMetadata("The JPEG's XMP has no room left, and a part of it is missing.")
        document = parse(packet)
        held = [one for each in document.descriptions for one in each.children if one.scope.get("rdf") in (None, RDF)]
        taken: list[Element] = []
        size = len(document.data) + _NOTE
        for one in sorted(held, key=lambda one: one.start - one.end):
            if size <= MAX_PACKET:
                break
            size -= one.end - one.start
            taken.append(one)
        if size > MAX_PACKET:
            raise UnreadableMetadata("The JPEG's XMP has no room left.")
        moved = b"\n".join(_moved(document.data, one) for one in taken)
        rest = apply(document.data, [Cut(one.start, one.end) for one in taken])
        known = extended or (self.extended.data if self.extended else None)
        return document.to_bytes(rest), _joined(known, moved)

    def _with(self, packet: bytes, extended: bytes | None) -> bytes:
        old = segments.standard(self.segments)
        at, end = (old.start, old.end) if old else (segments.place(self.segments),) * 2
        new = segments.standard_segment(packet)
        made = [] if extended is None else [Cut(one.start, one.end) for one in self.chunks]
        made.append(Cut(at, end, new + (b"" if extended is None else segments.extension_segments(extended))))
        return apply(self.data, [*made, *segments.moved_pictures(self.segments, made)])


def _moved(data: bytes, one: Element) -> bytes:
    """A property in a description of its own, with all names that it may use."""
    scope = {"rdf": RDF, **{prefix: uri for prefix, uri in one.scope.items() if prefix != "xml"}}
    names = "".join(f' xmlns{prefix and ":"}{prefix}="{escaped(uri)}"' for prefix, uri in scope.items())
    return b'<rdf:Description%s rdf:about="">%s</rdf:Description>' % (names.encode(), data[one.start : one.end])


def _joined(extended: bytes | None, moved: bytes) -> bytes:
    if extended is None:
        begin = f'<x:xmpmeta xmlns:x="{NAMESPACES["x"]}"><rdf:RDF xmlns:rdf="{RDF}">\n'
        return begin.encode() + moved + b"\n</rdf:RDF></x:xmpmeta>"
    document = parse(extended)
    last = document.descriptions[-1].end if document.descriptions else None
    if last is None:
        raise UnreadableMetadata("The JPEG's XMP has no room left.")
    return apply(document.data, [Cut(last, last, b"\n" + moved)])
