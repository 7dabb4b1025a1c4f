"""A request as the functions see it: taken out of API Gateway's proxy event, and checked before any work is done."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nima.catalogue.folders import MAX_KEY_BYTES
from nima.errors import ImageTooLarge, InvalidRequest, NimaError, UnsupportedFormat
from nima.web.accept import prefers
from nima.web.media import JSON_TYPE, media_type
from nima.web.parameters import fits

MAX_HEADER_BYTES = 10_240
"""Names and values of all headers together, API Gateway's own limit."""

MAX_JSON_BYTES = 262_144

_UNSPECIFIED = ("", "application/x-www-form-urlencoded")
"""Content types that say nothing of a body: none at all, or the one that curl sends where nobody chose."""


@dataclass(frozen=True)
class Body:
    """What a request's body may be.

    Attributes:
        content: A JSON schema for each media type.
        largest: Most bytes.
        example: One for the documentation, of the first media type.
        any_type: Whether it is taken as whatever it was sent, because the content itself tells what it is.
        required: Whether there is always one.
    """

    content: Mapping[str, Mapping[str, Any]]
    largest: int = MAX_JSON_BYTES
    example: Any = None
    any_type: bool = False
    required: bool = True

    def takes(self, media_type: str) -> bool:
        """Whether a body of this type is read."""
        return self.any_type or media_type in self.content or media_type in _UNSPECIFIED

    def too_large(self) -> NimaError:
        """The error for a body of more bytes."""
        if JSON_TYPE in self.content:
            return InvalidRequest(f"body: at most {self.largest} bytes.")
        return ImageTooLarge(
            f"The body is larger than {self.largest / 1e6:g} MB; POST /uploads is for larger pictures."
        )


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        headers: By lower-case name; of a repeated one the last.
        query: Decoded values by name.
        path: Parameters of the path, decoded.
        body: The body's bytes; empty without one.
        stage: The API's stage, which its own URLs begin with.
        values: Checked values of the query, filled in by the operation.
    """

    headers: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    path: Mapping[str, str]
    body: bytes
    stage: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def prefers(self, content_type: str, usual: str) -> bool:
        """Whether the ``Accept`` header asks for this type rather than for the usual one."""
        return prefers(self.headers.get("accept", ""), content_type, usual)

    @property
    def content_type(self) -> str:
        """The body's media type; empty where none is given."""
        return media_type(self.headers.get("content-type", ""))

    def json(self, known: Sequence[str]) -> dict[str, Any]:
        """The body, a JSON object with no other members than ``known``.

        Raises:
            InvalidRequest: It is no such object.
        """
        try:
            document = json.loads(self.body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise InvalidRequest("The body is not JSON.", detail=str(error)[:200]) from error
        if not isinstance(document, dict):
            raise InvalidRequest("The body has to be a JSON object.")
        unknown = sorted(set(document) - set(known))
        if unknown:
            raise InvalidRequest(f"{unknown[0][:100]}: there is no such member. The body takes {', '.join(known)}.")
        return document


def read_request(event: Mapping[str, Any], path: Mapping[str, str], body: Body | None) -> Request:
    """The request of a proxy event (REST API, payload version 1.0).

    Args:
        event: The event.
        path: Parameters of the path, decoded.
        body: What the body may be; with None it is not looked at.

    Raises:
        InvalidRequest: The headers or the body are too long, or the body is not what its content type says.
        ImageTooLarge: The body should be a picture, and is too long.
        UnsupportedFormat: The body's content type is not one of those.
    """
    headers: dict[str, str] = {}
    taken = 0
    for name, values in (event.get("multiValueHeaders") or {}).items():
        taken += sum(len(name) + len(value) for value in values)
        headers[name.lower()] = values[-1] if values else ""
    if taken > MAX_HEADER_BYTES:
        raise InvalidRequest(f"headers: at most {MAX_HEADER_BYTES} bytes together.")
    query = event.get("multiValueQueryStringParameters") or {}
    return Request(
        headers=headers,
        query={str(name): [str(value) for value in values] for name, values in query.items()},
        path=path,
        body=_read_body(event, headers, body) if body else b"",
        stage=str(event.get("requestContext", {}).get("stage", "")),
    )


def check_key(key: str, prefix: str) -> None:
    """Checks an object key that this API is to write to: what S3 allows, but for what is not safe to pass on.

    Raises:
        InvalidRequest: It is empty or longer than 1024 bytes of UTF-8, has a part that is ``.`` or ``..``, which URLs
            and file systems would resolve, a control character, or ``${``, or it names a folder, or something that
            does not begin with the prefix.
    """
    if not fits(key, MAX_KEY_BYTES):
        raise InvalidRequest(f"key: 1 to {MAX_KEY_BYTES} bytes.")
    if any(part in (".", "..") for part in key.replace("\\", "/").split("/")):
        raise InvalidRequest("key: no part of it may be . or ..")
    if any(character < " " or "\x7f" <= character <= "\x9f" for character in key):
        raise InvalidRequest("key: no control characters.")
    if key.endswith("/"):
        raise InvalidRequest("key: a file's name has to stand at its end.")
    if "${" in key:
        # S3 puts the file's own name in the place of ${filename}.
        raise InvalidRequest("key: it may not hold ${.")
    if not key.startswith(prefix):
        raise InvalidRequest(f"key: it has to begin with {prefix}")


def _read_body(event: Mapping[str, Any], headers: Mapping[str, str], allowed: Body) -> bytes:
    if not allowed.takes(media_type(headers.get("content-type", ""))):
        raise UnsupportedFormat(f"Content-Type: one of {', '.join(allowed.content)}.")
    raw: str = event.get("body") or ""
    encoded = bool(event.get("isBase64Encoded"))
    # Decided by the length alone, so that nothing large is decoded only to be refused.
    if len(raw) * (0.75 if encoded else 1) > allowed.largest + 3:
        raise allowed.too_large()
    try:
        body = base64.b64decode(raw, validate=True) if encoded else raw.encode()
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("The body could not be read.", detail=str(error)) from error
    if len(body) > allowed.largest:
        raise allowed.too_large()
    return body


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
