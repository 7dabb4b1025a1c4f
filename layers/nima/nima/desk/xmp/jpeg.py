"""The XMP of a JPEG file: changing it changes its own segments alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from nima.desk.xmp import segments
from nima.desk.xmp.document import Document, Element, parse
from nima.desk.xmp.packet import new_packet
from nima.desk.xmp.properties import EXTENDED, NAMESPACES, RDF, Key, Property
from nima.desk.xmp.segments import MAX_PACKET, Segment
from nima.desk.xmp.splice import Change, Changes, Cut, Items, apply, escaped, splice
from nima.errors import UnreadableMetadata

_PADDING = re.compile(rb"[ \t\r\n]+(?=<\?xpacket[ \t\r\n]+end=)")
_NOTE = 300  # bytes that saying where the rest is takes


@dataclass(frozen=True)
class Jpeg:
    """A JPEG file's XMP: the packet, and its extension where it is larger than a segment. Both are None without any.

    A file is to have one packet. Programs that take no notice of another's leave a second one, which some read in place
    of the first.

    Attributes:
        data: The file.
        segments: Those before its pixels.
        packet, extended: What is said.
        chunks: The extension's segments.
        further: More packets, with their segments. Damaged ones are none.
    """

    data: bytes
    segments: tuple[Segment, ...]
    packet: Document | None
    extended: Document | None
    chunks: tuple[Segment, ...]
    further: tuple[tuple[Segment, Document], ...] = ()

    @classmethod
    def of(cls, data: bytes) -> Jpeg:
        """That of a file.

        Raises:
            UnreadableMetadata: The JPEG or its XMP is damaged, or of a kind that is left alone.
        """
        found = segments.segments(data)
        packets = segments.standard(found)
        if not packets:
            return cls(data, found, None, None, ())
        packet = parse(_packet(packets[0]))
        chunks, rest = segments.extension(found, packet.value(EXTENDED.key) or "")
        extended = None if rest is None else parse(rest)
        return cls(data, found, packet, extended, tuple(chunks), tuple(_readable(packets[1:])))

    def value(self, key: Key) -> str | None:
        """A simple property; None where there is none."""
        return next(iter(self.values(key)), None)

    def values(self, key: Key) -> tuple[str, ...]:
        """All that is said of a simple property: more than one value where it stands in several packets."""
        return tuple(value for one in self._documents for value in one.values(key))

    def items(self, key: Key) -> tuple[str, ...]:
        """What stands in a list."""
        return next((one.items(key) for one in self._documents if key in one.found), ())

    def changed(self, changes: Changes) -> bytes:
        """The file with some properties changed: pixels and all other segments as they are.

        Raises:
            UnreadableMetadata: What it already says leaves no room.
        """
        base = self.packet or parse(new_packet(wrapped=True))
        rest = [self.extended] if self.extended else []
        shares = _shares(changes, [base, *rest, *(document for _, document in self.further)])
        packet = splice(base, shares[0])
        beyond, further = (shares[1], shares[2:]) if self.extended else ({}, shares[1:])
        extended = splice(self.extended, beyond) if self.extended and beyond else None
        made = [_changed(one, document, share) for (one, document), share in zip(self.further, further, strict=True)]
        if len(packet) > MAX_PACKET:
            packet = _PADDING.sub(b"\n", packet)
        if len(packet) > MAX_PACKET:
            packet, extended = self._split(packet, extended)
        if extended is not None:
            packet = splice(parse(packet), {EXTENDED: segments.name(extended)})
        return self._with(packet, extended, [cut for cut in made if cut])

    @property
    def _documents(self) -> tuple[Document, ...]:
        return tuple(one for one in (self.packet, self.extended, *(document for _, document in self.further)) if one)

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

    def _with(self, packet: bytes, extended: bytes | None, further: list[Cut]) -> bytes:
        old = next(iter(segments.standard(self.segments)), None)
        at, end = (old.start, old.end) if old else (segments.place(self.segments),) * 2
        new = segments.standard_segment(packet)
        made = [*further, *([] if extended is None else [Cut(one.start, one.end) for one in self.chunks])]
        made.append(Cut(at, end, new + (b"" if extended is None else segments.extension_segments(extended))))
        return apply(self.data, [*made, *segments.moved_pictures(self.segments, made)])


def _packet(one: Segment) -> bytes:
    return one.data[len(segments.STANDARD) :]


def _readable(those: list[Segment]) -> Iterator[tuple[Segment, Document]]:
    for one in those:
        with suppress(UnreadableMetadata):
            yield one, parse(_packet(one))


def _shares(changes: Changes, documents: list[Document]) -> list[dict[Property, Change]]:
    """What changes in each of a file's packets: a value wherever it stands, a list in the first that has it, and what
    stands nowhere is added to the first of all."""
    shares: list[dict[Property, Change]] = [{} for _ in documents]
    for one, change in changes.items():
        there = [share for share, document in zip(shares, documents, strict=True) if one.key in document.found]
        for share in (there[:1] if isinstance(change, Items) else there) or shares[:1]:
            share[one] = change
    return shares


def _changed(one: Segment, document: Document, changes: Changes) -> Cut | None:
    if not changes:
        return None
    packet = splice(document, changes)
    if len(packet) > MAX_PACKET:
        raise UnreadableMetadata("The JPEG's XMP has no room left.")
    return Cut(one.start, one.end, segments.standard_segment(packet))


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
