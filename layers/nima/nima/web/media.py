"""Media types: what pictures are sent as, and the other names that browsers and programs have for them."""

from __future__ import annotations

BYTES_TYPE = "application/octet-stream"
JSON_TYPE = "application/json"
JPEG_TYPE = "image/jpeg"

PICTURE_TYPES = (
    JPEG_TYPE,
    "image/png",
    "image/webp",
    "image/tiff",
    "image/gif",
    "image/bmp",
    "image/heic",
    "image/heif",
    "image/avif",
    BYTES_TYPE,
)
"""What an object is kept as; what it is, its content tells."""

ALIASES = {
    "image/jpg": "image/jpeg",
    "image/jpe": "image/jpeg",
    "image/jfif": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/pipeg": "image/jpeg",
    "image/x-jpeg": "image/jpeg",
    "image/x-jpg": "image/jpeg",
    "image/x-citrix-jpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/x-citrix-png": "image/png",
    "image/x-webp": "image/webp",
    "image/tif": "image/tiff",
    "image/x-tif": "image/tiff",
    "image/x-tiff": "image/tiff",
    "image/x-gif": "image/gif",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-bitmap": "image/bmp",
    "image/x-windows-bmp": "image/bmp",
    "image/vnd.ms-bmp": "image/bmp",
    "image/x-heic": "image/heic",
    "image/heic-sequence": "image/heic",
    "image/x-heif": "image/heif",
    "image/heif-sequence": "image/heif",
    "image/avif-sequence": "image/avif",
    "image/avifs": "image/avif",
    "binary/octet-stream": BYTES_TYPE,
}
"""Names that are or were in use, with the registered type that each stands for."""


def media_type(header: str) -> str:
    """A content type in lower case, without its parameters."""
    return header.partition(";")[0].strip().lower()


def picture_type(said: str) -> str | None:
    """The type of ``PICTURE_TYPES`` that a content type means; None where it means none."""
    named = media_type(said)
    found = ALIASES.get(named, named)
    return found if found in PICTURE_TYPES else None
