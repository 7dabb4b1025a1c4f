"""Operations behind Powertools' REST resolver: one place that turns answers and errors into proxy responses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver, Response

from nima.errors import Internal, InvalidRequest, NimaError, NotFound
from nima.web.answers import Answer, as_json, joined, without_body
from nima.web.cors import Cors
from nima.web.operation import Answering, Operation
from nima.web.proxy import check_proxy_event

Routes = Sequence[tuple[Operation, Answering]]


class Resolver:
    """Answers proxy events with operations, the first that fits.

    Args:
        routes: Each operation with what answers it.
        logger: Told of what failed for reasons that the caller is not told.
        cors: Tells which other origins may read answers; asked when the first request has come.
    """

    def __init__(self, routes: Routes, logger: Logger, cors: Callable[[], Cors]) -> None:
        self._routes = routes
        self._logger = logger
        self._cors = cors
        self._app = APIGatewayRestResolver()
        for operation, answering in routes:
            self._app.route(operation.rule, method=list(operation.methods))(self._answered(operation, answering))
        self._app.not_found(self._unrouted)

    def resolve(self, event: Any, context: Any) -> dict[str, Any]:
        """The proxy response to a proxy event; to what is none, one that says so."""
        try:
            check_proxy_event(event)
        except InvalidRequest as error:
            return _unread(error, context.aws_request_id)
        response: dict[str, Any] = self._app.resolve(dict(event), context)
        return response

    def _answered(self, operation: Operation, answering: Answering) -> Any:
        def call() -> Response[Any]:
            return self._response(self._try(operation, answering))

        return call

    def _try(self, operation: Operation, answering: Answering) -> Answer:
        try:
            return answering(operation.read(self._event))
        except NimaError as error:
            if error.retryable:
                self._log(error)
            return self._refusal(error)
        except Exception as error:
            self._log(error)
            return self._refusal(Internal("Something went wrong; try again later."))

    def _log(self, error: Exception) -> None:
        extra = {"code": error.code, "detail": error.detail} if isinstance(error, NimaError) else {}
        self._logger.error("failed", exc_info=error, extra=extra)

    def _unrouted(self, _: Exception) -> Response[Any]:
        """A preflight, a method that the path does not have, or a path that does not exist."""
        path = str(self._event["path"]).rstrip("/") or "/"
        fitting = (operation for operation, _ in self._routes if re.fullmatch(operation.rule, path, re.DOTALL))
        methods = sorted({method for operation in fitting for method in operation.methods})
        if methods and self._event["httpMethod"] == "OPTIONS":
            return self._response(Answer(204, None, "", self._cors().preflight(methods)))
        if methods:
            refused = self._refusal(InvalidRequest(f"This route takes {', '.join(methods)} only."))
            return self._response(Answer(405, refused.content_type, refused.body, {"Allow": ", ".join(methods)}))
        return self._response(self._refusal(NotFound("There is no such route.")))

    def _refusal(self, error: NimaError) -> Answer:
        request_id = self._event["requestContext"]["requestId"]
        return as_json({"error": error.to_json(), "request_id": request_id}, error.status)

    def _response(self, answer: Answer) -> Response[Any]:
        if self._event["httpMethod"] == "HEAD":
            answer = without_body(answer)
        headers = joined(answer.all_headers, self._cors().headers(self._event))
        return Response(answer.status, content_type=answer.content_type, body=answer.body, headers=headers)

    @property
    def _event(self) -> Mapping[str, Any]:
        event: Mapping[str, Any] = self._app.current_event.raw_event
        return event


def _unread(error: InvalidRequest, request_id: str) -> dict[str, Any]:
    answer = as_json({"error": error.to_json(), "request_id": request_id}, error.status)
    headers = {**answer.all_headers, "Content-Type": answer.content_type}
    return {
        "statusCode": answer.status,
        "body": answer.body,
        "isBase64Encoded": False,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
