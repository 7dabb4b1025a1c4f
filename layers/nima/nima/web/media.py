"""Media types: what pictures are sent as, and the other names that browsers and programs have for them."""

from __future__ import annotations

from nima.image.formats import TYPES

BYTES_TYPE = "application/octet-stream"
JSON_TYPE = "application/json"
JPEG_TYPE = "image/jpeg"

PICTURE_TYPES = (*TYPES, BYTES_TYPE)
"""What an object is kept as; what it is, its content tells."""

ALIASES = {alias: name for name, kind in TYPES.items() for alias in kind.aliases} | {
    "binary/octet-stream": BYTES_TYPE,
}
"""Names that are or were in use, with the registered type that each stands for."""


def media_type(header: str) -> str:
    """A content type in lower case, without its parameters."""
    return header.partition(";")[0].strip().lower()


def picture_type(content_type: str) -> str | None:
    """The type of ``PICTURE_TYPES`` that a content type means; None where it means none."""
    name = media_type(content_type)
    found = ALIASES.get(name, name)
    return found if found in PICTURE_TYPES else None
