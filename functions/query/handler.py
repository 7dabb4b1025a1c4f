"""Answers questions about scored pictures over HTTPS.

Traced by Lambda itself: importing the X-Ray SDK would take longer than everything else here together. API Gateway
counts and times the requests.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from nima.aws.settings import QuerySettings
from nima.aws.table import ResultTable
from nima.errors import InvalidRequest, NimaError, NotFound

logger = Logger()
app = APIGatewayRestResolver()

_MAX_KEY_BYTES = 1024


@cache
def table() -> ResultTable:
    return ResultTable(QuerySettings.from_env(os.environ).table)


@app.get("/images/.+")
def get_image() -> Response[str]:
    """The result document of one object key, rejected pictures included."""
    key = unquote(app.current_event.path_parameters["key"])  # REST APIs pass the path as it was sent
    if len(key.encode()) > _MAX_KEY_BYTES:
        raise InvalidRequest(f"key: at most {_MAX_KEY_BYTES} bytes.")
    result = table().get(key)
    if result is None:
        raise NotFound("There is no result for this key.")
    return _json(200, result.to_json())


@app.not_found
def unknown_route(_: Exception) -> Response[str]:
    return _error(NotFound("There is no such route."))


@app.exception_handler(NimaError)  # type: ignore[untyped-decorator]
def failed(error: NimaError) -> Response[str]:
    if error.retryable:
        logger.error("failed", exc_info=error, extra={"code": error.code, "detail": error.detail})
    return _error(error)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)


def _error(error: NimaError) -> Response[str]:
    request_id = app.current_event.request_context.request_id
    return _json(error.status, {"error": error.to_json(), "request_id": request_id})


def _json(status: int, document: dict[str, Any]) -> Response[str]:
    return Response(status, content_type="application/json", body=json.dumps(document, ensure_ascii=False))
