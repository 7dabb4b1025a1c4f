"""What is no request of API Gateway is answered as one that is wrong, with the part that is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from nima.web.cors import Cors
from nima.web.operation import Operation, ResponseSchema
from nima.web.response import json_response
from nima.web.router import Router

CONTEXT = SimpleNamespace(aws_request_id="4711")


def event() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (Path(__file__).parents[2] / "events" / "api-get-image.json").read_text(encoding="utf-8")
    )
    return {**document, "path": "/health"}


@pytest.fixture
def router() -> Router:
    health = Operation("GET", "/health", "health", "Whether it answers", {200: ResponseSchema("It does.", {})})
    return Router([(health, lambda _: json_response({"ok": True}))], Logger(), lambda: Cors(("https://a.example",)))


def test_a_sound_event_is_answered(router: Router) -> None:
    assert router.handle(event(), CONTEXT)["statusCode"] == 200


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda e: e.pop("httpMethod"), "httpMethod: missing."),
        (lambda e: e.pop("requestContext"), "requestContext: missing."),
        (lambda e: e["requestContext"].pop("requestId"), "requestContext.requestId: missing."),
        (lambda e: e.update(path=5), "path: text, not a number."),
        (lambda e: e.update(path="/\ud800"), "path: not valid Unicode."),
        (lambda e: e.update(body={}), "body: text, not an object."),
        (lambda e: e.update(isBase64Encoded="yes"), "isBase64Encoded: a boolean, not text."),
        (lambda e: e.update(headers=[]), "headers: an object, not a list."),
        (lambda e: e["multiValueHeaders"].update(Origin=[None]), "multiValueHeaders.Origin[0]: text, not null."),
        (lambda e: e["multiValueHeaders"].update(Host="a"), "multiValueHeaders.Host: a list, not text."),
        (lambda e: e["multiValueHeaders"].update({"\ud800": 1}), "multiValueHeaders.\\ud800: a list, not a number."),
        (lambda e: e.update(multiValueQueryStringParameters={"a": [1]}), "multiValueQueryStringParameters.a[0]: text"),
    ],
)
def test_a_part_that_is_not_what_it_should_be_is_named(
    router: Router, spoil: Callable[[dict[str, Any]], Any], said: str
) -> None:
    spoilt = event()
    spoil(spoilt)
    answer = router.handle(spoilt, CONTEXT)

    assert answer["statusCode"] == 400
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/json"]
    document = json.loads(answer["body"].encode())
    assert document["error"]["code"] == "invalid_request"
    assert document["error"]["message"].startswith(said)
    assert document["request_id"] == "4711"


@pytest.mark.parametrize("nothing", [None, [], 5, "x", {}])
def test_what_is_no_event_at_all_is_refused_too(router: Router, nothing: Any) -> None:
    assert router.handle(nothing, CONTEXT)["statusCode"] == 400


def test_what_a_refusal_repeats_of_a_request_can_be_sent() -> None:
    answer = json_response({"error": {"message": "\ud800 鞋: there is no such member."}})
    assert isinstance(answer.body, str)
    assert json.loads(answer.body.encode())["error"]["message"].startswith("\ud800 鞋")
