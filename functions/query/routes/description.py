"""The API's own description."""

from __future__ import annotations

from functools import cache
from typing import Any

from nima.web.answers import Answer, as_json, revalidated
from nima.web.evaluation import EVALUATE
from nima.web.operation import Given, Operation
from nima.web.requests import Request

from ..openapi import describe
from . import health, images, rankings, search, stats, uploads

DESCRIPTION = Operation(
    "GET",
    "/openapi.json",
    "getDescription",
    "This document",
    {
        200: Given("An OpenAPI 3.1 document.", {"application/json": {"type": "object"}}, ("ETag",)),
        304: Given("What `If-None-Match` names is still right.", {}, ("ETag",)),
    },
    headers=("If-None-Match",),
)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of every route, the score image's POST /evaluate too."""
    modules = (images, search, rankings, stats, uploads, health)
    operations = [operation for module in modules for operation, _ in module.ROUTES]
    return describe([*operations, EVALUATE, DESCRIPTION])


def description(request: Request) -> Answer:
    """``GET /openapi.json``"""
    return revalidated(as_json(document()), request.headers.get("if-none-match"))


ROUTES = ((DESCRIPTION, description),)
