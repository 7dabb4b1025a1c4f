"""What events do to the table: late, repeated and shuffled ones, deletions, refusals, and a store that is busy."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nima.assess.assessor import Assessor
from nima.aws import clients, process
from nima.aws.events import Created, Deleted, Named
from nima.aws.place import decoded
from nima.aws.scoring import GONE, IGNORED, NO_SUCH_KEY, STALE, UNCHANGED, Outcome, Scoring
from nima.aws.sequencer import pad_sequencer
from nima.aws.table import ResultTable
from nima.catalogue.keys import KeyPattern
from nima.document.result import ObjectRef, Result
from nima.document.vocabulary import DELETED, REJECTED, SCORED
from nima.errors import Internal, RetryableError, Throttled
from nima.image.limits import Limits
from nima.local.template import TABLE, Template
from nima.model.litert import LazyModel
from tests.mocked import mocked_aws
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
    process.reset()
    yield
    process.reset()


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
        return Deleted(image, self.sequencer())


@pytest.fixture
def bucket(aws: None) -> Iterator[Bucket]:
    with mocked_aws():
        client = clients.s3()
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        clients.dynamodb().meta.client.create_table(TableName=TABLE_NAME, **table_properties())
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
    return Scoring(assessor, table, KeyPattern(), tombstone_days=30, publish=heard.append, now=lambda: NOW)


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
    found = clients.table(TABLE_NAME).scan()["Items"]
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


def test_repeated_and_late_events_change_nothing_and_cost_no_look(
    bucket: Bucket, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = bucket.put(picture(1)), bucket.put(picture(2))
    assert scoring.apply(second).status == SCORED
    before = items()
    calls, read = counted(monkeypatch)
    assert [scoring.apply(change).status for change in (second, first, second)] == [STALE] * 3
    assert items() == before
    assert stored().image.version_id == second.image.version_id
    assert (calls, read) == ([], [])


def test_an_overwritten_picture_is_scored_anew(bucket: Bucket, scoring: Scoring) -> None:
    scoring.apply(bucket.put(picture(1)))
    first = stored()
    scoring.apply(bucket.put(picture(2)))
    second = stored()
    assert first.assessment
    assert second.assessment
    assert first.assessment.technical != second.assessment.technical


def test_what_the_bucket_shows_is_scored_once_whichever_event_comes_first(
    bucket: Bucket, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = bucket.put(picture(1)), bucket.put(picture(2))
    assert scoring.apply(first).status == SCORED
    assert stored().image == second.image
    _, read = counted(monkeypatch)
    assert scoring.apply(second) == Outcome(KEY, UNCHANGED)
    assert (stored().sequencer, read) == (second.sequencer, [])


@pytest.mark.parametrize(
    ("metadata", "category", "collection"),
    [
        ({"category": "boots"}, "boots", "shoes~1summer"),
        ({"collection": "winter"}, "shoes", "winter"),
        ({"category": "boots", "collection": "winter"}, "boots", "winter"),
        ({"category": ""}, "shoes", "shoes~1summer"),
        ({"category": "=?UTF-8?B?6Z6L5a2Q?="}, "鞋子", "shoes~1summer"),
        ({"category": "=?utf-8?q?Schuhe_=26_St=C3=BChle?="}, "Schuhe & Stühle", "shoes~1summer"),
        ({"collection": "=?UTF-8?B?5aSP?= =?UTF-8?B?5a2j?="}, "shoes", "夏季"),
        ({"collection": "Sommer =?ISO-8859-1?Q?f=FCr?= alle"}, "shoes", "Sommer für alle"),
    ],
)
def test_metadata_wins_over_the_key(
    bucket: Bucket, scoring: Scoring, metadata: dict[str, str], category: str, collection: str
) -> None:
    scoring.apply(bucket.put(picture(1), metadata=metadata))
    assert (stored().category, stored().collection) == (category, collection)


@pytest.mark.parametrize(
    "broken",
    [
        "=?UTF-8?B?6Z6L5a2Q",
        "=?UTF-8?B?6Z6?=",
        "=?UTF-8?B?!!!!?=",
        "=?UTF-8?B?/w==?=",
        "=?UTF-8?Q?=F?=",
        "=?UTF-8?Q??=",
        "=?UTF-8?B?YQpi?=",
        "=?NO-SUCH?B?YQ==?=",
        "=?UTF-7?Q?+2AA-?=",
        "=?UNICODE_ESCAPE?B?XHVkODAw?=",
        "=?UTF-8?X?YQ==?=",
        "50 %?=",
    ],
)
def test_metadata_that_only_looks_encoded_stays_as_it_is(bucket: Bucket, scoring: Scoring, broken: str) -> None:
    scoring.apply(bucket.put(picture(1), metadata={"category": broken}))
    assert stored().category == broken


def test_metadata_in_a_charset_without_a_name_stays_as_it_is() -> None:
    assert decoded("=?\xfc?Q?a?=") == "=?\xfc?Q?a?="


@pytest.mark.parametrize("metadata", [{}, {"collection": "summer"}, {"category": "boots"}])
def test_an_event_of_what_is_stored_scores_nothing_again(
    bucket: Bucket, scoring: Scoring, metadata: dict[str, str]
) -> None:
    old, _ = bucket.put(picture(1)), scoring.apply(bucket.put(picture(2), metadata=metadata))
    assert scoring.apply(bucket.delete(old.image.version_id)).status == UNCHANGED


@pytest.mark.parametrize(("body", "status"), [(b"", IGNORED), (picture(1), SCORED)])
def test_a_folders_marker_is_ignored(bucket: Bucket, scoring: Scoring, body: bytes, status: str) -> None:
    assert scoring.apply(bucket.put(body, key="shoes/summer/")).status == status
    assert (ResultTable(TABLE_NAME).get("shoes/summer/") is not None) == (status == SCORED)


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
    assert (result.status, result.error.code, result.image) == (REJECTED, code, change.image)
    assert scoring.apply(bucket.put(picture(1))).status == SCORED, "a good picture replaces it"


def test_a_file_beyond_the_limit_is_refused_without_reading_it(
    bucket: Bucket, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = bucket.put(b"x" * 1001)
    calls, read = counted(monkeypatch)
    strict = replace(scoring, assessor=replace(scoring.assessor, limits=Limits(max_bytes=1000)))
    assert strict.apply(change) == Outcome(KEY, REJECTED, "image_too_large")
    assert (calls, read) == (["GetObject"], [])


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
    scoring.apply(new)
    before = stored()
    assert scoring.apply(bucket.delete(old.image.version_id)).status == UNCHANGED
    assert replace(stored(), sequencer=before.sequencer) == before
    assert scoring.apply(bucket.delete(new.image.version_id)).status == DELETED


def test_a_versions_deletion_that_comes_first_scores_what_is_left(bucket: Bucket, scoring: Scoring) -> None:
    old, new = bucket.put(picture(1)), bucket.put(picture(2))
    assert scoring.apply(bucket.delete(old.image.version_id)).status == SCORED
    assert stored().image == new.image
    assert [scoring.apply(change).status for change in (new, old)] == [STALE, STALE]


def test_an_older_version_that_shows_again_is_scored(bucket: Bucket, scoring: Scoring) -> None:
    """After the newest version was deleted for good, and after a delete marker was."""
    old, new = bucket.put(picture(1)), bucket.put(picture(2))
    scoring.apply(new)
    assert scoring.apply(bucket.delete(new.image.version_id)).status == SCORED
    assert stored().image == old.image
    marker = bucket.delete()
    assert scoring.apply(marker).status == DELETED
    assert scoring.apply(bucket.delete(marker.image.version_id)).status == SCORED
    assert stored().image == old.image


def test_what_is_deleted_while_it_is_scored_leaves_no_ghost(
    bucket: Bucket, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = bucket.put(picture(1))

    def meanwhile() -> None:
        assert scoring.apply(bucket.delete(created.image.version_id)).status == DELETED

    interrupt(monkeypatch, meanwhile)
    assert scoring.apply(created).status == STALE
    (tombstone,) = items()
    assert tombstone["status"] == DELETED
    assert ResultTable(TABLE_NAME).stats("shoes").scored == 0


def interrupt(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """Lets something happen while the next picture is assessed."""
    assess = Assessor.assess

    def interrupted(self: Assessor, data: bytes) -> Any:
        monkeypatch.setattr(Assessor, "assess", assess)
        meanwhile()
        return assess(self, data)

    monkeypatch.setattr(Assessor, "assess", interrupted)


def test_a_change_that_is_undone_at_once_leaves_no_older_sight_of_the_bucket(
    bucket: Bucket, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow one saw the delete marker; the marker was removed, and that event changed nothing in the result."""
    scoring.apply(bucket.put(picture(1)))
    before, marker = stored(), bucket.delete()
    bury = ResultTable.bury

    def late(*arguments: Any) -> bool:
        monkeypatch.setattr(ResultTable, "bury", bury)
        assert scoring.apply(bucket.delete(marker.image.version_id)).status == UNCHANGED
        return bury(*arguments)

    monkeypatch.setattr(ResultTable, "bury", late)
    assert scoring.apply(marker).status == STALE
    assert stored().image == before.image


def test_an_event_of_an_object_that_is_gone_leaves_only_a_tombstone(bucket: Bucket, scoring: Scoring) -> None:
    change = bucket.put(picture(1))
    bucket.delete(change.image.version_id)
    assert scoring.apply(change) == Outcome(KEY, GONE, NO_SUCH_KEY)
    assert [item["status"] for item in items()] == [DELETED]


@pytest.mark.parametrize("missing", ["sequencer", "version"])
def test_a_lifecycles_expiration_is_understood_whatever_it_says_of_the_order(
    bucket: Bucket, scoring: Scoring, missing: str
) -> None:
    created = bucket.put(picture(1))
    scoring.apply(created)
    expired = bucket.delete()
    image = replace(expired.image, version_id=None) if missing == "version" else expired.image
    assert scoring.apply(Deleted(image, None)) == Outcome(KEY, DELETED)
    assert scoring.apply(Deleted(image, None)) == Outcome(KEY, DELETED), "told twice"
    assert scoring.apply(created).status == STALE
    scoring.apply(bucket.put(picture(2)))
    before = items()
    assert scoring.apply(Deleted(image, None)).status == UNCHANGED, "late"
    assert items() == before


# Buckets without versions, and results from before them


@pytest.fixture
def unversioned(aws: None) -> Iterator[Any]:
    with mocked_aws():
        client = clients.s3()
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        clients.dynamodb().meta.client.create_table(TableName=TABLE_NAME, **table_properties())
        yield client


def test_a_bucket_without_versions_is_followed(unversioned: Any, scoring: Scoring) -> None:
    def told(kind: type[Created] | type[Deleted], tick: int) -> Created | Deleted:
        return kind(ObjectRef(BUCKET, KEY), pad_sequencer(f"{tick:04X}"))

    unversioned.put_object(Bucket=BUCKET, Key=KEY, Body=picture(1))
    assert scoring.apply(told(Created, 1)).status == SCORED
    first = stored()
    unversioned.put_object(Bucket=BUCKET, Key=KEY, Body=picture(2))
    assert scoring.apply(told(Created, 2)).status == SCORED
    assert stored().image.etag != first.image.etag
    unversioned.put_object(Bucket=BUCKET, Key=KEY, Body=picture(2))
    assert scoring.apply(told(Created, 3)).status == UNCHANGED
    unversioned.put_object(Bucket=BUCKET, Key=KEY, Body=picture(2), Metadata={"category": "boots"})
    assert scoring.apply(told(Created, 4)).status == SCORED, "the same content in another place"
    assert stored().category == "boots"
    unversioned.delete_object(Bucket=BUCKET, Key=KEY)
    assert scoring.apply(told(Deleted, 5)).status == DELETED


def test_a_result_from_before_versioning_stays_that_of_its_object(
    unversioned: Any, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    unversioned.put_object(Bucket=BUCKET, Key=KEY, Body=picture(1))
    scoring.apply(Created(ObjectRef(BUCKET, KEY), pad_sequencer("00")))
    assert stored().image.version_id is None
    unversioned.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    bucket = Bucket(unversioned)
    newer = bucket.put(picture(2))
    assert scoring.apply(bucket.delete(newer.image.version_id)).status == UNCHANGED, "it is the version null"
    scoring.apply(bucket.put(picture(2)))
    scoring.apply(bucket.delete())
    assert scoring.apply(bucket.delete("null")).status == DELETED


# Named keys


def test_a_named_key_is_scored_as_it_is_now(bucket: Bucket, scoring: Scoring) -> None:
    created = bucket.put(picture(1))
    named = Named(ObjectRef(BUCKET, KEY))
    assert scoring.apply(named, "first").status == SCORED
    assert stored().image == created.image
    assert scoring.apply(created).status == UNCHANGED
    assert scoring.apply(named, "second").status == SCORED
    creative = replace(scoring, assessor=replace(scoring.assessor, style="creative"))
    assert creative.apply(named, "third").status == SCORED
    result = stored()
    assert result.assessment
    assert result.assessment.composite.style == "creative"
    assert result.sequencer == created.sequencer


def test_a_named_key_that_is_gone_buries_what_is_left_of_it(bucket: Bucket, scoring: Scoring) -> None:
    """As where the event of its deletion was lost."""
    named = Named(ObjectRef(BUCKET, KEY))
    assert scoring.apply(named) == Outcome(KEY, GONE, NO_SUCH_KEY)
    assert items() == []
    created = bucket.put(picture(1))
    scoring.apply(created)
    bucket.delete()
    assert scoring.apply(named) == Outcome(KEY, DELETED)
    assert ResultTable(TABLE_NAME).get(KEY) is None
    assert ResultTable(TABLE_NAME).stats("shoes").scored == 0
    assert scoring.apply(named) == Outcome(KEY, GONE, NO_SUCH_KEY)


def test_another_attempt_of_an_invocation_scores_no_named_key_again(
    bucket: Bucket, scoring: Scoring, heard: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put(picture(1))
    named = Named(ObjectRef(BUCKET, KEY))
    scoring.apply(named, "request")
    _, read = counted(monkeypatch)
    assert scoring.apply(named, "request").status == UNCHANGED
    assert read == []
    assert len(heard) == 2, "the first attempt may have ended before it told"
    bucket.put(picture(2))
    assert scoring.apply(named, "request").status == SCORED, "another object has come in its place"


def test_an_event_scores_again_what_another_model_or_style_made(bucket: Bucket, scoring: Scoring) -> None:
    old, _ = bucket.put(picture(1)), scoring.apply(bucket.put(picture(2)))
    creative = replace(scoring, assessor=replace(scoring.assessor, style="creative"))
    assert creative.apply(bucket.delete(old.image.version_id)).status == SCORED


def test_a_named_key_gives_way_to_an_event_that_comes_meanwhile(
    bucket: Bucket, scoring: Scoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoring.apply(bucket.put(picture(1)))
    interrupt(monkeypatch, lambda: assert_scored(scoring.apply(bucket.put(picture(2)))))
    assert scoring.apply(Named(ObjectRef(BUCKET, KEY))).status == SCORED
    newest = bucket.client.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    assert stored().image.version_id == newest


def assert_scored(outcome: Outcome) -> None:
    assert outcome.status == SCORED


# What is told


def test_a_result_that_stands_is_told_though_whoever_stored_it_ended_before_telling(
    bucket: Bucket, scoring: Scoring, heard: list[Result]
) -> None:
    def killed(_: Result) -> None:
        raise Internal("killed")

    first, second = bucket.put(picture(1)), bucket.put(picture(2))
    with pytest.raises(Internal):
        replace(scoring, publish=killed).apply(first)
    assert scoring.apply(second).status == UNCHANGED
    assert [result.sequencer for result in heard] == [second.sequencer]
    assert scoring.apply(first).status == STALE
    assert len(heard) == 1, "a stale event is not told"
    assert scoring.apply(second).status == STALE
    assert len(heard) == 2, "but for the one that the result stands for: it may be another attempt"


def test_what_happens_long_after_is_not_told_again(bucket: Bucket, scoring: Scoring, heard: list[Result]) -> None:
    """An old version that expires a month later is no news of the picture."""
    old = bucket.put(picture(1))
    scoring.apply(bucket.put(picture(2)))
    much_later = replace(scoring, now=lambda: NOW + timedelta(days=30))
    assert much_later.apply(bucket.delete(old.image.version_id)).status == UNCHANGED
    assert len(heard) == 1


# Any order


def test_any_order_of_any_repeated_events_ends_the_same(bucket: Bucket, scoring: Scoring) -> None:
    changes = history(bucket)
    for change in changes:
        scoring.apply(change)
    expected = items()
    assert [item["status"] for item in expected] == [DELETED, REJECTED, SCORED]
    chance = random.Random(0)
    for _ in range(8):
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
    table = clients.table(TABLE_NAME)
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
        """The table, which is empty or busy."""
        target = self.headers["X-Amz-Target"]
        self.server.requests.append(target)
        self.rfile.read(int(self.headers["Content-Length"]))
        busy = self.server.table_is_busy or not target.endswith("GetItem")
        throttled = b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slower"}'
        body = throttled if busy else b"{}"
        self.send_response(400 if busy else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class BusyServer(ThreadingHTTPServer):
    status, body, length = 503, b"<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>", 0
    checksum, table_is_busy = "", False

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
        process.reset()
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
    assert busy.requests[1:] == [f"/{BUCKET}/{KEY}"] * (4 if status >= 500 else 1), "nothing was written"


@pytest.mark.parametrize(("length", "checksum"), [(100_000, ""), (0, "AAAAAA==")], ids=["breaks off", "is damaged"])
def test_a_body_that_is_not_whole_is_tried_again_later(
    busy: BusyServer, scoring: Scoring, length: int, checksum: str
) -> None:
    busy.status, busy.body, busy.length, busy.checksum = 200, picture(1), length, checksum
    with pytest.raises(Internal):
        scoring.apply(CREATED)
    assert [request for request in busy.requests if "DynamoDB" in request] == ["DynamoDB_20120810.GetItem"]


def test_a_busy_table_is_tried_again_later(busy: BusyServer, scoring: Scoring) -> None:
    busy.table_is_busy = True
    with pytest.raises(Throttled):
        scoring.apply(CREATED)
    assert busy.requests[-1].endswith("GetItem")
    with pytest.raises(Throttled):
        scoring.apply(Deleted(ObjectRef(BUCKET, KEY), "2" * 64))
