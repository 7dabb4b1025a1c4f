"""Reads a record out of what another release may have written, by the record's declaration, one member at a time.

A member that is missing, of another kind, out of its range or by a code that is not known is read as its default, and
one without a default leaves its record unreadable. An entry of a list or a mapping that cannot be read is left out, and
so is a member that is not declared. A record that is missing is read as an empty one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

from nima.document.record import Json, Record, members
from nima.document.values import Limits, OneOf
from nima.errors import NimaError

P = TypeVar("P")

Completions = Mapping[type[Any], Callable[[Json, Mapping[str, Any]], Record]]
"""By the kind of record, what makes one of the members that could be read and of all that was given."""

Reader = Callable[[Any, Completions], Any]

_KEEPS: Mapping[str, Callable[[Any, Any], Any]] = {
    "pattern": lambda value, pattern: re.fullmatch(pattern, value),
    "minimum": lambda value, least: value >= least,
    "maximum": lambda value, most: value <= most,
    "multipleOf": lambda value, step: value % step == 0,
}
"""Whether a value keeps to a limit, by the limit's keyword."""

FAILURES = (KeyError, TypeError, ValueError, ArithmeticError, NimaError)
"""What says that something cannot be read."""


def read(kind: type[P], given: Any, complete: Completions) -> P:
    """A record of some kind.

    Args:
        kind: The kind.
        given: Its JSON, or an item of the table.
        complete: Makes what defaults alone do not.

    Raises:
        One of ``FAILURES``: It lacks what nothing can stand for.
    """
    return cast(P, _part(kind)(given, complete))


def known_members(kind: Any, given: Any, complete: Completions, but: Collection[str] = ()) -> Json:
    """The members that can be read, by their fields' names; ``but`` are fields that are left out."""
    known: Json = {}
    whole = given if isinstance(given, Mapping) else {}
    for field, name, take in _plan(kind):
        if field in but:
            continue
        try:
            known[field] = take(given if name is None else whole.get(name), complete)
        except FAILURES:
            continue
    return known


@cache
def hints(kind: Any) -> dict[str, Any]:
    """The types of a record's members, with their sets and ranges."""
    return get_type_hints(kind, include_extras=True)


@cache
def _plan(kind: Any) -> tuple[tuple[str, str | None, Reader], ...]:
    """Each member's field, its name (None where it lies in the record itself) and its reader."""
    return tuple(
        (
            spec.field,
            None if spec.flat or spec.alone else spec.name,
            _reader(hints(kind)[spec.field]),
        )
        for spec in members(kind)
        if not spec.derived
    )


@cache
def _reader(hint: Any) -> Reader:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _checked(arguments[0], arguments[1:])
    if NoneType in arguments:
        some = _reader(next(one for one in arguments if one is not NoneType))
        return lambda given, complete: None if given is None else some(given, complete)
    if origin is tuple:
        return _list(arguments)
    if origin is Mapping:
        return _mapping(*arguments)
    if isinstance(hint, type) and issubclass(hint, Record):
        return _part(hint)
    return _SCALARS[hint]


def _part(kind: Any) -> Reader:
    def take(given: Any, complete: Completions) -> Any:
        known = known_members(kind, given, complete)
        return complete[kind](known, given) if kind in complete else kind(**known)

    return take


def _checked(hint: Any, notes: tuple[Any, ...]) -> Reader:
    inner = _reader(hint)
    sets = [note for note in notes if isinstance(note, OneOf)]
    checks = [
        (_KEEPS[keyword], limit)
        for note in notes
        if isinstance(note, Limits)
        for keyword, limit in note.keywords.items()
        if keyword in _KEEPS
    ]

    def take(given: Any, complete: Completions) -> Any:
        value = inner(given, complete)
        if not all(value in allowed.codes for allowed in sets):
            raise ValueError(f"{value!r} is not known")
        if not all(keeps(value, limit) for keeps, limit in checks):
            raise ValueError(f"{value!r} is out of its range")
        return value

    return take if sets or checks else inner


def _list(arguments: tuple[Any, ...]) -> Reader:
    item, length = _reader(arguments[0]), None if arguments[-1] is Ellipsis else len(arguments)

    def take(given: Any, complete: Completions) -> tuple[Any, ...]:
        found = []
        for one in _expect(list, given):
            try:
                found.append(item(one, complete))
            except FAILURES:
                continue
        if length not in (None, len(found)):
            raise ValueError(f"{len(found)} entries, not {length}")
        return tuple(found)

    return take


def _mapping(key: Any, content: Any) -> Reader:
    """Of whole numbers, in their order; of a closed set, each of it; else of any names."""
    inner = _reader(content)
    sets = [note for note in get_args(key)[1:] if isinstance(note, OneOf)]

    def take(given: Any, complete: Completions) -> dict[Any, Any]:
        names = sets[0].codes if sets else sorted(filter(str.isdecimal, given)) if key is int else given
        found = {}
        for name in names:
            try:
                found[int(name) if key is int else name] = inner(given.get(name), complete)
            except FAILURES:
                continue
        return found

    return lambda given, complete: take(given if isinstance(given, Mapping) else {}, complete)


def _number(given: Any, _: Completions) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal) or not math.isfinite(given):
        raise TypeError(f"{given!r} is no number")
    return float(given)


def _whole(given: Any, complete: Completions) -> int:
    _number(given, complete)
    return int(given)


def _expect(kind: Any, given: Any) -> Any:
    if not isinstance(given, kind):
        raise TypeError(f"{given!r} is no {kind.__name__}")
    return given


_SCALARS: dict[Any, Reader] = {
    str: lambda given, _: _expect(str, given),
    bool: lambda given, _: _expect(bool, given),
    int: _whole,
    float: _number,
}
