"""Every route of the API asked once, whatever carries the requests: SAM's local gateway, or LocalStack's REST API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.pictures import encode, scene

CATEGORY, COLLECTION = "bags", "tote bag"
KEY = f"{CATEGORY}/{COLLECTION}/Größe 42.jpg"
"""A scored picture that has to be there, the only one of its category."""

Reply = tuple[int, bytes]
"""A status and a body."""
Ask = Callable[[str, str, bytes | None, Mapping[str, str]], Reply]
"""Called with a method, a path, a body and headers."""

_IMAGE = f"/images/{quote(KEY, safe='')}"
_RANKING = f"/collections/{quote(COLLECTION)}/ranking"
_JSON = {"Content-Type": "application/json"}
_JPEG = {"Content-Type": "image/jpeg"}


@dataclass(frozen=True)
class Visit:
    """One request and what it has to be answered with.

    Attributes:
        operation: The operation's id in the API's description; the page's routes, which it leaves out, have names.
        holds: Whether a body is the right one.
    """

    operation: str
    method: str
    path: str
    status: int
    holds: Callable[[bytes], bool]
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.operation} {self.status}"

    def check(self, ask: Ask) -> None:
        """Asks, and raises where the answer is another one."""
        status, body = ask(self.method, self.path, self.body, self.headers)
        assert status == self.status, body[:500]
        assert self.holds(body), body[:500]


def _document(test: Callable[[Any], bool]) -> Callable[[bytes], bool]:
    return lambda body: test(json.loads(body))


def _code(code: str) -> Callable[[bytes], bool]:
    return lambda body: json.loads(body)["error"]["code"] == code


def _starts(start: bytes) -> Callable[[bytes], bool]:
    return lambda body: body.startswith(start)


def _contains(part: bytes) -> Callable[[bytes], bool]:
    return lambda body: part in body


def _evaluation() -> bytes:
    return encode(scene(640, 480), "JPEG")


VISITS = (
    Visit("getImage", "GET", _IMAGE, 200, _document(lambda d: d["image"]["key"] == KEY)),
    Visit("getImage", "GET", f"/images/{quote(KEY)}", 200, _document(lambda d: d["image"]["key"] == KEY)),
    Visit("getImage", "GET", "/images/nobody", 404, _code("not_found")),
    Visit("getFigure", "GET", f"{_IMAGE}/figure?head=technical", 200, _document(lambda d: len(d["data"]) > 0)),
    Visit("getFigure", "GET", f"/images/{quote(KEY)}/figure", 200, _document(lambda d: len(d["data"]) > 0)),
    Visit("getReport", "GET", f"{_IMAGE}/report?language=en", 200, _starts(b"<!doctype html>")),
    Visit("getReport", "GET", f"{_IMAGE}/report", 200, _contains("技术".encode()), headers={"Accept-Language": "zh"}),
    Visit("getThumbnail", "GET", f"{_IMAGE}/thumbnail", 200, _starts(b"\xff\xd8\xff")),
    Visit(
        "rankCollection",
        "GET",
        f"{_RANKING}?style=ecommerce",
        200,
        _document(lambda d: KEY in [entry["key"] for entry in d["entries"]]),
    ),
    Visit(
        "rankCollection",
        "GET",
        _RANKING,
        200,
        _starts(b"filename,technical,aesthetic,composite"),
        headers={"Accept": "text/csv"},
    ),
    Visit("rankCollection", "GET", f"{_RANKING}?style=x", 400, _code("invalid_request")),
    Visit(
        "rankImages",
        "POST",
        "/rank",
        200,
        _document(lambda d: [entry["key"] for entry in d["entries"]] == [KEY] and d["missing"] == ["nobody"]),
        json.dumps({"keys": [KEY, "nobody"]}).encode(),
        _JSON,
    ),
    Visit(
        "searchImages",
        "GET",
        f"/images?category={CATEGORY}&min_score=1&limit=100",
        200,
        _document(lambda d: KEY in [item["key"] for item in d["items"]]),
    ),
    Visit(
        "getStats",
        "GET",
        f"/stats/{CATEGORY}",
        200,
        _document(lambda d: d["category"] == CATEGORY and d["scored"] >= 1),
    ),
    Visit(
        "createUpload",
        "POST",
        "/uploads",
        201,
        _document(lambda d: d["fields"]["key"] == "incoming/a/b/c.jpg"),
        b'{"key": "incoming/a/b/c.jpg", "content_type": "image/jpeg"}',
        _JSON,
    ),
    Visit("getHealth", "GET", "/health", 200, _starts(b"{")),
    Visit("getDescription", "GET", "/openapi.json", 200, _document(lambda d: d["openapi"].startswith("3."))),
    Visit(
        "evaluateImage", "POST", "/evaluate", 200, _document(lambda d: d["status"] == "scored"), _evaluation(), _JPEG
    ),
    Visit(
        "evaluateImage",
        "POST",
        f"/evaluate?maps=true&key={quote(KEY, safe='')}",
        200,
        _document(lambda d: d["image"]["key"] == KEY and "aesthetic" in d["maps"]),
    ),
    Visit("getMaps", "GET", f"{_IMAGE}/maps", 200, _document(lambda d: "aesthetic" in d)),
    Visit("evaluateImage", "POST", "/evaluate", 415, _code("unsupported_format"), b"no picture", _JPEG),
    Visit("page", "GET", "/", 200, _contains(b'<script type="module"')),
    Visit("page settings", "GET", "/page/settings.json", 200, _document(lambda d: "ecommerce" in d["styles"])),
    Visit("page file", "GET", "/page/words/en.json", 200, _contains(b"deductions")),
    Visit("page file", "GET", "/page/plotly.min.js", 200, _contains(b"Plotly")),
    Visit("page file", "GET", "/page/..%2Fhandler.py", 404, _code("not_found")),
    Visit("a wrong method", "DELETE", "/rank", 405, _code("invalid_request")),
    Visit("a preflight", "OPTIONS", "/rank", 204, _starts(b"")),
)

NOT_DESCRIBED = {"page", "page settings", "page file", "a wrong method", "a preflight"}


def ask(url: str, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
    """A request over HTTP; an error's status is an answer like any other."""
    # As every client says; without it SAM's gateway leaves pictures in base64.
    said = {"Accept": "*/*", **headers}
    request = urllib.request.Request(f"{url}{path}", body, said, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def described(ask: Ask) -> set[str]:
    """The ids of the operations in the description that the API itself gives."""
    status, body = ask("GET", "/openapi.json", None, {})
    assert status == 200
    return {
        operation["operationId"] for methods in json.loads(body)["paths"].values() for operation in methods.values()
    }


def visited() -> set[str]:
    """The ids of the operations that are asked here."""
    return {visit.operation for visit in VISITS} - NOT_DESCRIBED
