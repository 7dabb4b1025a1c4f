"""Where a picture belongs by its object's metadata, which wins over its key."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from email.errors import MessageError
from email.header import decode_header, make_header

from nima.catalogue.keys import Place
from nima.errors import InvalidRequest

CATEGORY_METADATA, COLLECTION_METADATA = "category", "collection"

_MAX_NAME_BYTES = 1024
_WORD = re.compile(r"=\?[^?\s]+\?([bBqQ])\?([^?\s]*)\?=")
_BARE_ESCAPE = re.compile(r"=(?![0-9A-Fa-f]{2})")


def place_of(metadata: Mapping[str, str], by_key: Place) -> Place:
    """The place of an object.

    Args:
        metadata: Its user metadata as S3 gives it.
        by_key: What its key tells.

    Raises:
        InvalidRequest: A name is longer than the table can hold.
    """
    return Place(
        _name(metadata, CATEGORY_METADATA) or by_key.category,
        _name(metadata, COLLECTION_METADATA) or by_key.collection,
    )


def _name(metadata: Mapping[str, str], field: str) -> str:
    name = decoded(metadata.get(field, ""))
    if len(name.encode()) > _MAX_NAME_BYTES:
        raise InvalidRequest(f"{field}: at most {_MAX_NAME_BYTES} bytes.")
    return name


def decoded(value: str) -> str:
    """A metadata value in plain text.

    S3 gives values that are not ASCII as a mail's header has them, ``=?UTF-8?B?...?=`` or ``=?UTF-8?Q?...?=`` (RFC
    2047). What is no such encoding, or a broken one, stays as it is.
    """
    words = _WORD.findall(value)
    if not words:
        return value
    try:
        for kind, text in words:
            _check(kind, text)
        plain = str(make_header(decode_header(value)))
        plain.encode()  # some charsets have halves of surrogate pairs, which nothing could store
    except (MessageError, LookupError, ValueError):
        return value
    whole = plain and "\ufffd" not in plain and all(character >= " " for character in plain)
    return plain if whole else value


def _check(kind: str, text: str) -> None:
    """Raises ``ValueError`` where a word is not what its encoding writes; the decoder would guess."""
    if kind in "bB":
        base64.b64decode(text, validate=True)
    elif _BARE_ESCAPE.search(text):
        raise ValueError("an escape is no byte")
