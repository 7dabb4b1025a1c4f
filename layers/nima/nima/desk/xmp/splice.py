"""Saying something else in an XMP packet while every other byte of it stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nima.desk.xmp.document import Attribute, Document, Element, Occurrence
from nima.desk.xmp.properties import ALT, NAMESPACES, RDF, Property

_SPACE = b" \t\r\n"
_ABOUT = ((RDF, "about"), ("", "about"))  # the latter by programs of before 2004
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_NO_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


@dataclass(frozen=True)
class Items:
    """What becomes of a list: items that are added at its end, and others that are taken out."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


Change = str | Items | None
"""The value of a simple property, a change of a list, or None where the property goes."""

Changes = Mapping[Property, Change]


@dataclass(frozen=True)
class Cut:
    """Bytes from ``start`` up to ``end``, and what stands in their place."""

    start: int
    end: int
    data: bytes = b""


def splice(document: Document, changes: Changes) -> bytes:
    """The packet with some properties changed, in the encoding that it had.

    What is there keeps its form; what is new stands in a description of its own, the last one, with the prefixes that
    it needs. Values are in ASCII, with references for other characters.
    """
    return document.to_bytes(apply(document.data, cuts(document, changes)))


def apply(data: bytes, made: Iterable[Cut]) -> bytes:
    """The bytes with those cuts made, none of which overlap."""
    parts, at = [], 0
    for cut in sorted(made, key=lambda cut: (cut.start, cut.end)):
        parts += [data[at : cut.start], cut.data]
        at = cut.end
    return b"".join([*parts, data[at:]])


def cuts(document: Document, changes: Changes) -> list[Cut]:
    """Where a packet is cut for some changes."""
    made: list[Cut] = []
    new: dict[Property, str | tuple[str, ...]] = {}
    for one, change in changes.items():
        found = document.found.get(one.key, ())
        if isinstance(change, Items):
            kept = tuple(item for item in document.items(one.key) if item not in change.remove)
            if found and _has_items(found) and (kept or change.add):
                made += _changed_items(document.data, found, change)
                continue
            value: str | tuple[str, ...] | None = (*kept, *change.add) or None
        else:
            value = change
            if found and value is not None:
                made += _changed(document.data, found, value)
                continue
        made += (_without(document.data, occurrence) for occurrence in found)
        new |= {} if value is None else {one: value}
    return [*made, _added(document, new)] if new else made


def description(values: Mapping[Property, str | tuple[str, ...]], about: str, prefix: str | None, line: bytes) -> bytes:
    """An element with properties.

    Args:
        about: What they are of, as the packet says it.
        prefix: What RDF goes by where it stands; None where that is to be declared.
        line: The line end and the indentation that it stands at.
    """
    rdf = prefix or "rdf"
    used = dict.fromkeys(one.prefix for one in values)
    declared = {} if prefix else {"rdf": RDF}
    declared |= {name: NAMESPACES[name] for name in used}
    parts = [f"<{rdf}:Description {rdf}:about={_quoted(about)}".encode()]
    parts += [b"%s    xmlns:%s=%s" % (line, name.encode(), _quoted(uri).encode()) for name, uri in declared.items()]
    lists = {one: value for one, value in values.items() if not isinstance(value, str)}
    parts += [
        b"%s   %s=%s" % (line, str(one).encode(), _quoted(value).encode())
        for one, value in values.items()
        if isinstance(value, str)
    ]
    if not lists:
        return b"".join([*parts, b"/>"])
    parts.append(b">")
    for one, items in lists.items():
        parts.append(line + b" " + _list(one, items, rdf, line + b" "))
    return b"".join([*parts, b"%s</%s:Description>" % (line, rdf.encode())])


def escaped(text: str) -> str:
    """A text as it can stand anywhere in XML; characters that XML has none of are left out."""
    known = _NO_CHARACTERS.sub("", text)
    return "".join(
        _ESCAPED.get(letter) or (letter if " " <= letter < "\x7f" else f"&#{ord(letter)};") for letter in known
    )


def _quoted(text: str) -> str:
    return f'"{escaped(text)}"'


def _list(one: Property, values: Iterable[str], rdf: str, line: bytes) -> bytes:
    name, kind = str(one).encode(), f"{rdf}:{one.kind}".encode()
    language = ' xml:lang="x-default"' if one.kind == ALT else ""
    items = b"".join(b"%s  %s" % (line, _item(f"{rdf}:li", value, language)) for value in values)
    return b"<%s>%s <%s>%s%s </%s>%s</%s>" % (name, line, kind, items, line, kind, line, name)


def _item(name: str, value: str, language: str = "") -> bytes:
    return f"<{name}{language}>{escaped(value)}</{name}>".encode()


def _changed(data: bytes, found: Sequence[Occurrence], value: str) -> Iterator[Cut]:
    first, *others = found
    text = escaped(value).encode()
    if isinstance(first, Attribute):
        yield Cut(first.inside.start, first.inside.end, text)
    elif first.children or first.attributes or first.empty:
        yield Cut(first.start, first.end, b"<%s%s>%s</%s>" % (first.name, first.declared, text, first.name))
    else:
        yield Cut(first.tag, first.close, text)
    yield from (_without(data, other) for other in others)


def _has_items(found: Sequence[Occurrence]) -> bool:
    return any(isinstance(one, Element) and one.items for one in found)


def _changed_items(data: bytes, found: Sequence[Occurrence], change: Items) -> Iterator[Cut]:
    """In a list that has items, which what is added looks like."""
    added = not change.add
    for one in (one for one in found if isinstance(one, Element)):
        held, items = one.container, one.items
        yield from (_without(data, item) for item in items if item.value in change.remove)
        if held and items and not added:
            added, last = True, items[-1]
            space = data[_space_before(data, last.start) : last.start]
            name = held.name.decode().removesuffix(held.key[1]) + "li"  # as RDF goes in the list
            yield Cut(last.end, last.end, b"".join(space + _item(name, item) for item in change.add))


def _added(document: Document, values: Mapping[Property, str | tuple[str, ...]]) -> Cut:
    """A description of its own, behind the others."""
    rdf, last = document.rdf, document.descriptions[-1] if document.descriptions else None
    line = _line(document.data, last.start if last else rdf.start) + (b"" if last else b" ")
    attributes = (item for each in document.descriptions for item in each.attributes.items())
    about = next((attribute.value for key, attribute in attributes if key in _ABOUT), "")
    name = rdf.name.decode().rpartition(":")[0]
    taken = name in {one.prefix for one in values}  # by which a packet may call RDF, if it wants to
    made = description(values, about, None if taken else name or None, line)
    if rdf.empty:
        slash = document.data.rindex(b"/", rdf.start, rdf.end)
        after = _line(document.data, rdf.start)
        return Cut(slash, rdf.end, b">%s%s%s</%s>" % (line, made, after, rdf.name))
    at = last.end if last else rdf.tag
    return Cut(at, at, line + made)


def _without(data: bytes, one: Attribute | Element) -> Cut:
    return Cut(_space_before(data, one.start), one.end)


def _space_before(data: bytes, at: int) -> int:
    while at and data[at - 1] in _SPACE:
        at -= 1
    return at


def _line(data: bytes, at: int) -> bytes:
    """The line end and indentation before a place; those of the packet's first line where it has none."""
    space = data[_space_before(data, at) : at]
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    return newline + space.rpartition(b"\n")[2] if b"\n" in space else newline + b"  "
