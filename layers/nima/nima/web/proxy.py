"""API Gateway's proxy events (REST API, payload version 1.0): their parts are what everything else takes them for.

API Gateway sends no others; somebody who invokes a function by hand may.
"""

from __future__ import annotations

from typing import Any

from nima.parts import Part

_LONGEST_PATH = 10_240


def check_proxy_event(event: Any) -> None:
    """Looks at every part that is used.

    Raises:
        InvalidRequest: One is missing or of another kind; the message names it.
    """
    whole = Part(event)
    whole["httpMethod"].text()
    whole["path"].text(_LONGEST_PATH)
    context = whole["requestContext"]
    context["requestId"].text()
    for texts in filter(None, (context.optional("stage"), whole.optional("body"))):
        texts.expect(str, "text")
    if encoded := whole.optional("isBase64Encoded"):
        encoded.expect(bool, "a boolean")
    for name in ("headers", "queryStringParameters"):
        if members := whole.optional(name):
            for member in members.members():
                member.expect(str, "text")
    for name in ("multiValueHeaders", "multiValueQueryStringParameters"):
        if members := whole.optional(name):
            for member in members.members():
                for value in member.parts():
                    value.expect(str, "text")
