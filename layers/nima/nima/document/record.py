"""How the types of a document are declared, and its JSON, which comes of that.

A record is a frozen dataclass. Its fields are its members, in the order of the JSON. What a field's name, type and
default do not say stands in its ``metadata``, made by ``member``. A field with ``init=False`` is derived: it is written
and never read. A field's default is what a document that lacks the member is read with; where there is none, the whole
record cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cache
from typing import Any, Literal

_MEMBER = "member"

Json = dict[str, Any]


@dataclass(frozen=True)
class Member:
    """What a field says of its member.

    Attributes:
        name: Its name where that is none that Python allows; by default the field's.
        flat: Whether its own members are the record's; objects that then have one name become one.
        alone: Whether the record is written as this member alone.
        aside: Whether it is no part of the document.
        stored: Whether the table keeps it.
        blank: What an empty text is written as: as it is, as null, or not at all. What is left out so, is so where it
            is None too.
        view: The view of ``nima.document.short`` by which its record, or each of its records, is shown.
        field: The field's name.
        derived: Whether it is only written.
    """

    name: str = ""
    flat: bool = False
    alone: bool = False
    aside: bool = False
    stored: bool = True
    blank: Literal["text", "null", "left out"] = "text"
    view: Any = None
    field: str = ""
    derived: bool = False


def member(**attributes: Any) -> dict[str, Member]:
    """The metadata of a field, by the attributes of ``Member``."""
    return {_MEMBER: Member(**attributes)}


class Record:
    """The base of every record, itself without members."""

    def to_json(self) -> Json:
        """The record as JSON types only."""
        document: Json = written(self)
        return document

    def _derive(self, **values: Any) -> None:
        """Fills in derived members, which a frozen dataclass can only so."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


@cache
def members(kind: Any) -> tuple[Member, ...]:
    """The members of a kind of record, in order."""
    found = [(field, field.metadata.get(_MEMBER, Member())) for field in fields(kind)]
    return tuple(
        replace(spec, name=spec.name or field.name, field=field.name, derived=not field.init)
        for field, spec in found
        if not spec.aside
    )


def written(value: Any, *, stored: bool = False) -> Any:
    """A record, or what it holds, as JSON types; with ``stored`` only what the table keeps, floats as decimals."""
    if isinstance(value, Record):
        return _document(value, stored)
    if stored and isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {str(name): written(content, stored=stored) for name, content in value.items()}
    if isinstance(value, tuple | list):
        return [written(content, stored=stored) for content in value]
    return value


def _document(record: Record, stored: bool) -> Any:
    document: Json = {}
    kind: Any = type(record)
    for spec in members(kind):
        content = getattr(record, spec.field)
        if spec.alone:
            return written(content, stored=stored)
        if (stored and not spec.stored) or (content in ("", None) and spec.blank == "left out"):
            continue
        if spec.view:
            content = (
                spec.view.of(content) if isinstance(content, Record) else [spec.view.of(record) for record in content]
            )
        elif content == "" and spec.blank == "null":
            content = None
        content = written(content, stored=stored)
        _add(document, (content or {}) if spec.flat else {spec.name: content})
    return document


def _add(document: Json, more: Json) -> None:
    for name, content in more.items():
        known = document.get(name)
        document[name] = {**known, **content} if isinstance(known, dict) and isinstance(content, dict) else content
