"""Which operation a request is for, and what API Gateway gets back."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from importlib import import_module
from itertools import permutations
from pkgutil import iter_modules
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given, settings
from hypothesis import strategies as st

import query.routes
from nima.errors import Internal, NotFound
from nima.web.cors import Cors
from nima.web.evaluation import EVALUATE
from nima.web.operation import Operation, PathParameter
from nima.web.request import Request
from nima.web.response import Response, json_response
from nima.web.router import Route, Router
from query.routes import ROUTES

ORIGIN = "https://cms.example.com"
# None of the API's own: what an operation is like that comes later, below a key that takes slashes.
LATER = Operation("GET", "/images/{key}/later", "getLater", "One that is not there yet", {})
KEY = "shoes/a/front.jpg"


def echo(request: Request) -> Response:
    return json_response({"path": dict(request.path)})


def operation(path: str, method: str = "GET", id: str = "") -> Operation:
    names = [part.partition("}")[0] for part in path.split("{")[1:]]
    return Operation(method, path, id or path, "", {}, path_parameters=tuple(PathParameter(n, "", n) for n in names))


def router(routes: Sequence[Route], *origins: str) -> Router:
    return Router(routes, Logger(level="CRITICAL"), lambda: Cors(origins))


def chosen(routes: Sequence[Route], method: str, path: str) -> Operation | None:
    """The operation that a request is for."""
    route = router(routes).route(method, path)
    return route[0] if route else None


def event(method: str, path: str, **headers: str) -> dict[str, Any]:
    multi = {name: [value] for name, value in headers.items()}
    context = {"requestId": "4711", "stage": "v1"}
    return {
        "httpMethod": method,
        "path": path,
        "headers": headers,
        "multiValueHeaders": multi,
        "requestContext": context,
    }


EXPECTED = {
    "/": "getPage",
    "/page/settings.json": "getPageSettings",
    "/page/app.js": "getPageFile",
    "/page/messages/en.js": "getPageFile",
    "/health": "getHealth",
    "/health/": "getHealth",
    "/images": "searchImages",
    "/images/": "searchImages",
    "/images/front.jpg": "getImage",
    f"/images/{KEY}": "getImage",
    f"/images/{KEY}/": "getImage",
    "/images/shoes%2Ffront.jpg/figure": "getFigure",
    f"/images/{KEY}/figure//": "getFigure",
    f"/images/{KEY}/report": "getReport",
    f"/images/{KEY}/thumbnail": "getThumbnail",
    f"/images/{KEY}/maps": "getMaps",
    f"/images/{KEY}/later": "getLater",
    "/images/later/later": "getLater",
    "/images/later": "getImage",
    "/images/a/later/front.jpg": "getImage",
    "/images/a\nb": "getImage",
    "/collections/shoes~1a/ranking": "rankCollection",
    "/stats/shoes": "getStats",
    "/openapi.json": "getDescription",
    "/openapi-json": None,
    "/images//": "searchImages",
    "/healthy": None,
    "/page": None,
    "/collections/ranking": None,
}


def operations_of(routes: Sequence[Route]) -> dict[str, str | None]:
    """The operation of each path of ``EXPECTED``."""
    found = {path: chosen(routes, "GET", path) for path in EXPECTED}
    return {path: operation.id if operation else None for path, operation in found.items()}


def test_each_path_is_for_one_operation_in_whatever_order_the_routes_come() -> None:
    routes = [*ROUTES, (EVALUATE, echo), (LATER, echo)]
    shuffle = Random(20).shuffle
    for _ in range(200):
        shuffle(routes)
        assert operations_of(routes) == EXPECTED


def example(operation: Operation) -> str:
    """A path that an operation documents."""
    values = {parameter.name: quote(parameter.example, safe="") for parameter in operation.path_parameters}
    return operation.path.format(**values)


def test_each_operation_gets_the_paths_that_it_documents_in_whatever_order_the_routes_come() -> None:
    routes = [*ROUTES, (EVALUATE, echo), (LATER, echo)]
    shuffle = Random(20).shuffle
    for _ in range(20):
        shuffle(routes)
        for operation, _ in ROUTES:
            assert chosen(routes, operation.method, example(operation)) is operation


def test_every_operation_that_a_module_declares_is_registered() -> None:
    modules = [import_module(f"{query.routes.__name__}.{found.name}") for found in iter_modules(query.routes.__path__)]
    declared = {value.id for module in modules for value in vars(module).values() if isinstance(value, Operation)}
    assert declared - {EVALUATE.id} == {operation.id for operation, _ in ROUTES}


def test_any_order_of_the_routes_below_a_picture_is_the_same() -> None:
    others = [route for route in ROUTES if not route[0].path.startswith("/images")]
    pictures = [route for route in ROUTES if route[0].path.startswith("/images")]
    mixed = [*pictures, (LATER, echo)]
    shuffle = Random(20).shuffle
    for _ in range(100):  # every two of them come in both orders
        shuffle(mixed)
        assert operations_of([*others, *mixed]) == EXPECTED


SEGMENTS = st.lists(st.sampled_from(["a", "b", "{x}", "{y}"]), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(SEGMENTS, min_size=1, max_size=6),
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_the_most_literal_segments_win_whatever_the_order(
    templates: list[list[str]], segments: list[str], random: Any
) -> None:
    distinct: dict[str, Operation] = {}
    for template in templates:
        names = iter(("first", "second", "third", "fourth"))
        path = "".join(f"/{{{next(names)}}}" if "{" in segment else f"/{segment}" for segment in template)
        distinct[path] = operation(path)
    path = "/" + "/".join(segments)
    fitting = [each for each in distinct.values() if each.match(path) is not None]
    routes = [(each, echo) for each in distinct.values()]
    found = chosen(routes, "GET", path)

    random.shuffle(routes)
    assert chosen(routes, "GET", path) == found
    assert (found in fitting) == bool(fitting)
    if found:
        literal = [sum("{" not in segment for segment in each.path.split("/")) for each in fitting]
        assert sum("{" not in segment for segment in found.path.split("/")) == max(literal)


def test_of_as_many_literal_segments_the_first_one_decides() -> None:
    routes = [(operation("/a/{x}/b"), echo), (operation("/a/b/{y}"), echo)]
    for order in permutations(routes):
        found = chosen(order, "GET", "/a/b/b")
        assert found
        assert found.path == "/a/b/{y}"


def test_another_method_is_another_route() -> None:
    routes = [(operation("/a/{x}", "POST"), echo), (operation("/a/{x}/b"), echo)]
    for order in permutations(routes):
        found = chosen(order, "POST", "/a/1/b")
        assert found
        assert found.path == "/a/{x}"


def test_two_operations_that_no_request_tells_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="GET"):
        router([(operation("/a/{x}"), echo), (operation("/a/{y}"), echo)])
    router([(operation("/a/{x}"), echo), (operation("/a/{x}", "POST"), echo)])


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/images/shoes%2Fa%2Ffront.jpg", KEY),
        ("/images/shoes/a/front.jpg", KEY),
        ("/images/shoes/a/front.jpg//", KEY),
        ("/images/a%252Fb", "a%2Fb"),
        ("/images/a+b%20c", "a+b c"),
        ("/images/%E9%9E%8B.jpg", "鞋.jpg"),
        ("/images/鞋.jpg", "鞋.jpg"),
        ("/images//front.jpg", "/front.jpg"),
        ("/images/front.jpg%2F", "front.jpg/"),
    ],
)
def test_keys_are_decoded_once(path: str, key: str) -> None:
    response = router([(operation("/images/{key}"), echo)]).handle(event("GET", path), None)

    assert json.loads(response["body"]) == {"path": {"key": key}}


def fixed(response: Response) -> list[Route]:
    return [(operation("/a"), lambda _: response), (operation("/b", "POST"), echo)]


def test_text_and_bytes_become_proxy_responses() -> None:
    text = router(fixed(Response(200, "text/plain", "é", {"X-Own": "1"}))).handle(event("GET", "/a"), None)
    data = router(fixed(Response(200, "image/jpeg", b"\xff\xd8"))).handle(event("GET", "/a"), None)

    assert text == {
        "statusCode": 200,
        "body": "é",
        "isBase64Encoded": False,
        "multiValueHeaders": {
            "Content-Security-Policy": ["default-src 'none'; frame-ancestors 'none'"],
            "Strict-Transport-Security": ["max-age=31536000"],
            "X-Content-Type-Options": ["nosniff"],
            "X-Own": ["1"],
            "Content-Type": ["text/plain"],
        },
    }
    assert data["isBase64Encoded"] is True
    assert base64.b64decode(data["body"]) == b"\xff\xd8"


def test_head_has_the_headers_and_the_length_of_get_without_its_body() -> None:
    routes = fixed(Response(200, "image/jpeg", b"\xff\xd8"))
    get, head = (router(routes).handle(event(method, "/a"), None) for method in ("GET", "HEAD"))

    assert (head["statusCode"], head["body"], head["isBase64Encoded"]) == (200, "", False)
    assert head["multiValueHeaders"] == {**get["multiValueHeaders"], "Content-Length": ["2"]}


def test_preflights_name_the_methods_of_the_path_and_the_origin() -> None:
    headers = router(fixed(Response(200, None, "")), ORIGIN).handle(event("OPTIONS", "/a", Origin=ORIGIN), None)

    assert (headers["statusCode"], headers["body"]) == (204, "")
    assert headers["multiValueHeaders"]["Access-Control-Allow-Methods"] == ["GET, HEAD"]
    assert headers["multiValueHeaders"]["Access-Control-Allow-Origin"] == [ORIGIN]
    assert "Content-Type" not in headers["multiValueHeaders"]


def test_origins_are_let_in_beside_what_a_response_varies_with() -> None:
    routes = fixed(Response(200, "text/plain", "", {"Vary": "Accept, Origin"}))
    headers = router(routes, ORIGIN).handle(event("GET", "/a", Origin=ORIGIN), None)["multiValueHeaders"]
    other = router(routes, ORIGIN).handle(event("GET", "/a", Origin="https://x.example"), None)["multiValueHeaders"]

    assert headers["Vary"] == other["Vary"] == ["Accept, Origin"]
    assert headers["Access-Control-Allow-Origin"] == [ORIGIN]
    assert "Access-Control-Allow-Origin" not in other


@pytest.mark.parametrize(("method", "path", "allowed"), [("POST", "/a/", "GET, HEAD"), ("GET", "/b", "POST")])
def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(method: str, path: str, allowed: str) -> None:
    response = router(fixed(Response(200, None, ""))).handle(event(method, path), None)

    assert response["statusCode"] == 405
    assert response["multiValueHeaders"]["Allow"] == [allowed]
    assert json.loads(response["body"])["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("error", "status", "code", "logged"),
    [
        (NotFound("There is none."), 404, "not_found", False),
        (Internal("Try again later.", detail="the table"), 500, "internal", True),
        (ZeroDivisionError("secret"), 500, "internal", True),
    ],
)
def test_errors_are_responses_and_only_what_the_client_cannot_help_is_logged(
    error: Exception, status: int, code: str, logged: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(_: Request) -> Response:
        raise error

    logger = Logger(service=f"router-{code}-{type(error).__name__}")
    response = Router([(operation("/a"), failing)], logger, Cors).handle(event("GET", "/a"), None)

    assert response["statusCode"] == status
    document = json.loads(response["body"])
    assert (document["error"]["code"], document["request_id"]) == (code, "4711")
    assert "secret" not in response["body"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["exception_name"] for line in lines] == ([type(error).__name__] if logged else [])
