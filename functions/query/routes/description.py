"""The API's own description."""

from __future__ import annotations

from functools import cache
from typing import Any

from nima.web.evaluation import EVALUATE
from nima.web.operation import Operation, ResponseSchema
from nima.web.request import Request
from nima.web.response import Response, json_response

DESCRIPTION = Operation(
    "GET",
    "/openapi.json",
    "getDescription",
    "This document",
    {
        200: ResponseSchema("An OpenAPI 3.1 document.", {"application/json": {"type": "object"}}, ("ETag",)),
        304: ResponseSchema("What `If-None-Match` names is still right.", {}, ("ETag",)),
    },
    headers=("If-None-Match",),
)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of every route, the score image's POST /evaluate too."""
    from ..openapi import describe
    from . import ROUTES

    return describe([operation for operation, _ in ROUTES if operation.documented] + [EVALUATE])


def description(request: Request) -> Response:
    """``GET /openapi.json``"""
    return json_response(document()).revalidated(request.headers.get("if-none-match"))


ROUTES = ((DESCRIPTION, description),)
