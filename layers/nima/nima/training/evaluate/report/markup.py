"""HTML and SVG as text, in which nothing that is shown can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

_EMPTY = frozenset({"img", "meta", "circle", "line", "path", "polyline", "rect"})
"""Elements without children."""

Attribute = str | int | float | bool


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"


def tag(name: str, /, *children: Child, **attributes: Attribute | None) -> Markup:
    """An element, with its end.

    Args:
        name: The element's name.
        children: Texts, which are escaped, and other elements, also in lists; what is None is left out.
        attributes: With ``_`` for ``-``, and ``class_`` for ``class``. None leaves one out, a number is rounded to
            hundredths.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Markup(f"<{name}{given}/>" if name in _EMPTY else f"<{name}{given}>{joined(children)}</{name}>")


def joined(children: Child) -> Markup:
    """Texts, which are escaped, and elements in a row."""
    if children is None:
        return Markup()
    if isinstance(children, Markup):
        return children
    if isinstance(children, str):
        return Markup(escape(children))
    return Markup("".join(map(joined, children)))


def _value(value: Attribute) -> str:
    if value is True:
        return ""
    return f"{round(value, 2):g}" if isinstance(value, float) else str(value)
