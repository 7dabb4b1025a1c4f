"""The page's files as the query function serves them."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aws_lambda_powertools import Logger

from nima.aws import process
from nima.web.cors import Cors
from nima.web.router import Router
from nima.words import FOLDER as WORDS
from nima.words import LANGUAGES
from query.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "functions" / "query" / "page"
FILES = {path.name: path for path in sorted(FOLDER.glob("*.*")) if path.suffix != ".gz"} | {
    f"words/{language}.json": WORDS / f"{language}.json" for language in LANGUAGES
}

Served = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""

CONTEXT = {"requestId": "4711", "stage": "v1"}
ROUTER = Router(ROUTES, Logger(), Cors)
VARIABLES = {
    "TABLE_NAME": "table",
    "BUCKET_NAME": "pictures",
    "THUMBNAIL_BUCKET_NAME": "thumbnails",
    "AWS_REGION": "eu-central-1",
}


def serve(*requests: tuple[str, dict[str, str]], **variables: str) -> list[Served]:
    """The answers to requests, with nothing but some variables in the environment."""
    with patch.dict(os.environ, {**VARIABLES, **variables}, clear=True):
        process.reset()
        answers = [get(path, headers) for path, headers in requests]
    process.reset()
    return answers


def get(path: str, headers: dict[str, str]) -> Served:
    multi = {name: [value] for name, value in headers.items()}
    event = {"httpMethod": "GET", "path": path, "multiValueHeaders": multi, "requestContext": CONTEXT}
    response = ROUTER.handle(event, None)
    encoded = response["isBase64Encoded"]
    body = base64.b64decode(response["body"]) if encoded else response["body"].encode()
    return response["statusCode"], {name: value for name, (value,) in response["multiValueHeaders"].items()}, body


@pytest.fixture(scope="module")
def served() -> dict[str, Served]:
    """Every file of the page, by its path."""
    answers = serve(("/", {}), *((f"/page/{name}", {}) for name in FILES))
    return dict(zip(("", *FILES), answers, strict=True))


def test_every_file_is_served_as_it_is_with_its_type(served: dict[str, Any]) -> None:
    types = {
        ".html": "text/html",
        ".css": "text/css",
        ".js": "text/javascript",
        ".json": "application/json",
        ".svg": "image/svg+xml",
    }
    for name, path in FILES.items():
        status, headers, body = served[name]
        assert (status, body) == (200, path.read_bytes())
        assert headers["Content-Type"].partition(";")[0] == types[Path(name).suffix]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_only_own_scripts_run_and_only_the_bucket_is_reached_besides(served: dict[str, Any]) -> None:
    rules = dict(rule.split(" ", 1) for rule in served[""][1]["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert set(rules["connect-src"].split()) == {
        "'self'",
        "blob:",
        "https://pictures.s3.eu-central-1.amazonaws.com",
        "https://pictures.s3.amazonaws.com",
    }


def test_uploads_reach_an_endpoint_that_stands_in_for_aws() -> None:
    ((_, headers, _),) = serve(("/", {}), AWS_ENDPOINT_URL="http://127.0.0.1:4566/ignored")
    assert "connect-src 'self' blob: http://127.0.0.1:4566;" in headers["Content-Security-Policy"]


def test_uploads_reach_the_endpoint_that_browsers_reach() -> None:
    endpoints = {"AWS_ENDPOINT_URL": "http://172.17.0.1:1234", "NIMA_UPLOAD_ENDPOINT": "http://127.0.0.1:4566"}
    ((_, headers, _),) = serve(("/", {}), **endpoints)
    assert "connect-src 'self' blob: http://127.0.0.1:4566;" in headers["Content-Security-Policy"]


def test_what_the_browser_has_is_not_sent_again(served: dict[str, Any]) -> None:
    etag = served["app.js"][1]["ETag"]
    answers = serve(("/page/app.js", {"If-None-Match": etag}), ("/page/app.js", {"If-None-Match": '"other"'}))
    assert [status for status, _, _ in answers] == [304, 200]
    assert answers[0][2] == b""


def test_what_is_sent_is_small_when_packed() -> None:
    accept = {"Accept-Encoding": "br, gzip"}
    answers = serve(("/", accept), *((f"/page/{name}", accept) for name in FILES))
    for (_, headers, body), name in zip(answers, ("index.html", *FILES), strict=True):
        assert headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(body) == FILES[name].read_bytes()
    assert sum(len(body) for _, _, body in answers[1:]) < 60_000


def test_nothing_is_packed_for_clients_that_take_no_gzip() -> None:
    answers = serve(*(("/page/app.js", {"Accept-Encoding": accept}) for accept in ("gzip;q=0", "br", "")))
    for _, headers, body in answers:
        assert "Content-Encoding" not in headers
        assert body == (FOLDER / "app.js").read_bytes()


def test_plotly_is_the_packages_own_and_kept_by_browsers() -> None:
    accept = {"Accept-Encoding": "gzip"}
    ((status, headers, body),) = serve(("/page/plotly.min.js", accept))
    assert status == 200
    script = gzip.decompress(body)
    assert b"plotly.js v" in script[:100]
    assert re.fullmatch(r"public, max-age=\d{6}", headers["Cache-Control"])
    assert len(body) * 4 / 3 < 6_000_000, "more than Lambda can answer"


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "../handler.py",
        "..%2fhandler.py",
        "words",
        "words/__init__.py",
        "words/../../services.py",
        "/etc/hostname",
        ".",
    ],
)
def test_nothing_outside_the_folder_is_served(path: str) -> None:
    ((status, _, _),) = serve((f"/page/{path}", {}))
    assert status == 404


@pytest.mark.parametrize(
    ("host", "base"),
    [("abc.execute-api.eu-central-1.amazonaws.com", b'<base href="/v1/">'), ("pictures.example.com", None)],
)
def test_links_hold_on_api_gateways_own_urls(host: str, base: bytes | None) -> None:
    ((_, _, body),) = serve(("/", {"Host": host}))
    assert (base in body) if base else (b"<base" not in body)


def test_the_page_ranks_by_the_servers_numbers() -> None:
    from nima.document.composite import STEPS, STYLES

    ((_, _, body),) = serve(("/page/settings.json", {}), NIMA_STYLE="portrait", NIMA_UPLOAD_PREFIX="in/")
    found = json.loads(body)
    assert found["styles"] == json.loads(json.dumps({name: asdict(style) for name, style in STYLES.items()}))
    assert [(step["least"], step["stars"], step["band"]) for step in found["steps"]] == list(STEPS)
    assert (found["style"], found["upload_prefix"]) == ("portrait", "in/")
