"""Whether the API answers at all. Touches nothing else, as anyone may ask."""

from __future__ import annotations

import nima
from nima.web.operation import Operation
from nima.web.request import Request
from nima.web.response import Response, json_response
from nima.web.schemas import Health

from .common import ok

HEALTH = Operation("GET", "/health", "getHealth", "Whether the API answers", ok("Health", "It does."), open=True)


def health(_: Request) -> Response:
    """``GET /health``"""
    return json_response(Health(nima.__version__).to_json())


ROUTES = ((HEALTH, health),)
