"""The tests' client of the API, which holds every response against the API's own description, docs/openapi.json."""

from __future__ import annotations

import gzip
import http.client
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

from nima.local.stack import LocalStack

DESCRIPTION = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"
JSON = {"Content-Type": "application/json"}
_GZIP = b"\x1f\x8b"
_ERROR = {"$ref": "#/components/schemas/Error"}


@dataclass(frozen=True)
class Reply:
    """What came back. ``headers`` are found whatever the case of their names is."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.json["error"]["code"])


def ask(stack: LocalStack, path: str, body: bytes | None = None, /, method: str | None = None, **headers: str) -> Reply:
    """Asks as most clients do: with a body it is a form's POST unless the headers say otherwise."""
    usual = {"Accept-Encoding": "identity", "User-Agent": "tests"}
    if body is not None:
        usual["Content-Type"] = "application/x-www-form-urlencoded"
    return send(stack, method or ("GET" if body is None else "POST"), path, body, **usual | headers)


def post(stack: LocalStack, path: str, document: Any) -> Reply:
    """Posts a JSON document."""
    return ask(stack, path, json.dumps(document).encode(), **JSON)


def send(stack: LocalStack, method: str, path: str, body: bytes | None = None, /, **headers: str) -> Reply:
    """Sends exactly these headers, an underscore in a name as a hyphen, and the body's length."""
    connection = http.client.HTTPConnection(urlsplit(stack.api).netloc, timeout=120)
    try:
        connection.putrequest(method, urlsplit(stack.api).path + path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
    check(method, path, reply)
    return reply


def check(method: str, path: str, reply: Reply) -> None:
    """Whether a response is one that the description has for that request.

    Raises:
        AssertionError: It is not; the message says where.
    """
    operation = operation_of("GET" if method == "HEAD" else method, urlsplit(path).path)
    content_type = (reply.headers.get("Content-Type") or "").partition(";")[0]
    if operation is None:
        # The page's files, preflights, and what there is no route for.
        content = {"application/json": {"schema": _ERROR}} if reply.status >= 400 else None
    else:
        described = operation["responses"].get(str(reply.status))
        assert described, f"{method} {path}: {reply.status} is not described"
        content = described.get("content", {})
        for name in described.get("headers", {}):
            assert reply.headers.get(name), f"{method} {path}: {reply.status} has no {name}"
    if content is None:
        return
    assert content_type in content or (not content and not reply.body), f"{method} {path}: {content_type}"
    if content_type == "application/json" and reply.body:
        packed = reply.body.startswith(_GZIP)
        document = json.loads(gzip.decompress(reply.body) if packed else reply.body)
        error = next(_validator(json.dumps(content[content_type]["schema"])).iter_errors(document), None)
        assert error is None, f"{method} {path}: {error and error.json_path}: {error and error.message}"


def operation_of(method: str, path: str) -> Any:
    """The description of the operation that a path belongs to; None where there is none."""
    fitting = [template for template in description()["paths"] if re.fullmatch(_pattern(template), path)]
    template = max(fitting, key=lambda template: len(re.sub(r"\{\w+\}", "", template)), default=None)
    return template and description()["paths"][template].get(method.lower())


@cache
def description() -> Any:
    """The committed description of the API."""
    return json.loads(DESCRIPTION.read_text(encoding="utf-8"))


@cache
def _pattern(template: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(template))


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": description()["components"]})
