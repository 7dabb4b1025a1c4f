"""Whether the API answers at all. Touches nothing else, as anyone may ask."""

from __future__ import annotations

import nima
from nima.web.answers import Answer, as_json
from nima.web.operation import Operation
from nima.web.requests import Request

from .common import given

HEALTH = Operation("GET", "/health", "getHealth", "Whether the API answers", given("Health", "It does."), open=True)


def health(_: Request) -> Answer:
    """``GET /health``"""
    return as_json({"status": "ok", "version": nima.__version__})


ROUTES = ((HEALTH, health),)
