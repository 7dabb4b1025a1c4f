"""Which category and collection an object key stands for, by one pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIELDS = ("category", "collection", "file")
DEFAULT_PATTERN = "<category>/<collection>/<file>"


@dataclass(frozen=True)
class Place:
    """Where a picture belongs; None where neither the key nor the object's metadata tells."""

    category: str | None
    collection: str | None


class KeyPattern:
    """A key pattern such as ``<category>/<collection>/<file>``.

    ``<category>`` and ``<collection>`` match within one part of the key, ``<file>`` matches the rest, slashes included;
    everything else stands for itself.

    Raises:
        ValueError: A field is unknown or used twice, or ``<file>`` is not there.
    """

    def __init__(self, pattern: str = DEFAULT_PATTERN) -> None:
        parts = re.split(r"<(\w+)>", pattern)
        literals, fields = parts[::2], parts[1::2]
        if set(fields) - set(_FIELDS) or len(set(fields)) != len(fields) or "file" not in fields:
            raise ValueError(
                f"a key pattern has <file> and, at most once each, <category> and <collection>: {pattern!r}"
            )
        expression = re.escape(literals[0])
        for field, literal in zip(fields, literals[1:], strict=True):
            expression += f"(?P<{field}>{'.+' if field == 'file' else '[^/]+'})" + re.escape(literal)
        self._expression = re.compile(expression, re.DOTALL)

    def place(self, key: str) -> Place:
        """The place of a key; both None where the key does not follow the pattern."""
        match = self._expression.fullmatch(key)
        found = match.groupdict() if match else {}
        return Place(found.get("category"), found.get("collection"))
