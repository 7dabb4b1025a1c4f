"""Which category and collection an object key stands for, by one pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nima.catalogue.folders import MAX_KEY_BYTES, Folder

_FIELDS = ("category", "collection", "file")
DEFAULT_PATTERN = "<folder>/<file>"


@dataclass(frozen=True)
class Place:
    """Where a picture belongs; None where neither the key nor the object's metadata tells.

    Attributes:
        category: A category's name.
        collection: A collection's id.
    """

    category: str | None
    collection: str | None


@dataclass(frozen=True)
class Shelf:
    """Where the index has the pictures of a folder: its name for them, and what their keys begin with."""

    name: str
    start: str


class KeyPattern:
    """What category and collection keys stand for.

    ``<folder>/<file>`` makes every folder a collection (see ``nima.catalogue.folders``) and the first name of its path
    the category. Other patterns, such as ``<category>/<collection>/<file>``, take both from the key as plain text:
    ``<category>`` and ``<collection>`` match within one part of the key, ``<file>`` matches the rest, slashes included;
    everything else stands for itself.

    The index of collections files a folder's pictures under its short name, which earlier releases knew it by: what
    they filed is found by the folder's id, and what is filed today by the name of then.

    Args:
        pattern: The pattern.
        prefix: What keys begin with that belongs to neither; keys without it are read as they are.

    Raises:
        ValueError: A field is unknown or used twice, or ``<file>`` is not there.
    """

    def __init__(self, pattern: str = DEFAULT_PATTERN, prefix: str = "") -> None:
        self._prefix = prefix
        self._expression = None if pattern == DEFAULT_PATTERN else _expression(pattern)

    def place(self, key: str) -> Place:
        """The place of a key; both None where the key does not follow the pattern."""
        folder = self._folder(key)
        if folder:
            return Place(folder.category, folder.id)
        match = self._expression.fullmatch(key.removeprefix(self._prefix)) if self._expression else None
        found = match.groupdict() if match else {}
        return Place(found.get("category"), found.get("collection"))

    def filed(self, key: str, collection: str | None) -> str | None:
        """What the index calls the collection of a picture."""
        folder = self._folder(key)
        return folder.short_name if folder and collection == folder.id else collection

    def collection(self, key: str, filed: str | None) -> str | None:
        """The collection of a picture by what the index calls it."""
        folder = self._folder(key)
        return folder.id if folder and filed == folder.short_name else filed

    def shelves(self, collection: str) -> tuple[Shelf, ...]:
        """Where the pictures lie of the folder that a collection's id stands for; nowhere where it stands for none."""
        folder = None if self._expression else Folder.from_id(collection)
        if folder is None:
            return ()
        # With a prefix that was set later, there are keys without it.
        starts = dict.fromkeys((self._prefix + folder.start, folder.start))
        return tuple(Shelf(folder.short_name, start) for start in starts if len(start.encode()) < MAX_KEY_BYTES)

    def _folder(self, key: str) -> Folder | None:
        return None if self._expression else Folder.of(key.removeprefix(self._prefix))


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"<(\w+)>", pattern)
    literals, fields = parts[::2], parts[1::2]
    if set(fields) - set(_FIELDS) or len(set(fields)) != len(fields) or "file" not in fields:
        raise ValueError(
            f"a key pattern has <file> and, at most once each, <category> and <collection>, or is {DEFAULT_PATTERN}: "
            f"{pattern!r}"
        )
    expression = re.escape(literals[0])
    for field, literal in zip(fields, literals[1:], strict=True):
        expression += f"(?P<{field}>{'.+' if field == 'file' else '[^/]+'})" + re.escape(literal)
    return re.compile(expression, re.DOTALL)
