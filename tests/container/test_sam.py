"""`make invoke` and `make start-api`: every document of events/ and the routes, answered by SAM's containers."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.container.conftest import SamAws
from tests.container.lambda_container import free_port
from tests.pictures import encode, scene

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
FRONT = "shoes/trail-runner/front.jpg"
_ROW = re.compile(r"^\| `([^`]+)\.json` \|.*\| ([^|]+) \|$")


def documented() -> list[tuple[str, list[str]]]:
    """The documents of events/README.md in its order, with the statuses that it says they are answered with."""
    rows = (_ROW.match(line) for line in (EVENTS / "README.md").read_text(encoding="utf-8").splitlines())
    return [(row[1], [] if row[2] == "nothing" else row[2].split(", ")) for row in rows if row]


def make(*arguments: str) -> list[str]:
    return ["make", "--silent", "--no-print-directory", *arguments]


def environment() -> dict[str, str]:
    """This process's, without the AWS that the fixtures set up for it: `make` has to do without."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def invoke(name: str) -> dict[str, Any]:
    finished = subprocess.run(
        make("invoke", f"EVENT=events/{name}.json"),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    answers = [line for line in finished.stdout.splitlines() if line.startswith("{") and '"_aws"' not in line]
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert answers, finished.stdout + finished.stderr[-3000:]
    answer: dict[str, Any] = json.loads(answers[-1])
    return answer


def test_every_document_is_answered_as_its_readme_says(sam_aws: SamAws) -> None:
    rows = documented()
    assert {name for name, _ in rows} == {path.stem for path in EVENTS.glob("*.json")}

    for name, expected in rows:
        answer = invoke(name)
        if "statusCode" in answer:
            assert [str(answer["statusCode"])] == expected, name
        else:
            assert [result["code"] or result["status"] for result in answer["results"]] == expected, (name, answer)


@pytest.fixture(scope="module")
def api(sam_aws: SamAws) -> Iterator[str]:
    """The URL of `make start-api`, with a picture in the bucket that was scored."""
    invoke("s3-put")
    port = free_port()
    process = subprocess.Popen(
        make("start-api", f"PORT={port}"), cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 300
        while True:
            assert process.poll() is None, "start-api ended"
            assert time.monotonic() < deadline, "start-api does not answer"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def request(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    wanted = urllib.request.Request(url, body, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(wanted, timeout=120) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_routes_answer(api: str) -> None:
    key = FRONT.replace("/", "%2F")

    status, body = request(f"{api}/images/{key}")
    assert (status, json.loads(body)["image"]["key"]) == (200, FRONT)
    status, body = request(f"{api}/images/nobody")
    assert (status, json.loads(body)["error"]["code"]) == (404, "not_found")
    assert request(f"{api}/health")[0] == 200
    status, body = request(f"{api}/openapi.json")
    assert (status, json.loads(body)["openapi"][:2]) == (200, "3.")
    status, body = request(f"{api}/collections/trail-runner/ranking")
    assert (status, [entry["key"] for entry in json.loads(body)["entries"]]) == (200, [FRONT])
    status, body = request(f"{api}/stats/shoes")
    assert status == 200
    status, body = request(f"{api}/images?category=shoes")
    assert (status, len(json.loads(body)["items"])) == (200, 1)
    for part, start in (("figure", b"{"), ("report", b"<!"), ("thumbnail", b"")):
        status, body = request(f"{api}/images/{key}/{part}")
        assert (status, body[: len(start)]) == (200, start), part
    status, body = request(f"{api}/rank", json.dumps({"keys": [FRONT]}).encode(), Content_Type="application/json")
    assert (status, json.loads(body)["entries"][0]["key"]) == (200, FRONT)
    status, body = request(
        f"{api}/uploads", b'{"key": "a/b/c.jpg", "content_type": "image/jpeg"}', Content_Type="application/json"
    )
    assert (status, json.loads(body)["fields"]["key"]) == (201, "a/b/c.jpg")


def test_a_picture_is_evaluated_at_once(api: str) -> None:
    photograph = encode(scene(640, 480), "JPEG")

    status, body = request(f"{api}/evaluate", photograph, Content_Type="image/jpeg")
    assert (status, json.loads(body)["status"]) == (200, "scored")
    status, body = request(f"{api}/evaluate", b"no picture", Content_Type="image/jpeg")
    assert (status, json.loads(body)["error"]["code"]) == (415, "unsupported_format")
