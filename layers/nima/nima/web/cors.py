"""Which pages of other origins may read the API's responses: those that the setting names, none by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_REQUEST_HEADERS = (
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "If-None-Match",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Api-Key",
)
_RESPONSE_HEADERS = ("ETag", "Link", "Retry-After")
_MAX_AGE = "600"


@dataclass(frozen=True)
class Cors:
    """The origins that are let in, such as ``https://cms.example.com``."""

    origins: tuple[str, ...] = ()

    def headers(self, event: Mapping[str, Any]) -> dict[str, str]:
        """The headers of a response that let the origin of its request read it, or not."""
        if not self.origins:
            return {}
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        allowed = headers.get("origin") in self.origins
        return {
            "Vary": "Origin",
            **({"Access-Control-Allow-Origin": headers["origin"]} if allowed else {}),
            **({"Access-Control-Expose-Headers": ", ".join(_RESPONSE_HEADERS)} if allowed else {}),
        }

    def preflight(self, methods: Sequence[str]) -> dict[str, str]:
        """The headers of the response to a preflight, besides ``headers``."""
        if not self.origins:
            return {}
        return {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": ", ".join(_REQUEST_HEADERS),
            "Access-Control-Max-Age": _MAX_AGE,
        }
