"""The AWS of `make aws`: what is in it, who reaches it, and that it outlives edits of the project."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nima.errors import InvalidRequest
from nima.local.sam.aws import SamAws, aws_for_sam
from nima.local.sam.client import RunningAws
from nima.local.sam.uploads import Uploads, result_line
from nima.local.server import listen
from tests.pictures import encode, scene
from tests.ports import free_port
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "nima-pictures-111122223333-eu-central-1"
OWN_BUCKET, OWN_KEY = "my-shop", "shoes/my shoe/ø.jpg"
FRONT = "shoes/trail-runner/front.jpg"


def own_event(bucket: str, version: str | None = "mine1") -> dict[str, Any]:
    thing = {"key": "shoes/my+shoe/%C3%B8.jpg", "size": 5, "eTag": "abc", "sequencer": "0068"}
    thing |= {"versionId": version} if version else {}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": thing}}]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was never built, with two documents more: a broken one, and one that names another bucket."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copyfile(ROOT / "template.yaml", folder / "template.yaml")
    shutil.copytree(ROOT / "events", folder / "events")
    (folder / "events" / "a-broken.json").write_text('{\n  "Records": [,]\n}', encoding="utf-8")
    (folder / "events" / "b-part.json").write_text(
        '{"Records": [{"eventName": "ObjectCreated:Put"}]}', encoding="utf-8"
    )
    (folder / "events" / "own.json").write_text(json.dumps(own_event(OWN_BUCKET)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def delivered() -> list[dict[str, Any]]:
    return []


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def served(project: Path, port: int, delivered: list[dict[str, Any]]) -> Iterator[SamAws]:
    with aws_for_sam(project, port, delivered.append) as running:
        yield running


@pytest.fixture
def running(served: SamAws, port: int, delivered: list[dict[str, Any]]) -> RunningAws:
    delivered.clear()
    return RunningAws(port)


def test_what_events_tell_of_is_there_whatever_their_buckets(served: SamAws) -> None:
    versions = served.aws.s3.list_object_versions(Bucket=BUCKET, Prefix=FRONT)["Versions"]
    own = served.aws.s3.head_object(Bucket=OWN_BUCKET, Key=OWN_KEY, VersionId="mine1")

    assert served.bucket == BUCKET
    assert [version["VersionId"] for version in versions if version["IsLatest"]] == ["OclRz3AwzKsbVRJN9wVGFYGW2WmQzCud"]
    assert own["ContentLength"] > 1000


def test_a_broken_document_is_named_and_takes_no_other_with_it(served: SamAws) -> None:
    broken, part = served.problems

    assert "events/a-broken.json is not JSON, line 2 column 15" in broken
    assert part.startswith("events/b-part.json: Records[0].s3")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has more than one loopback address")
def test_it_listens_on_one_loopback_address_alone(served: SamAws, port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


def test_uploads_are_told_in_every_bucket_and_what_is_put_by_hand_is_not(
    served: SamAws, running: RunningAws, delivered: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(encode(scene(64, 48), "JPEG"))

    event = running.put(BUCKET, "a/b/søk eé#?.jpg", tmp_path / "photo.jpg")
    running.send(own_event("my-third-shop"))
    assert delivered == []
    for bucket in (BUCKET, OWN_BUCKET, "my-third-shop"):
        served.aws.s3.put_object(Bucket=bucket, Key="a/b/c.jpg", Body=b"1")

    assert [told["Records"][0]["s3"]["bucket"]["name"] for told in delivered] == [BUCKET, OWN_BUCKET, "my-third-shop"]
    thing = event["Records"][0]["s3"]["object"]
    head = served.aws.s3.head_object(Bucket=BUCKET, Key="a/b/søk eé#?.jpg", VersionId=thing["versionId"])
    assert (head["ETag"].strip('"'), head["ContentLength"]) == (thing["eTag"], thing["size"])
    assert event["Records"][0].keys() == delivered[0]["Records"][0].keys()


def test_what_curl_uploads_is_taken_again_and_again(
    served: SamAws, running: RunningAws, delivered: list[dict[str, Any]]
) -> None:
    for body in (b"one", b"two"):
        for headers in ({}, {"Content-Type": "application/x-www-form-urlencoded"}):
            request = urllib.request.Request(f"{running.url}/{BUCKET}/by/hand/c.jpg", body, headers, method="PUT")
            urllib.request.urlopen(request, timeout=PATIENCE).close()

    stored = served.aws.s3.get_object(Bucket=BUCKET, Key="by/hand/c.jpg")
    assert (stored["Body"].read(), stored["ContentType"]) == (b"two", "binary/octet-stream")
    assert len(delivered) == 4


def test_the_event_of_a_new_object_is_later_than_all_before(running: RunningAws, tmp_path: Path) -> None:
    document = json.loads((ROOT / "events" / "s3-put.json").read_text(encoding="utf-8"))
    earlier = document["Records"][0]["s3"]["object"]
    (tmp_path / "photo.jpg").write_bytes(b"1")

    first, second = (running.put(BUCKET, FRONT, tmp_path / "photo.jpg")["Records"][0]["s3"]["object"] for _ in range(2))

    assert first["key"] == earlier["key"]
    assert earlier["sequencer"] < first["sequencer"] < second["sequencer"]


def test_a_key_that_is_not_there_is_said(running: RunningAws) -> None:
    running.check(BUCKET, FRONT)
    running.check(OWN_BUCKET, OWN_KEY)
    for bucket, key in ((BUCKET, "nowhere.jpg"), ("no-such-bucket", FRONT)):
        with pytest.raises(InvalidRequest, match=f"There is no {key}"):
            running.check(bucket, key)


def test_an_event_from_elsewhere_finds_its_object_and_never_puts_it_twice(served: SamAws, running: RunningAws) -> None:
    event = own_event("example-bucket", version=None)

    running.send(event)
    served.aws.s3.delete_object(Bucket="example-bucket", Key=OWN_KEY)
    running.send(event)

    versions = served.aws.s3.list_object_versions(Bucket="example-bucket")
    assert (len(versions["Versions"]), len(versions["DeleteMarkers"])) == (1, 1)
    assert versions["Versions"][0]["ETag"].strip('"') == "abc"


def test_an_edit_of_the_template_reaches_the_functions_and_loses_no_object(
    served: SamAws, running: RunningAws, project: Path
) -> None:
    path = project / "template.yaml"
    text = path.read_text(encoding="utf-8")
    before = running.variables(project, BUCKET, "http://172.17.0.1:1234")
    objects = served.aws.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"]
    try:
        edited = text.replace(
            "        NIMA_STYLE: !Ref Style\n", "        NIMA_STYLE: !Ref Style\n        MINE: !Ref Style\n"
        )
        assert edited != text
        path.write_text(edited.replace("    Default: general\n", "    Default: portrait\n"), encoding="utf-8")
        after = running.variables(project, BUCKET, "http://172.17.0.1:1234")
    finally:
        path.write_text(text, encoding="utf-8")

    score = before["ScoreFunction"]
    assert (score["BUCKET_NAME"], score["AWS_ENDPOINT_URL"]) == (BUCKET, "http://172.17.0.1:1234")
    assert after["ScoreFunction"] == {**score, "NIMA_STYLE": "portrait", "MINE": "portrait"}
    assert score["TABLE_NAME"] in served.aws.dynamodb.list_tables()["TableNames"]
    assert served.aws.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == objects > 0
    assert running.variables(project, BUCKET, "http://172.17.0.1:1234") == before


def test_forms_lead_browsers_to_where_they_reach_it(running: RunningAws, project: Path) -> None:
    variables = running.variables(project, OWN_BUCKET, "http://172.17.0.1:1234")

    assert variables["QueryFunction"]["NIMA_UPLOAD_ENDPOINT"] == running.url
    assert "NIMA_UPLOAD_ENDPOINT" not in variables["ScoreFunction"]
    assert variables["EvaluateFunction"]["BUCKET_NAME"] == OWN_BUCKET


def test_what_is_not_running_or_something_else_is_said() -> None:
    with pytest.raises(InvalidRequest, match="make aws"):
        RunningAws(free_port())
    with listen(0) as other:
        other.settimeout(PATIENCE)

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n<html>")

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(InvalidRequest, match="is not `make aws`"):
            RunningAws(other.getsockname()[1])
        answering.join(PATIENCE)


def test_an_upload_that_cannot_be_scored_says_why_and_goes_into_the_failure_queue(
    served: SamAws, running: RunningAws, project: Path, port: int, delivered: list[dict[str, Any]]
) -> None:
    said: list[str] = []
    queue = served.aws.physical_id("FailureQueue")
    with closing(Uploads(project, port, None, said.append, None)) as uploads:
        uploads.start(served)
        served.aws.s3.put_object(Bucket=BUCKET, Key="a/b/d.jpg", Body=b"1")
        uploads.deliver(delivered[0])
        got: list[Any] = []

        def failed() -> bool:
            got.extend(served.aws.sqs.receive_message(QueueUrl=queue).get("Messages", []))
            return bool(got)

        until(failed)

    assert len(said) == 3
    assert all(line.startswith("a/b/d.jpg: failed: ") and line.endswith("run `make build`.") for line in said)
    assert json.loads(got[0]["Body"])["requestPayload"] == delivered[0]


def test_a_result_is_one_line() -> None:
    scored = {
        "key": "a/b.jpg",
        "status": "scored",
        "code": None,
        "technical": 5.693,
        "aesthetic": 5.26,
        "composite": 5.4,
    }

    assert result_line(scored) == "a/b.jpg: scored, technical 5.69, aesthetic 5.26, composite 5.40"
    assert result_line({"key": "a\n.jpg", "status": "rejected", "code": "too_many_pixels"}) == "a�.jpg: too_many_pixels"
