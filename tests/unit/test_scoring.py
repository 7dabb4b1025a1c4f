"""What events do to the table: late, repeated and shuffled ones, deletions, refusals, and a store that is busy."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest
from PIL import Image

from nima.assess.assessment import DELETED, REJECTED, SCORED, ObjectRef, Result
from nima.assess.assessor import Assessor
from nima.aws import clients
from nima.aws.events import Created, Deleted, Named, pad_sequencer
from nima.aws.scoring import GONE, IGNORED, STALE, Outcome, Scoring
from nima.aws.table import ResultTable
from nima.catalogue.keys import KeyPattern
from nima.errors import Internal, NotFound, RetryableError, Throttled
from nima.image.limits import Limits
from nima.local.template import TABLE, Template
from nima.model.litert import LazyModel
from tests.pictures import encode

BUCKET, TABLE_NAME, KEY = "pictures", "results", "shoes/summer/1.jpg"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def picture(seed: int) -> bytes:
    """Another one for each seed."""
    colour = tuple(hashlib.sha256(bytes([seed])).digest()[:3])
    image = Image.new("RGB", (64, 64), colour)
    image.paste(tuple(255 - c for c in colour), (8 + seed % 40, 8, 60, 60))
    return encode(image)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    clients.forget()
    yield
    clients.forget()


@dataclass
class Bucket:
    """A versioned bucket that tells what happened to it, as S3 does."""

    client: Any
    ticks: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def sequencer(self) -> str:
        # Of varying length, so that only the padded ones compare rightly.
        tick = next(self.ticks)
        return pad_sequencer(f"0061{tick:04X}" + "A" * (tick % 3))

    def put(self, body: bytes, key: str = KEY, metadata: dict[str, str] | None = None) -> Created:
        answer = self.client.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata or {})
        image = ObjectRef(BUCKET, key, answer["ETag"].strip('"'), answer["VersionId"], len(body))
        return Created(image, self.sequencer())

    def delete(self, version: str | None = None, key: str = KEY) -> Deleted:
        which = {"VersionId": version} if version else {}
        answer = self.client.delete_object(Bucket=BUCKET, Key=key, **which)
        image = ObjectRef(BUCKET, key, None, answer.get("VersionId", version))
        return Deleted(image, self.sequencer(), whole=version is None)


@pytest.fixture
def bucket(aws: None) -> Iterator[Bucket]:
    with moto.mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        boto3.client("dynamodb").create_table(TableName=TABLE_NAME, **table_properties())
        yield Bucket(client)


@cache
def table_properties() -> dict[str, Any]:
    """The table as the template describes it."""
    template = Template(Path(__file__).resolve().parents[2])
    (logical_id,) = template.ids(TABLE)
    properties: dict[str, Any] = template.stores()["Resources"][logical_id]["Properties"]
    names = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
    return {name: properties[name] for name in names}


@pytest.fixture(scope="module")
def assessor(model_folder: Path) -> Assessor:
    return Assessor(LazyModel(model_folder, threads=1))


@pytest.fixture
def heard() -> list[Result]:
    """What the bus is told, in order."""
    return []


@pytest.fixture
def scoring(assessor: Assessor, heard: list[Result]) -> Scoring:
    table = ResultTable(TABLE_NAME)
    return Scoring(assessor, table, KeyPattern(), tombstone_days=30, tell=heard.append, now=lambda: NOW)


def stored(key: str = KEY) -> Result:
    result = ResultTable(TABLE_NAME).get(key)
    assert result is not None
    return result


def items(kind: str = "image#") -> list[dict[str, Any]]:
    """The items of a kind, but for how long scoring took and how often they were written."""
    left_out = ("timings_ms", "revision")
    return sorted(
        ({name: value for name, value in item.items() if name not in left_out} for item in whole_table(kind)),
        key=lambda item: str(item["pk"]),
    )


def whole_table(kind: str = "") -> list[dict[str, Any]]:
    found = boto3.resource("dynamodb").Table(TABLE_NAME).scan()["Items"]
    return [item for item in found if str(item["pk"]).startswith(kind)]


# Creation


def test_an_upload_is_scored_with_its_place_and_version(bucket: Bucket, scoring: Scoring) -> None:
    change = bucket.put(picture(1))
    outcome = scoring.apply(change)
    assert (outcome.key, outcome.status, outcome.code) == (KEY, SCORED, None)
    assert outcome.milliseconds is not None
    result = stored()
    assert result.image == change.image
    assert (result.category, result.collection) == ("shoes", "shoes~1summer")
    assert (result.sequencer, result.scored_at) == (change.sequencer, "2026-01-02T03:04:05.000+00:00")


def test_repeated_and_late_events_change_nothing(bucket: Bucket, scoring: Scoring) -> None:
    first, second = bucket.put(picture(1)), bucket.put(picture(2))
    assert scoring.apply(second).status == SCORED
    before = items()
    assert [scoring.apply(change).status for change in (second, first, second)] == [STALE] * 3
    assert items() == before
    assert stored().image.version_id == second.image.version_id


def test_an_overwritten_picture_is_scored_anew(bucket: Bucket, scoring: Scoring) -> None:
    scoring.apply(bucket.put(picture(1)))
    first = stored()
    scoring.apply(bucket.put(picture(2)))
    second = stored()
    assert first.assessment
    assert second.assessment
    assert first.assessment.technical != second.assessment.technical


def test_the_version_of_the_event_is_scored_not_the_newest(bucket: Bucket, scoring: Scoring) -> None:
    first = bucket.put(picture(1))
    bucket.put(picture(2))
    scoring.apply(first)
    assert stored().image == first.image


@pytest.mark.parametrize(
    ("metadata", "category", "collection"),
    [
        ({"category": "boots"}, "boots", "shoes~1summer"),
        ({"collection": "winter"}, "shoes", "winter"),
        ({"category": "boots", "collection": "winter"}, "boots", "winter"),
        ({"category": ""}, "shoes", "shoes~1summer"),
    ],
)
def test_metadata_wins_over_the_key(
    bucket: Bucket, scoring: Scoring, metadata: dict[str, str], category: str, collection: str
) -> None:
    scoring.apply(bucket.put(picture(1), metadata=metadata))
    assert (stored().category, stored().collection) == (category, collection)


@pytest.mark.parametrize(("body", "status"), [(b"", IGNORED), (picture(1), SCORED)])
def test_a_folders_marker_is_ignored(bucket: Bucket, scoring: Scoring, body: bytes, status: str) -> None:
    assert scoring.apply(bucket.put(body, key="shoes/summer/")).status == status
    assert len(items()) == (status == SCORED)


# Refusals


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"text", "unsupported_format"), (b"", "undecodable_image"), (picture(1)[:60], "undecodable_image")],
    ids=["text", "empty", "cut short"],
)
def test_what_is_no_picture_is_recorded_as_rejected(bucket: Bucket, scoring: Scoring, body: bytes, code: str) -> None:
    change = bucket.put(body)
    assert scoring.apply(change) == Outcome(KEY, REJECTED, code)
    result = stored()
    assert result.error
    assert (result.status, result.error["code"], result.image) == (REJECTED, code, change.image)
    assert scoring.apply(bucket.put(picture(1))).status == SCORED, "a good picture replaces it"


@pytest.mark.parametrize("told", [True, False], ids=["size in the event", "size in the answer"])
def test_a_file_beyond_the_limit_is_refused_without_reading_it(
    bucket: Bucket, scoring: Scoring, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, read = counted(monkeypatch)
    strict = replace(scoring, assessor=replace(scoring.assessor, limits=Limits(max_bytes=1000)))
    change = bucket.put(b"x" * 1001)
    if not told:
        change = replace(change, image=replace(change.image, bytes=None))
    assert strict.apply(change) == Outcome(KEY, REJECTED, "image_too_large")
    assert calls == ([] if told else ["GetObject"])
    assert read == []


def counted(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[int]]:
    """The operations of S3 that are called from now on, and the sizes of the bodies that are read."""
    from botocore.response import StreamingBody

    calls: list[str] = []
    bodies: list[int] = []
    whole = StreamingBody.read

    def read(self: StreamingBody, amt: int | None = None) -> bytes:
        content: bytes = whole(self, amt)
        bodies.append(len(content))
        return content

    monkeypatch.setattr(StreamingBody, "read", read)
    clients.s3().meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    return calls, bodies


# Deletion


def test_a_deleted_picture_is_gone_and_its_events_do_not_bring_it_back(bucket: Bucket, scoring: Scoring) -> None:
    created = bucket.put(picture(1))
    scoring.apply(created)
    removed = bucket.delete()
    assert scoring.apply(removed) == Outcome(KEY, DELETED)
    (tombstone,) = items()
    assert set(tombstone) == {"pk", "status", "sequencer", "expires_at"}
    assert tombstone["expires_at"] == NOW.timestamp() + 30 * 86400
    assert ResultTable(TABLE_NAME).get(KEY) is None
    assert scoring.apply(removed).status == STALE
    assert scoring.apply(created).status == STALE
    assert items() == [tombstone]
    assert scoring.apply(bucket.put(picture(2))).status == SCORED, "a later upload does"


def test_a_deletion_that_comes_first_keeps_the_picture_away(bucket: Bucket, scoring: Scoring) -> None:
    created = bucket.put(picture(1))
    scoring.apply(bucket.delete())
    assert scoring.apply(created).status == STALE
    assert ResultTable(TABLE_NAME).get(KEY) is None


def test_deleting_an_old_version_leaves_the_newer_result(bucket: Bucket, scoring: Scoring) -> None:
    old, new = bucket.put(picture(1)), bucket.put(picture(2))
    scoring.apply(old)
    scoring.apply(new)
    before = items()
    assert scoring.apply(bucket.delete(old.image.version_id)).status == STALE
    assert items() == before
    assert scoring.apply(bucket.delete(new.image.version_id)).status == DELETED


def test_a_version_that_is_gone_writes_nothing(bucket: Bucket, scoring: Scoring) -> None:
    change = bucket.put(picture(1))
    bucket.delete(change.image.version_id)
    assert scoring.apply(change) == Outcome(KEY, GONE)
    unversioned = replace(change, image=replace(change.image, version_id=None))
    assert scoring.apply(unversioned) == Outcome(KEY, GONE)
    bucket.put(picture(2))
    assert scoring.apply(unversioned) == Outcome(KEY, GONE), "another object has come in its place"
    assert items() == []


# Named keys


def test_a_named_key_is_scored_as_it_is_now(bucket: Bucket, scoring: Scoring) -> None:
    created = bucket.put(picture(1))
    named = Named(ObjectRef(BUCKET, KEY))
    assert scoring.apply(named).status == SCORED
    assert stored().image == created.image
    assert scoring.apply(created).status == SCORED, "the event itself, coming later, is newer than nothing"
    creative = replace(scoring, assessor=replace(scoring.assessor, style="creative"))
    assert creative.apply(named).status == SCORED
    result = stored()
    assert result.assessment
    assert result.assessment.composite.style == "creative"
    assert result.sequencer == created.sequencer
    with pytest.raises(NotFound):
        scoring.apply(Named(ObjectRef(BUCKET, "no/such/picture.jpg")))


def test_a_named_key_gives_way_to_an_event_that_comes_meanwhile(
    bucket: Bucket, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoring.apply(bucket.put(picture(1)))
    assess = Assessor.assess

    def overtaken(self: Assessor, data: bytes) -> Any:
        monkeypatch.setattr(Assessor, "assess", assess)
        scoring.apply(bucket.put(picture(2)))
        return assess(self, data)

    monkeypatch.setattr(Assessor, "assess", overtaken)
    assert scoring.apply(Named(ObjectRef(BUCKET, KEY))).status == STALE
    newest = bucket.client.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    assert stored().image.version_id == newest


# Any order


def test_any_order_of_any_repeated_events_ends_the_same(bucket: Bucket, scoring: Scoring) -> None:
    changes = history(bucket)
    for change in changes:
        scoring.apply(change)
    expected = items()
    assert [item["status"] for item in expected] == [DELETED, REJECTED, SCORED]
    chance = random.Random(0)
    for _ in range(20):
        empty_table()
        shuffled = changes + chance.sample(changes, len(changes) // 2)
        chance.shuffle(shuffled)
        for change in shuffled:
            scoring.apply(change)
        assert items() == expected, [change.sequencer for change in shuffled]


def history(bucket: Bucket) -> list[Created | Deleted]:
    """Three pictures: one that is deleted in the end, one that becomes a text, one that comes back."""
    steps: list[Callable[[], Created | Deleted]] = [
        lambda: bucket.put(picture(1), "a/b/deleted.png"),
        lambda: bucket.put(picture(2), "a/b/text.png"),
        lambda: bucket.put(picture(3), "a/b/whole.png"),
        lambda: bucket.put(picture(4), "a/b/deleted.png"),
        lambda: bucket.delete(key="a/b/whole.png"),
        lambda: bucket.put(b"text", "a/b/text.png"),
        lambda: bucket.put(picture(5), "a/b/whole.png"),
        lambda: bucket.delete(key="a/b/deleted.png"),
    ]
    return [step() for step in steps]


def empty_table() -> None:
    table = boto3.resource("dynamodb").Table(TABLE_NAME)
    for item in whole_table():
        table.delete_item(Key={"pk": item["pk"]})


# A service that does not answer as it should


class Busy(BaseHTTPRequestHandler):
    """Answers everything with the server's status and body."""

    server: BusyServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(self.server.length or len(self.server.body)))
        self.send_header("ETag", '"0"')
        if self.server.checksum:
            self.send_header("x-amz-checksum-crc32", self.server.checksum)
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_POST(self) -> None:
        self.server.requests.append(self.headers["X-Amz-Target"])
        body = b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slower"}'
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class BusyServer(ThreadingHTTPServer):
    status, body, length = 503, b"<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>", 0
    checksum = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Busy)
        self.requests: list[str] = []


@pytest.fixture
def busy(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[BusyServer]:
    """An endpoint for every service; botocore does not wait between its attempts."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with BusyServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        clients.forget()
        yield server
        server.shutdown()
        thread.join()


CREATED = Created(ObjectRef(BUCKET, KEY, None, "v1", 100), "1" * 64)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [(503, "SlowDown", Throttled), (500, "InternalError", Internal), (403, "AccessDenied", Internal)],
)
def test_a_store_that_does_not_answer_is_tried_again_later(
    busy: BusyServer, scoring: Scoring, status: int, code: str, error: type[RetryableError]
) -> None:
    busy.status, busy.body = status, f"<Error><Code>{code}</Code></Error>".encode()
    with pytest.raises(error) as raised:
        scoring.apply(CREATED)
    assert code in str(raised.value.detail)
    assert code not in raised.value.message
    assert busy.requests == [busy.requests[0]] * (4 if status >= 500 else 1), "nothing was written"


@pytest.mark.parametrize(("length", "checksum"), [(100_000, ""), (0, "AAAAAA==")], ids=["breaks off", "is damaged"])
def test_a_body_that_is_not_whole_is_tried_again_later(
    busy: BusyServer, scoring: Scoring, length: int, checksum: str
) -> None:
    busy.status, busy.body, busy.length, busy.checksum = 200, picture(1), length, checksum
    with pytest.raises(Internal):
        scoring.apply(CREATED)
    assert not [request for request in busy.requests if "DynamoDB" in request]


def test_a_busy_table_is_tried_again_later(busy: BusyServer, scoring: Scoring) -> None:
    busy.status, busy.body = 200, picture(1)
    with pytest.raises(Throttled):
        scoring.apply(CREATED)
    assert busy.requests[-1].endswith("GetItem")
    with pytest.raises(Throttled):
        scoring.apply(Deleted(ObjectRef(BUCKET, KEY), "2" * 64, whole=True))
