"""The API's description: valid OpenAPI, whole, and true to what the code refuses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from nima.document.composite import STYLES
from nima.errors import Internal, NimaError, Throttled
from nima.web.evaluation import EVALUATE
from query.routes import ROUTES, description
from tests.client import DESCRIPTION, Reply, check
from tests.client import description as committed


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """What /openapi.json serves."""
    return description.document()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    from openapi_spec_validator import validate

    validate(document)


def test_the_committed_description_is_what_is_served(document: dict[str, Any]) -> None:
    assert document == committed(), "the API has changed: `make openapi`, and look at the difference"


def test_it_has_every_route(document: dict[str, Any]) -> None:
    wanted = [operation for operation, _ in ROUTES if not operation.path.startswith("/page/") and operation.path != "/"]
    assert {(method.upper(), path) for path, item in document["paths"].items() for method in item} == {
        (operation.method, operation.path) for operation in [*wanted, EVALUATE]
    }
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)


def test_the_routes_for_readers_are_those_for_machines(document: dict[str, Any]) -> None:
    text = (DESCRIPTION.parent / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(GET|POST) ([^`? ]+)", text, re.MULTILINE))
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert listed == described - {("GET", "/openapi.json")}


def test_only_health_is_open(document: dict[str, Any]) -> None:
    assert document["security"] == [{"key": []}]
    assert [o["operationId"] for o in operations(document) if o.get("security") == []] == ["getHealth"]


def test_every_error_has_the_one_shape_and_a_code_of_the_closed_list(document: dict[str, Any]) -> None:
    codes = set(document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"])
    kinds: set[str] = set()
    left: list[type[NimaError]] = [NimaError]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        kinds |= {kind.code} if hasattr(kind, "code") else set()
    assert codes == kinds | {"unauthorized"}
    for operation in operations(document):
        refused = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {str(Throttled.status), str(Internal.status)} <= set(refused)
        for answer in refused.values():
            assert answer["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
            assert set(answer["description"].replace("`", "").split(" or ")) <= codes


def test_every_reference_leads_somewhere_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    names = document["components"]["schemas"]
    assert {name for name in names if f'"#/components/schemas/{name}"' in text} == set(names)


def test_styles_are_those_of_the_code(document: dict[str, Any]) -> None:
    (style,) = (p for p in document["paths"]["/evaluate"]["post"]["parameters"] if p["name"] == "style")
    assert style["schema"]["enum"] == list(STYLES)


def test_every_schema_has_a_form_that_generators_of_clients_read(document: dict[str, Any]) -> None:
    """They leave out a whole model where one member has several types at once, numbers as words, or no type."""

    def look(schema: dict[str, Any]) -> None:
        assert schema.get("$ref") or schema.get("anyOf") or isinstance(schema.get("type"), str), schema
        assert all(isinstance(word, str) for word in schema.get("enum", [])), schema
        assert not ({"anyOf", "properties"} <= set(schema)), schema
        for part in (*schema.get("anyOf", []), *schema.get("properties", {}).values()):
            look(part)
        for name in ("items", "additionalProperties"):
            if isinstance(schema.get(name), dict):
                look(schema[name])

    for schema in document["components"]["schemas"].values():
        look(schema)
    for operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (media for body in bodies for media in body.get("content", {}).values()):
            look(media["schema"])
        for parameter in operation["parameters"]:
            look(parameter["schema"])


HEALTHY = {"status": "ok", "version": "1"}
REFUSED = {"error": {"code": "not_found", "message": "No."}, "request_id": "1"}
AS_JSON = {"Content-Type": "application/json"}


def test_the_tests_client_takes_what_is_described() -> None:
    check("GET", "/health", Reply(200, AS_JSON, json.dumps(HEALTHY).encode()))
    check("GET", "/images/a/b.jpg", Reply(404, AS_JSON, json.dumps(REFUSED).encode()))
    check("GET", "/nothing/here", Reply(404, AS_JSON, json.dumps(REFUSED).encode()))


@pytest.mark.parametrize(
    ("path", "status", "headers", "document"),
    [
        ("/health", 200, AS_JSON, {**HEALTHY, "more": 1}),
        ("/health", 200, AS_JSON, {"status": "ok"}),
        ("/health", 200, AS_JSON, {**HEALTHY, "status": "well"}),
        ("/health", 200, {"Content-Type": "text/html"}, HEALTHY),
        ("/health", 201, AS_JSON, HEALTHY),
        ("/openapi.json", 200, AS_JSON, {}),
        ("/images/a", 404, AS_JSON, {**REFUSED, "error": {"code": "gone", "message": "No."}}),
        ("/nothing/here", 404, AS_JSON, {"message": "No."}),
    ],
)
def test_the_tests_client_refuses_what_is_not_described(
    path: str, status: int, headers: dict[str, str], document: Any
) -> None:
    with pytest.raises(AssertionError, match=re.escape(path)):
        check("GET", path, Reply(status, headers, json.dumps(document).encode()))
