"""How names are written that mean the same."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath


def same_text(text: str) -> str:
    """A text without the white space around it, its accents composed: as one types it, however a disk keeps it."""
    return unicodedata.normalize("NFC", text).strip()


def picture_id(text: str) -> str:
    """The id that a label file gives a picture, as a relative path: ``.\\\\shoes\\\\1.jpg`` is ``shoes/1.jpg``.

    An empty text stays empty.
    """
    plain = same_text(text).replace("\\", "/")
    return str(PurePosixPath(plain)) if plain else ""
