"""API Gateway's proxy events and responses (REST API, payload version 1.0)."""

from __future__ import annotations

import base64
from typing import Any

from nima.parts import Part
from nima.web.response import Response

_LONGEST_PATH = 10_240


def check_proxy_event(event: Any) -> None:
    """Looks at every part that is used. API Gateway sends no others; somebody who invokes a function by hand may.

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


def proxy_response(response: Response) -> dict[str, Any]:
    """The response as a function returns it; bytes travel as base64."""
    body = response.body
    return {
        "statusCode": response.status,
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
        "multiValueHeaders": {name: [value] for name, value in response.all_headers.items()},
    }
