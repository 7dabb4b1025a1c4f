"""What clients of every kind send: content types, methods and object keys, from the request to the bucket and back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nima.local.stack import LocalStack
from tests.client import ask, post, send
from tests.integration.test_api import encoded, send_form
from tests.integration.test_local_stack import picture, put, settle
from tests.stacks import stack_of

KEY = "shoes/trail-runner/front.jpg"
MAC = "Bildschirmfoto 2026-11-26 um 9.41.07\N{NARROW NO-BREAK SPACE}PM.png"


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    # Without a prefix keys may be as long as S3 allows.
    with stack_of(model_folder, NIMA_UPLOAD_PREFIX="") as running:
        put(running, KEY, picture(0))
        yield running


@pytest.mark.parametrize(
    "said",
    [
        "image/jpg",
        "image/pjpeg",
        "image/x-png",
        "image/tif",
        "binary/octet-stream",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain; charset=utf-8",
        "IMAGE/JPEG",
        "",
        "no type at all",
        None,
    ],
)
def test_the_content_decides_what_a_picture_is(stack: LocalStack, said: str | None) -> None:
    headers = {} if said is None else {"Content_Type": said}
    scored = send(stack, "POST", "/evaluate", picture(1), **headers)
    assert scored.status == 200, scored.body
    assert scored.json["image"]["format"] == "JPEG"
    refused = send(stack, "POST", "/evaluate", b"\x00no picture", **headers)
    assert (refused.status, refused.code) == (415, "unsupported_format")


@pytest.mark.parametrize("said", [None, "", "application/x-www-form-urlencoded", "Application/JSON; charset=UTF-8"])
def test_json_is_read_where_nothing_says_that_it_is(stack: LocalStack, said: str | None) -> None:
    headers = {} if said is None else {"Content_Type": said}
    ranked = send(stack, "POST", "/rank", json.dumps({"keys": [KEY]}).encode(), **headers)
    assert ranked.status == 200, ranked.body
    assert [entry["key"] for entry in ranked.json["entries"]] == [KEY]


@pytest.mark.parametrize(
    ("said", "bound"),
    [
        ("image/jpeg", "image/jpeg"),
        ("image/jpg", "image/jpeg"),
        ("image/pjpeg", "image/jpeg"),
        ("IMAGE/JPG", "image/jpeg"),
        ("image/x-png; charset=binary", "image/png"),
        ("image/tif", "image/tiff"),
        ("image/x-ms-bmp", "image/bmp"),
        ("image/heic-sequence", "image/heic"),
        ("binary/octet-stream", "application/octet-stream"),
        ("application/octet-stream", "application/octet-stream"),
    ],
)
def test_an_upload_is_bound_to_the_registered_name_of_its_type(stack: LocalStack, said: str, bound: str) -> None:
    answer = post(stack, "/uploads", {"key": "a/b/c.jpg", "content_type": said})
    assert answer.status == 201, answer.body
    assert answer.json["content_type"] == answer.json["fields"]["Content-Type"] == bound
    assert {"Content-Type": bound} in json.loads(base64.b64decode(answer.json["fields"]["policy"]))["conditions"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/page/app.js",
        "/page/settings.json",
        "/health",
        "/openapi.json",
        f"/images/{encoded(KEY)}",
        f"/images/{KEY}",
        f"/images/{encoded(KEY)}/figure",
        f"/images/{encoded(KEY)}/report",
        f"/images/{encoded(KEY)}/thumbnail",
        "/images?category=shoes",
        "/collections/trail-runner/ranking",
        "/collections/trail-runner/ranking?format=csv",
        "/stats/shoes",
        "/images/no/such/picture.jpg",
        "/stats/nothing",
        "/images?category=",
        "/nothing/here",
    ],
)
def test_head_is_answered_as_get_without_the_body(stack: LocalStack, path: str) -> None:
    got, head = (send(stack, method, path, Accept_Encoding="gzip") for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (got.status, b"")
    lasting, expected = (
        {
            name.lower(): value
            for name, value in reply.headers.items()
            if name.lower() not in ("date", "x-amzn-trace-id")
        }
        for reply in (head, got)
    )
    assert lasting == expected
    assert int(head.headers["Content-Length"]) == len(got.body) > 0
    if "etag" in expected:
        assert send(stack, "HEAD", path, If_None_Match=expected["etag"]).status == 304


def test_head_is_named_where_it_is_allowed_and_refused_where_it_is_not(stack: LocalStack) -> None:
    refused = send(stack, "POST", "/health")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")
    refused = send(stack, "HEAD", "/rank")
    assert (refused.status, refused.headers["Allow"], refused.body) == (405, "POST", b"")


@pytest.mark.parametrize(
    "key",
    [
        f"shots/mac/{MAC}",
        "shots/mac/nbsp\N{NO-BREAK SPACE}and\N{THIN SPACE}thin.jpg",
        "商品/夏季 连衣裙/正面\N{IDEOGRAPHIC SPACE}图.jpg",
        "emoji/zwj/\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}.jpg",
        "marks/rtl/\N{RIGHT-TO-LEFT MARK}صورة\N{SOFT HYPHEN}.jpg",
        "marks/nfd/Cafe\N{COMBINING ACUTE ACCENT}.jpg",
        " leading/ and /trailing .jpg ",
        "odd/lines/\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}.jpg",
        "odd/private/\ue000.jpg",
        "odd/double//slash.jpg",
        "odd/signs/100% +&?#;=,'\"[]{}$()~^`|\\<>.jpg",
        "odd/dots/...jpg",
        "no-folder",
        "long/" + "鞋" * 339,
    ],
)
def test_a_key_that_s3_allows_goes_from_the_form_through_the_bucket_to_the_api(stack: LocalStack, key: str) -> None:
    answer = post(stack, "/uploads", {"key": key, "content_type": "image/jpg"})
    assert answer.status == 201, answer.body
    send_form(answer, picture(2))
    settle(stack)
    listed: Any = stack.aws.s3.list_object_versions(Bucket=stack.bucket, Prefix=key)
    assert [version["Key"] for version in listed["Versions"]] == [key]
    found = ask(stack, f"/images/{encoded(key)}")
    assert (found.status, found.json["image"]["key"], found.json["status"]) == (200, key, "scored")
    assert ask(stack, f"/images/{encoded(key)}/thumbnail").status == 200

    kept = ask(stack, f"/evaluate?store=true&key={encoded(key)}", picture(3), method="POST")
    settle(stack)
    assert kept.status == 200, kept.body
    assert ask(stack, f"/images/{encoded(key)}").json["technical"]["mean"] == kept.json["technical"]["mean"]
