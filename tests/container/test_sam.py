"""`make invoke` and `make start-api`: every document of events/ and the routes, answered by SAM's containers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.container.conftest import SamAws
from tests.container.make import make, running
from tests.container.routes import KEY, VISITS, Ask, Visit, ask, described, visited
from tests.pictures import encode, scene
from tests.ports import free_port
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
_ROW = re.compile(r"^\| `([^`]+)\.json` \|.*\| ([^|]+) \|$")


def documented() -> list[tuple[str, list[str]]]:
    """The documents of events/README.md in its order, with the statuses that it says they are answered with."""
    rows = (_ROW.match(line) for line in (EVENTS / "README.md").read_text(encoding="utf-8").splitlines())
    return [(row[1], [] if row[2] == "nothing" else row[2].split(", ")) for row in rows if row]


def invoke(port: int, event: Path) -> dict[str, Any]:
    finished = make("invoke", f"EVENT={event}", f"AWS_PORT={port}")
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stderr[-3000:]
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def test_every_document_is_answered_as_its_readme_says(sam_aws: SamAws) -> None:
    rows = documented()
    assert {name for name, _ in rows} == {path.stem for path in EVENTS.glob("*.json")}

    for name, expected in rows:
        answer = invoke(sam_aws.port, EVENTS / f"{name}.json")
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
    assert [result["status"] for result in invoke(sam_aws.port, event)["results"]] == ["scored"]
    port = free_port()
    with running("start-api", f"PORT={port}", f"AWS_PORT={sam_aws.port}") as api:
        api.wait_for("answers at")
        yield partial(ask, f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_every_route_answers(api: Ask, visit: Visit) -> None:
    visit.check(api)


def test_no_operation_was_left_out(api: Ask) -> None:
    assert visited() == described(api)


def test_a_failed_invocation_fails_and_says_why(sam_aws: SamAws, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"neither": 1}', encoding="utf-8")

    def logged() -> CompletedProcess[str] | None:
        """The answer with the function's log, whose end SAM misses now and then on a busy machine."""
        answer = make("invoke", f"EVENT={tmp_path}/bad.json", f"AWS_PORT={sam_aws.port}")
        assert (answer.returncode, json.loads(answer.stdout)["errorType"]) == (2, "InvalidRequest")
        assert "ScoreFunction failed: InvalidRequest: The event is neither" in answer.stderr
        return answer if "Traceback" in answer.stderr else None

    until(logged, what="what the function logged")
    missing = make("invoke", "KEY=no/such/picture.jpg", f"AWS_PORT={sam_aws.port}")
    unreached = make("invoke", f"AWS_PORT={free_port()}")

    assert (missing.returncode, "no/such/picture.jpg" in missing.stderr) == (2, True)
    assert (unreached.returncode, "run `make aws`" in unreached.stderr) == (2, True)


def test_a_picture_of_ones_own_is_put_and_scored(sam_aws: SamAws, tmp_path: Path) -> None:
    path = tmp_path / 'it\'s "mine" ø.jpg'
    path.write_bytes(encode(scene(640, 480), "JPEG"))

    for arguments in ((f"IMAGE={path}", "KEY=shoes/mine/ø.jpg"), ("KEY=shoes/mine/ø.jpg",)):
        finished = make("invoke", *arguments, f"AWS_PORT={sam_aws.port}")

        (result,) = json.loads(finished.stdout)["results"]
        assert (result["key"], result["status"]) == ("shoes/mine/ø.jpg", "scored")


def test_pictures_are_scored_with_nothing_else_running(score_image: str, tmp_path: Path) -> None:
    (tmp_path / "a shoe.jpg").write_bytes(encode(scene(640, 480), "JPEG"))
    (tmp_path / "broken.jpg").write_bytes(encode(scene(640, 480), "JPEG")[:3000])
    (tmp_path / "large.tif").write_bytes(bytes(4_600_000))

    one = make("score", f"IMAGE={tmp_path}/a shoe.jpg")
    all_of_them = make("score", f"IMAGE={tmp_path}")

    heading, line = one.stdout.splitlines()
    assert (one.returncode, one.stderr, heading.split()[0]) == (0, "", "File")
    assert re.search(r"a shoe\.jpg +\d\.\d\d +\d\.\d\d +\d\.\d\d +[★½]+ +\w", line)
    _, shoe, broken, large = all_of_them.stdout.splitlines()
    assert (all_of_them.returncode, shoe) == (2, line)
    assert "undecodable_image: " in broken
    assert "image_too_large: 4.6 MB" in large
