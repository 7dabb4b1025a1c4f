"""An XMP packet as it is written: where in its bytes each known property stands, by an XML parser's offsets."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from nima.desk.xmp.properties import PROPERTIES, RDF, SPELLINGS, Key
from nima.errors import UnreadableMetadata

MAX_BYTES = 32 << 20
"""What is read at most; those of real programs, with masks and histories, have a few million."""

_MAX_DEPTH = 200
_MAX_PARTS = 100_000
_SEPARATOR = "\f"  # no character of XML, so in no name
_LISTS = ("Bag", "Seq", "Alt")
_ITEM = re.compile("li|_[0-9]+")  # the latter by RDF's own numbers
_ATTRIBUTE = re.compile(rb"""[ \t\r\n]+(([^ \t\r\n=/>]+)[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*'))""")
_TAG = re.compile(rb"<([^ \t\r\n/>]+)")
_CLOSE = re.compile(rb"[ \t\r\n]*(/?)>")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ENCODINGS = ("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii")


@dataclass(slots=True)
class Span:
    """Bytes from ``start`` up to ``end``."""

    start: int
    end: int


@dataclass(slots=True)
class Attribute(Span):
    """An attribute; ``value`` is its value, ``inside`` where that stands between the quotes."""

    value: str
    inside: Span


@dataclass(slots=True)
class Element(Span):
    """An element.

    Attributes:
        key: Its namespace and name.
        name: Its name as it is written, with the prefix.
        tag: Where its start tag ends.
        close: Where its end tag begins; ``end`` where it is an empty element.
        attributes: By namespace and name; declarations of namespaces are not among them.
        declared: These declarations as they are written, each with a space before it.
        children: The elements in it, of what was read for its contents.
        text: The text that stands in it, not in its children.
        scope: Of a top-level property's element, the namespaces by prefix.
    """

    key: Key
    name: bytes
    tag: int
    close: int = 0
    attributes: dict[Key, Attribute] = field(default_factory=dict)
    declared: bytes = b""
    children: list[Element] = field(default_factory=list)
    text: str = ""
    scope: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether it is written as one tag."""
        return self.close == self.tag == self.end

    @property
    def container(self) -> Element | None:
        """The list in it."""
        return next((child for child in self.children if child.key in {(RDF, kind) for kind in _LISTS}), None)

    @property
    def items(self) -> list[Element]:
        """Those of the list in it."""
        held = self.container
        return (
            [child for child in held.children if child.key[0] == RDF and _ITEM.fullmatch(child.key[1])] if held else []
        )

    @property
    def value(self) -> str:
        """What it says: its text, else the value that has qualifiers (ISO 16684-1, 7.8), or is the first of a list."""
        said = self.attributes.get((RDF, "value")) or self.attributes.get((RDF, "resource"))
        if said is not None:
            return said.value
        values = (child.value for child in self.children if child.key[0] == RDF)
        return self.text if self.text.strip() else next(values, self.text)


Occurrence = Attribute | Element


@dataclass(frozen=True)
class Document:
    """A packet.

    Attributes:
        data: Its bytes, in UTF-8.
        encoding: What they are in the file.
        mark: The byte order mark before them there.
        rdf: The element that holds all properties.
        descriptions: Those in it that hold them.
        found: The known properties, where they stand; twice where a program has written one twice.
    """

    data: bytes
    encoding: str
    mark: bytes
    rdf: Element
    descriptions: tuple[Element, ...]
    found: Mapping[Key, tuple[Occurrence, ...]]

    def value(self, key: Key) -> str | None:
        """A simple property; None where there is none."""
        return next(iter(self.values(key)), None)

    def values(self, key: Key) -> tuple[str, ...]:
        """All that is said of a simple property: more than one value where a program has written it twice."""
        return tuple(map(_text, self.found.get(key, ())))

    def items(self, key: Key) -> tuple[str, ...]:
        """What stands in a list; a simple value is a list of one."""
        return tuple(item for one in self.found.get(key, ()) for item in _items(one))

    def to_bytes(self, data: bytes) -> bytes:
        """A packet of the same encoding, of one in UTF-8."""
        return self.mark + (data if self.encoding == "utf-8" else data.decode().encode(self.encoding))


def parse(data: bytes) -> Document:
    """Reads a packet.

    Raises:
        UnreadableMetadata: It is damaged or no XMP, larger than what is read, in another encoding than UTF-8 and
            UTF-16, or it has a document type, which XMP never has and which can make much of little.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMetadata(f"The XMP is larger than {MAX_BYTES >> 20} MiB.")
    mark = next((mark for mark in (*_UTF16, codecs.BOM_UTF8) if data.startswith(mark)), b"")
    encoding = _UTF16.get(mark, "utf-8")
    text = data[len(mark) :]
    if encoding == "utf-8" and text[:2] in (b"<\0", b"\0<"):
        encoding = "utf-16-le" if text[:1] == b"<" else "utf-16-be"
    try:
        utf8 = text if encoding == "utf-8" else text.decode(encoding).encode()
        return _Reader(utf8, encoding, mark).read()
    except (UnicodeError, expat.ExpatError) as error:
        raise UnreadableMetadata("The XMP is damaged.", detail=repr(error)) from error


class _Reader:
    """Takes down where elements begin and end, down to the top-level properties, and in those that are known."""

    def __init__(self, data: bytes, encoding: str, mark: bytes) -> None:
        self._data, self._encoding, self._mark = data, encoding, mark
        self._open: list[Element | None] = []
        self._scope: dict[str, list[str]] = {}
        self._known: Mapping[str, str] | None = None
        self._parts = 0
        self._rdf: Element | None = None
        self._parser = parser = expat.ParserCreate("UTF-8", _SEPARATOR)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartNamespaceDeclHandler = self._declare
        parser.EndNamespaceDeclHandler = self._forget
        parser.StartDoctypeDeclHandler = self._refuse_type
        parser.XmlDeclHandler = self._check_encoding

    def read(self) -> Document:
        self._parser.Parse(self._data.rstrip(b"\0"), True)
        if self._rdf is None:
            raise UnreadableMetadata("The file is no XMP: it has no rdf:RDF.")
        descriptions = tuple(self._rdf.children)  # of rdf:Description, or of the name of what they describe
        found: dict[Key, tuple[Occurrence, ...]] = {}
        for one in descriptions:
            here: list[tuple[Key, Occurrence]] = [
                *one.attributes.items(),
                *((child.key, child) for child in one.children),
            ]
            for key, occurrence in here:
                if key in PROPERTIES:
                    found[key] = (*found.get(key, ()), occurrence)
        return Document(self._data, self._encoding, self._mark, self._rdf, descriptions, found)

    def _start(self, full_name: str, attributes: list[str]) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise UnreadableMetadata("The XMP is nested too deeply.")
        parent = self._open[-1] if self._open else None
        key = _key(full_name)
        is_rdf = key == (RDF, "RDF") and not self._inside()
        if is_rdf and self._rdf is not None:
            raise UnreadableMetadata("The XMP has more than one rdf:RDF.")
        element = self._element(key, attributes) if is_rdf or (parent is not None and self._wanted()) else None
        if is_rdf:
            self._rdf = element
        elif parent is not None and element is not None:
            parent.children.append(element)
            if len(self._inside()) == 2:
                element.scope = self._names()
        self._open.append(element)

    def _inside(self) -> list[Element]:
        return [element for element in self._open if element is not None]

    def _wanted(self) -> bool:
        """Whether what is in the innermost element is of use: all down to the properties, and in those known."""
        inside = self._inside()
        return len(inside) <= 2 or inside[2].key in PROPERTIES

    def _element(self, key: Key, values: list[str]) -> Element:
        start = self._parser.CurrentByteIndex
        tag = _TAG.match(self._data, start)
        if tag is None:
            raise UnreadableMetadata("The XMP is damaged.", detail=f"no tag at byte {start}")
        at, written, declared = tag.end(), [], b""
        while match := _ATTRIBUTE.match(self._data, at):
            at = match.end()
            if match[2] == b"xmlns" or match[2].startswith(b"xmlns:"):
                declared += b" " + match[1]
            else:
                written.append(match)
        self._parts += 1 + len(written)
        if self._parts > _MAX_PARTS:
            raise UnreadableMetadata("The XMP says too much to be read.")
        close = _CLOSE.match(self._data, at)
        if close is None or 2 * len(written) != len(values):
            raise UnreadableMetadata("The XMP is damaged.", detail=f"a tag at byte {start} that is not understood")
        attributes = {
            _key(name): Attribute(match.start(1), match.end(1), value, Span(match.start(3) + 1, match.end(3) - 1))
            for name, value, match in zip(values[::2], values[1::2], written, strict=True)
        }
        end = close.end() if close[1] else 0
        return Element(start, end, key, tag[1], close.end(), end, attributes, declared)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if element is not None and not element.end:
            element.close = self._parser.CurrentByteIndex
            element.end = self._data.index(b">", element.close) + 1

    def _text(self, text: str) -> None:
        element = self._open[-1] if self._open else None
        if element is not None:
            element.text += text

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._scope.setdefault(prefix or "", []).append(uri or "")
        self._known = None

    def _forget(self, prefix: str | None) -> None:
        self._scope[prefix or ""].pop()
        self._known = None

    def _names(self) -> Mapping[str, str]:
        """The namespaces by prefix, where it is now; one and the same as long as nothing else is declared."""
        if self._known is None:
            self._known = {prefix: uris[-1] for prefix, uris in self._scope.items() if uris}
        return self._known

    def _refuse_type(self, *_: Any) -> None:
        raise UnreadableMetadata("The XMP has a document type, which is not read.")

    def _check_encoding(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise UnreadableMetadata(f"The XMP is in {encoding}; UTF-8 and UTF-16 are read.")


def _key(full_name: str) -> Key:
    uri, _, name = full_name.rpartition(_SEPARATOR)
    return SPELLINGS.get(uri, uri), name


def _text(one: Occurrence) -> str:
    return one.value if isinstance(one, Attribute) else one.value.strip()


def _items(one: Occurrence) -> list[str]:
    if isinstance(one, Element) and one.container is not None:
        return [item.value for item in one.items]
    return [_text(one)] if _text(one) else []
