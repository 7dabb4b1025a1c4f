"""Sound requests of every route, as API Gateway hands them to a function, for the fuzz to begin with."""

from __future__ import annotations

import base64
import copy
import json
import random
from typing import Any
from urllib.parse import parse_qsl, quote

from tests.fuzz.mutations import mutated, spoilt
from tests.pictures import encode, scene

KEY = "shoes/trail-runner/front.jpg"
PICTURE = encode(scene(48, 40), "JPEG")
BOUNDARY = "limit"

JSON, JPEG, FORM = "application/json", "image/jpeg", f"multipart/form-data; boundary={BOUNDARY}"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "TRACE", "")

_form = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n'
    "Content-Type: image/jpeg\r\n\r\n"
).encode() + PICTURE
_form += f"\r\n--{BOUNDARY}--\r\n".encode()

_ranked = json.dumps({"keys": [KEY, "no/such.jpg"], "style": "portrait", "policy": "marketplace_main_image"})
_weighed = json.dumps({"keys": [KEY], "weights": {"technical": 0.7, "aesthetic": 0.3}})
_upload = json.dumps({"key": "incoming/shoes/a/1.jpg", "content_type": "image/jpeg"})

SOUND: tuple[tuple[str, str, bytes | str | None, str | None], ...] = (
    ("GET", "/", None, None),
    ("GET", "/page/app.js", None, None),
    ("GET", "/health", None, None),
    ("GET", "/openapi.json", None, None),
    ("GET", f"/images/{quote(KEY, safe='')}", None, None),
    ("GET", f"/images/{KEY}/figure?head=technical", None, None),
    ("GET", f"/images/{KEY}/report?language=zh-CN", None, None),
    ("GET", f"/images/{KEY}/thumbnail", None, None),
    ("GET", f"/images/{KEY}/maps", None, None),
    ("GET", "/images?category=shoes&min_score=2&max_score=9&sort=-score&limit=3", None, None),
    ("GET", "/collections/trail-runner/ranking?style=ecommerce&policy=marketplace_main_image&limit=2", None, None),
    ("GET", "/collections/trail-runner/ranking?weights=0.7,0.3&format=csv", None, None),
    ("GET", "/stats/shoes", None, None),
    ("POST", "/rank", _ranked, JSON),
    ("POST", "/rank?format=csv", _weighed, JSON),
    ("POST", "/uploads", _upload, JSON),
    ("POST", "/evaluate?style=landscape", PICTURE, JPEG),
    ("POST", "/evaluate?weights=0.4,0.6", _form, FORM),
    ("POST", "/evaluate?maps=true", PICTURE, JPEG),
    ("POST", f"/evaluate?maps=true&key={quote(KEY, safe='')}", None, None),
    ("POST", "/evaluate?store=true&key=incoming/shoes/fuzz/kept.jpg", PICTURE, JPEG),
)

_part = b'--limit\r\nContent-Disposition: form-data; name="image"'
BODIES: tuple[bytes, ...] = (
    *(
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b'{"keys": ' + b"[" * 20_000,
        b'{"keys": ["a"], "weights": {"technical": 1e999}}',
    ),
    *(
        b'{"keys": ["a"], "keys": 1}',
        b'{"keys": ["\\ud800"]}',
        b'{"\\ud800": 1}',
        b'{"keys": [NaN]}',
        b"\xef\xbb\xbf{}",
        b"\xff",
    ),
    *(b'{"key": "a", "content_type": "image/jpeg", "x": ' + b"9" * 10_000 + b"}", b" " * 300_000, b"\0" * 1000, b""),
    *(_part, _part + b"\r\n", _part + b"\r\n\r\n", _part + b"\r\n\r\n--limit--", b"--limit--\r\n", b"--limit" * 5000),
    *((_part + b"\r\n\r\nx\r\n") * 100 + b"--limit--", _part + b"; " * 5000 + b"\r\n\r\nx\r\n--limit--"),
    *(b"--limit\r\n" + b"A: b\r\n" * 5000, b"--limit\r\nContent-Disposition: form-data\r\n\r\nx\r\n--limit--"),
    _part + b"\r\nContent-Transfer-Encoding: base64\r\nContent-Length: -1\r\n\r\n!!\r\n--limit--\r\n",
    _part + b'; filename="' + b"a" * 70_000 + b'"\r\nContent-Type: \xff\r\n\r\nx\r\n--limit--\r\n',
)
"""Whole bodies that no change of a sound one would come to."""


def sound(template: dict[str, Any], which: int) -> dict[str, Any]:
    """The proxy event of a request.

    Args:
        template: A proxy event whose other parts are taken over.
        which: Its place in ``SOUND``.
    """
    method, target, body, content_type = SOUND[which]
    path, _, search = target.partition("?")
    headers = {name: value for name, value in template["headers"].items() if name != "Content-Type"}
    headers |= {"Content-Type": content_type} if content_type else {}
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(search):
        query.setdefault(name, []).append(value)
    encoded = isinstance(body, bytes)
    return copy.deepcopy(template) | {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": encoded,
    }


def odd(event: dict[str, Any], chance: random.Random) -> Any:
    """A request with something wrong: in the words of a client, or in the event around them."""
    changed = copy.deepcopy(event)
    match chance.randrange(8):
        case 0 | 1:
            return mutated(changed, chance)
        case 2:
            changed["httpMethod"] = chance.choice(METHODS)
        case 3:
            changed["path"] = spoilt(changed["path"], chance)
        case 4:
            query = changed["multiValueQueryStringParameters"] or {}
            name = spoilt(chance.choice([*query, "cursor", "limit", "style", "weights", "min_score"]), chance)
            query[chance.choice([*query, name])] = [
                spoilt(chance.choice(["1", "0.5,0.5", "general", "eyJhIjoxfQ"]), chance)
                for _ in range(chance.randint(0, 3))
            ]
            changed["multiValueQueryStringParameters"] = query
        case 5:
            headers = changed["multiValueHeaders"]
            name = chance.choice([*headers, "If-None-Match", "Accept", "Accept-Language", "Origin", "Content-Type"])
            headers[chance.choice([name, name.lower(), spoilt(name, chance)])] = [
                spoilt(chance.choice(["*", "a", JSON, FORM, "multipart/form-data; boundary", "de;q=x"]), chance)
            ]
        case 6 if changed["body"] is not None and not changed["isBase64Encoded"]:
            document = json.loads(changed["body"])
            changed["body"] = json.dumps(mutated(document, chance, most=2))
        case _:
            changed["body"] = _odd_body(changed, chance)
            if chance.random() < 0.3:
                changed["isBase64Encoded"] = not changed["isBase64Encoded"]
    return changed


def _odd_body(event: dict[str, Any], chance: random.Random) -> str:
    if chance.random() < 0.2:
        data = bytearray(chance.choice(BODIES))
        event["isBase64Encoded"] = True
        return base64.b64encode(data).decode()
    body = event["body"] or chance.choice(["{}", "[]", "x", '{"keys": ["a"]}'])
    if not event["isBase64Encoded"] or chance.random() < 0.2:
        return spoilt(body, chance)
    data = bytearray(base64.b64decode(body))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case _:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
    return base64.b64encode(bytes(data)).decode()
