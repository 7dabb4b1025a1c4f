"""Folders of object keys: each is a collection, whose id is its whole path. Pure.

An id is the path with the two escapes of JSON Pointer (RFC 6901), ``~`` as ``~0`` and then ``/`` as ``~1``, so that it
is one segment of a URL however deep the folder lies: neither a browser nor a proxy nor API Gateway changes a ``~``.
What else a folder's name may hold is percent-encoded in a URL as ever. Pictures without a folder are the collection
``~``, which no path is written as.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ROOT_ID = "~"
MAX_KEY_BYTES = 1024
"""Bytes of an object's key in UTF-8: S3's own limit."""
MAX_ID_BYTES = 2 * MAX_KEY_BYTES
"""An id is at most twice as long as the path."""

_ID = re.compile(r"(?:[^~/]|~[01])+", re.DOTALL)


@dataclass(frozen=True)
class Folder:
    """A folder by its path: names with slashes between them; empty for that of keys without a slash."""

    path: str

    @classmethod
    def of(cls, key: str) -> Folder:
        """The folder that an object lies in."""
        return cls(key.rpartition("/")[0])

    @classmethod
    def from_id(cls, text: str) -> Folder | None:
        """The folder of an id; None where a text is no folder's id."""
        if text == ROOT_ID:
            return cls("")
        return cls(text.replace("~1", "/").replace("~0", "~")) if _ID.fullmatch(text) else None

    @property
    def id(self) -> str:
        """The id of the collection that the folder is."""
        return self.path.replace("~", "~0").replace("/", "~1") or ROOT_ID

    @property
    def category(self) -> str | None:
        """The path's first name; None where there is none."""
        return self.path.partition("/")[0] or None

    @property
    def short_name(self) -> str:
        """What the index calls it: the path's second name, which was a collection's id before the whole path was.

        Where a path has no second name it is the id.
        """
        first, *others = self.path.split("/")
        return others[0] if first and others and others[0] else self.id

    @property
    def start(self) -> str:
        """What the keys of everything in it begin with, that in its folders too."""
        return f"{self.path}/" if self.path else ""
