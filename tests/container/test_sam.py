"""`make invoke` and `make start-api`: every document of events/ and the routes, answered by SAM's containers."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.container.conftest import SamAws
from tests.container.lambda_container import free_port
from tests.container.routes import KEY, VISITS, Ask, Visit, ask, described, visited
from tests.pictures import encode, scene

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
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


def invoke(event: Path) -> dict[str, Any]:
    finished = subprocess.run(
        make("invoke", f"EVENT={event}"),
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
        answer = invoke(EVENTS / f"{name}.json")
        if "statusCode" in answer:
            assert [str(answer["statusCode"])] == expected, name
        else:
            assert [result["code"] or result["status"] for result in answer["results"]] == expected, (name, answer)


@pytest.fixture(scope="module")
def api(sam_aws: SamAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks `make start-api`, whose table has the picture that the routes are about."""
    sam_aws.aws.s3.put_object(Bucket=sam_aws.bucket, Key=KEY, Body=encode(scene(640, 480), "JPEG"))
    event = tmp_path_factory.mktemp("sam") / "picture.json"
    event.write_text(json.dumps({"keys": [KEY]}), encoding="utf-8")
    assert [result["status"] for result in invoke(event)["results"]] == ["scored"]
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
        yield partial(ask, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_every_route_answers(api: Ask, visit: Visit) -> None:
    visit.check(api)


def test_no_operation_was_left_out(api: Ask) -> None:
    assert visited() == described(api)
