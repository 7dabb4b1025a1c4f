"""The template's REST API on HTTP: each request becomes a Lambda proxy event (version 1.0), each answer a response.

Paths are matched and passed on as they came, still percent-encoded, in ``path`` and in ``pathParameters`` alike; query
strings are decoded. That is what API Gateway's REST APIs do. API keys are asked for where the caller of this module
wants it; throttling and the stage's path prefix are not imitated.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from nima.local.lambda_service import Function, FunctionError
from nima.local.template import Route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)


class Api:
    """A WSGI application that serves routes with functions.

    Args:
        routes: Each route of the template with the function behind it.
        account_id: The account that events name.
        api_key: The one key that is let in where the template asks for one; with None nobody is asked.
    """

    def __init__(self, routes: Sequence[tuple[Route, Function]], account_id: str, api_key: str | None = None) -> None:
        self._account_id = account_id
        self._api_key = api_key
        self._methods: dict[str, dict[str, tuple[Route, Function]]] = {}
        for route, function in routes:
            self._methods.setdefault(route.path, {})[route.method] = (route, function)
        rules = [Rule(_rule(path), endpoint=path) for path in self._methods]
        self._map = Map(rules, strict_slashes=False, merge_slashes=False)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        path = str(request.environ["REQUEST_URI"]).partition("?")[0]
        try:
            template, parameters = self._map.bind("").match(path.rstrip("/") or "/")
            methods = self._methods[template]
            route, function = methods.get(request.method) or methods["ANY"]
        except (NotFound, KeyError):
            return _refusal("not_found", "There is no such route.", 404)
        if self._api_key and route.needs_key and request.headers.get("x-api-key") != self._api_key:
            return _refusal("unauthorized", "A valid API key is needed in the header x-api-key.", 403)
        try:
            return _response(function.invoke(proxy_event(request, path, route, parameters, self._account_id)))
        except FunctionError:
            pass
        except (TypeError, ValueError, AttributeError, KeyError):
            logger.exception("the function behind %s answered with something that is no proxy response", route.path)
        return _refusal("internal", "Something went wrong; try again later.", 502)


def proxy_event(request: Request, path: str, route: Route, parameters: Any, account_id: str) -> dict[str, Any]:
    """What API Gateway sends to the function behind a route.

    Args:
        request: The request.
        path: Its path as it came, percent-encoded.
        route: The route that it was matched with.
        parameters: What stands in the path for the route's parameters.
        account_id: The account that the event names.
    """
    headers = [
        *request.headers.to_wsgi_list(),
        ("X-Forwarded-For", request.remote_addr or ""),
        ("X-Forwarded-Port", str(request.environ["SERVER_PORT"])),
        ("X-Forwarded-Proto", request.scheme),
    ]
    # Not werkzeug's own reading, which leaves what is not UTF-8 percent-encoded, as if it had been sent so.
    query = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True, errors="replace")
    body, encoded = _text(request.get_data())
    return {
        "resource": route.path,
        "path": path,
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": MultiDict(headers).to_dict(flat=False),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": MultiDict(query).to_dict(flat=False) or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _context(request, path, route, account_id),
        "body": body,
        "isBase64Encoded": encoded,
    }


def _context(request: Request, path: str, route: Route, account_id: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "accountId": account_id,
        "apiId": "local",
        "domainName": request.host,
        "domainPrefix": request.host.partition(".")[0],
        "extendedRequestId": uuid.uuid4().hex[:15],
        "httpMethod": request.method,
        "identity": {
            **dict.fromkeys(("accessKey", "accountId", "apiKey", "apiKeyId", "caller", "user", "userArn")),
            **dict.fromkeys(("cognitoAuthenticationProvider", "cognitoAuthenticationType", "principalOrgId")),
            **dict.fromkeys(("cognitoIdentityId", "cognitoIdentityPoolId")),
            "sourceIp": request.remote_addr,
            "userAgent": request.user_agent.string or None,
        },
        "path": f"/{route.stage}{path}",
        "protocol": str(request.environ["SERVER_PROTOCOL"]),
        "requestId": str(uuid.uuid4()),
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(time.time() * 1000),
        "resourceId": "local",
        "resourcePath": route.path,
        "stage": route.stage,
    }


def _rule(path: str) -> str:
    """A path template of API Gateway as a werkzeug rule: ``{key+}`` takes slashes too, ``{key}`` does not."""
    return re.sub(r"\{(\w+)(\+?)\}", lambda match: f"<{'path:' if match[2] else ''}{match[1]}>", path)


def _text(data: bytes) -> tuple[str | None, bool]:
    """A body as an event carries it, and whether that is base64."""
    try:
        return data.decode() or None, False
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True


def _response(answer: dict[str, Any]) -> Response:
    body = answer.get("body") or ""
    response = Response(base64.b64decode(body) if answer.get("isBase64Encoded") else body, int(answer["statusCode"]))
    single = {name: [value] for name, value in (answer.get("headers") or {}).items()}
    response.headers["Content-Type"] = "application/json"
    for name, values in {**single, **(answer.get("multiValueHeaders") or {})}.items():
        response.headers.setlist(name, [str(value) for value in values])
    return response


def _refusal(code: str, message: str, status: int) -> Response:
    """An answer of the gateway itself, as the template's gateway responses word it."""
    document = {"error": {"code": code, "message": message}, "request_id": str(uuid.uuid4())}
    return Response(json.dumps(document), status, content_type="application/json")
