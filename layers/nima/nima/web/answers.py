"""Answers: what an operation gives back, whatever carries it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nima.web.media import JSON_TYPE

HTML_TYPE = "text/html; charset=utf-8"
CSV_TYPE = "text/csv; charset=utf-8"

REVALIDATED = "private, no-cache"
"""``Cache-Control`` of what may be kept, but only used again after asking with its ETag."""

# Answers are no pages: nothing loads with them and nobody frames them; a page has a policy of its own. Browsers mind
# Strict-Transport-Security only where it came over TLS.
_ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
_VARY = "Vary"


@dataclass(frozen=True)
class Answer:
    """A status, headers and a body; ``content_type`` None goes with no body."""

    status: int
    content_type: str | None
    body: str | bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def octets(self) -> bytes:
        """The body as it is sent."""
        return self.body if isinstance(self.body, bytes) else self.body.encode()

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers with those that every answer has."""
        return {**_ALWAYS, **self.headers}


def joined(*parts: Mapping[str, str]) -> dict[str, str]:
    """Headers of several origins: the later one's value stands, but every part's ``Vary`` counts."""
    headers = {name: value for part in parts for name, value in part.items()}
    varying = [name.strip() for part in parts for name in part.get(_VARY, "").split(",") if name.strip()]
    return headers | ({_VARY: ", ".join(dict.fromkeys(varying))} if varying else {})


def as_json(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON document."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Half of a surrogate pair, which a refusal may repeat from a request, has no bytes but as JSON's own escape.
    body = text.encode(errors="backslashreplace").decode()
    return Answer(status, JSON_TYPE, body, {"Cache-Control": "no-store", **(headers or {})})


def revalidated(answer: Answer, if_none_match: str | None) -> Answer:
    """The answer with an ETag of its content; 304 without a body where the caller has it already."""
    digest = hashlib.sha256(f"{answer.content_type}\n".encode() + answer.octets).hexdigest()[:32]
    etag = f'"{digest}"'
    headers = {**answer.headers, "Cache-Control": REVALIDATED, "ETag": etag}
    if if_none_match is not None and _matches(if_none_match, etag):
        return Answer(304, None, "", headers)
    return Answer(answer.status, answer.content_type, answer.body, headers)


def without_body(answer: Answer) -> Answer:
    """What HEAD is answered with where GET is answered with ``answer``: its headers, and the length of its body."""
    if answer.content_type is None:
        return answer
    return replace(answer, body="", headers={**answer.headers, "Content-Length": str(len(answer.octets))})


def _matches(header: str, etag: str) -> bool:
    """Weak comparison, as If-None-Match asks for (RFC 9110, 13.1.2)."""
    candidates = [part.strip() for part in header.split(",")]
    return "*" in candidates or any(part.removeprefix("W/") == etag for part in candidates)
