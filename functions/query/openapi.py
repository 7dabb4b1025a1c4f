"""OpenAPI 3.1, written from the declarations of the operations. As a command it prints the API's."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import nima
from nima.errors import Internal, NimaError, Throttled
from nima.web.operation import Operation, PathParameter, ResponseSchema
from nima.web.request import Body
from nima.web.schemas import components, ref

_ERROR = {"application/json": {"schema": ref("Error")}}
_ALWAYS: tuple[type[NimaError], ...] = (Throttled, Internal)
_HEADERS = {
    "ETag": "Send it back as If-None-Match.",
    "Cache-Control": "How long the answer may be kept.",
}
_DESCRIPTION = """\
Technical and aesthetic scores of pictures, their full distributions and the reasons.

Every error has the form `{"error": {"code", "message"}, "request_id"}`, with one of a closed list of codes.
Errors 429, 500 and 503 may pass: try again with growing pauses.
"""


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document of some operations; JSON types only."""
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Serverless NIMA",
            "version": nima.__version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ".", "description": "Where this document lies"}],
        "security": [{"key": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": components(),
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        **({"description": operation.description} if operation.description else {}),
        "parameters": [
            *(_path_parameter(parameter) for parameter in operation.path_parameters),
            *(parameter.openapi() for parameter in operation.query),
            *(_header(name) for name in operation.headers if name not in ("Accept",)),
        ],
        "responses": _responses(operation),
    }
    if operation.body:
        described["requestBody"] = {"required": operation.body.required, "content": _body(operation.body)}
    if operation.open:
        described["security"] = []
    return described


def _path_parameter(parameter: PathParameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "path",
        "required": True,
        "description": parameter.description,
        "schema": {"type": "string", "minLength": 1, "maxLength": parameter.longest},
        "example": parameter.example,
    }


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}


def _body(body: Body) -> dict[str, Any]:
    content: dict[str, Any] = {kind: {"schema": dict(schema)} for kind, schema in body.content.items()}
    if body.example is not None:
        next(iter(content.values()))["example"] = body.example
    return content


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {str(status): _response(response) for status, response in operation.responses.items()}
    errors: dict[int, list[str]] = {}
    for error in (*operation.all_errors, *_ALWAYS):
        errors.setdefault(error.status, []).append(f"`{error.code}`")
    if not operation.open:
        errors[HTTPStatus.FORBIDDEN] = ["`unauthorized`"]
    for status, codes in sorted(errors.items()):
        responses[str(int(status))] = {"description": " or ".join(dict.fromkeys(codes)), "content": _ERROR}
    return responses


def _response(response: ResponseSchema) -> dict[str, Any]:
    described: dict[str, Any] = {"description": response.description}
    if response.content:
        described["content"] = {kind: {"schema": dict(schema)} for kind, schema in response.content.items()}
    if response.headers:
        described["headers"] = {
            name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in response.headers
        }
    return described


if __name__ == "__main__":
    from query.routes.description import document

    json.dump(document(), sys.stdout, indent=2, ensure_ascii=False)
    print()
