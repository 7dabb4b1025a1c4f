"""Routing: which operation a request is for, and the one place where errors become responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nima.document.result import Rejection
from nima.errors import Internal, InvalidRequest, NimaError, NotFound
from nima.web.cors import Cors
from nima.web.operation import Handler, Operation
from nima.web.proxy import check_proxy_event, proxy_response
from nima.web.response import Response, json_response
from nima.web.schemas import Failure

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

Route = tuple[Operation, Handler]


class Router:
    """Responds to proxy events with the handlers of operations.

    Of several operations that a path fits, the most specific one is asked, in whatever order they come.

    Args:
        routes: Each operation with its handler.
        logger: Gets what failed for reasons that the client is not given.
        cors: Gives the other origins that may read responses; asked when the first request has come.

    Raises:
        ValueError: Two operations have one method and paths that no request tells apart.
    """

    def __init__(self, routes: Iterable[Route], logger: Logger, cors: Callable[[], Cors]) -> None:
        self._routes = sorted(routes, key=lambda route: route[0].precedence)
        self._logger = logger
        self._cors = cors
        known = [(method, operation.shape) for operation, _ in self._routes for method in operation.methods]
        twice = {path for path in known if known.count(path) > 1}
        if twice:
            raise ValueError(f"more than one operation for {sorted(twice)}")

    def handle(self, event: Any, context: Any) -> dict[str, Any]:
        """The proxy response to a proxy event; to what is none, one that says so."""
        try:
            check_proxy_event(event)
        except InvalidRequest as error:
            return proxy_response(_error_response(error, context.aws_request_id))
        method = event["httpMethod"].upper()
        response = self._respond(method, event)
        if method == "HEAD":
            response = response.without_body()
        return proxy_response(response.with_headers(self._cors().headers(event)))

    def route(self, method: str, path: str) -> tuple[Operation, Handler, Mapping[str, str]] | None:
        """The operation that a request is for, its handler, and its parameters as ``Operation.match`` finds them."""
        for operation, handler in self._routes:
            if method in operation.methods and (parameters := operation.match(path)) is not None:
                return operation, handler, parameters
        return None

    def _respond(self, method: str, event: Mapping[str, Any]) -> Response:
        path, request_id = event["path"], event["requestContext"]["requestId"]
        route = self.route(method, path)
        if route is None:
            return self._unrouted(method, path, request_id)
        operation, handler, parameters = route
        try:
            return handler(operation.read(event, parameters))
        except NimaError as error:
            if error.retryable:
                self._logger.exception("failed", extra={"code": error.code, "detail": error.detail})
            return _error_response(error, request_id)
        except Exception:
            self._logger.exception("failed")
            return _error_response(Internal("Something went wrong; try again later."), request_id)

    def _unrouted(self, method: str, path: str, request_id: str) -> Response:
        """A preflight, a method that the path does not have, or a path that does not exist."""
        fitting = (operation for operation, _ in self._routes if operation.match(path) is not None)
        methods = sorted({method for operation in fitting for method in operation.methods})
        if not methods:
            return _error_response(NotFound("There is no such route."), request_id)
        if method == "OPTIONS":
            return Response(204, None, "", self._cors().preflight(methods))
        refused = _error_response(InvalidRequest(f"This route takes {', '.join(methods)} only."), request_id)
        return replace(refused, status=405, headers={"Allow": ", ".join(methods)})


def _error_response(error: NimaError, request_id: str) -> Response:
    return json_response(Failure(Rejection.of(error), request_id).to_json(), error.status)
