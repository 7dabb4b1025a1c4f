"""Responses: what a handler gives back, whatever carries it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nima.web.media import JSON_TYPE

HTML_TYPE = "text/html; charset=utf-8"
CSV_TYPE = "text/csv; charset=utf-8"

REVALIDATE = "private, no-cache"
"""``Cache-Control`` of what may be kept, but only used again after asking with its ETag."""

# Responses are no pages: nothing loads with them and nobody frames them; a page has a policy of its own. Browsers mind
# Strict-Transport-Security only where it came over TLS.
_ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
_VARY = "Vary"


@dataclass(frozen=True)
class Response:
    """A status, headers and a body; ``content_type`` None goes with no body."""

    status: int
    content_type: str | None
    body: str | bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body_bytes(self) -> bytes:
        """The body as it is sent."""
        return self.body if isinstance(self.body, bytes) else self.body.encode()

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers with those that every response has, and with its content type."""
        content_type = {"Content-Type": self.content_type} if self.content_type else {}
        return {**_ALWAYS, **self.headers, **content_type}

    def with_headers(self, headers: Mapping[str, str]) -> Response:
        """The response with further headers: their values stand, but what it varies with already still counts."""
        varying = [name.strip() for part in (self.headers, headers) for name in part.get(_VARY, "").split(",")]
        vary = {_VARY: ", ".join(dict.fromkeys(filter(None, varying)))} if any(varying) else {}
        return replace(self, headers={**self.headers, **headers, **vary})

    def without_body(self) -> Response:
        """What HEAD gets where GET gets this response: its headers, and the length of its body."""
        if self.content_type is None:
            return self
        return replace(self, body="", headers={**self.headers, "Content-Length": str(len(self.body_bytes))})

    def revalidated(self, if_none_match: str | None) -> Response:
        """The response with an ETag of its content; 304 without a body where the client has it already."""
        content = f"{self.content_type}\n".encode() + self.body_bytes
        etag = f'"{digest(content, 32)}"'
        headers = {**self.headers, "Cache-Control": REVALIDATE, "ETag": etag}
        if if_none_match is not None and _matches(if_none_match, etag):
            return Response(304, None, "", headers)
        return replace(self, headers=headers)


def json_response(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON document."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Half of a surrogate pair, which an error may repeat from a request, has no bytes but as JSON's own escape.
    body = text.encode(errors="backslashreplace").decode()
    return Response(status, JSON_TYPE, body, {"Cache-Control": "no-store", **(headers or {})})


def digest(content: bytes, digits: int) -> str:
    """The first hexadecimal digits of a content's SHA-256."""
    import hashlib  # brings OpenSSL along, which no response without a digest needs

    return hashlib.sha256(content).hexdigest()[:digits]


def _matches(header: str, etag: str) -> bool:
    """Weak comparison, as If-None-Match asks for (RFC 9110, 13.1.2)."""
    candidates = [part.strip() for part in header.split(",")]
    return "*" in candidates or any(part.removeprefix("W/") == etag for part in candidates)
