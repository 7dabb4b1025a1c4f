"""Whatever happens to the bucket, and in whatever order its events come, the table ends as a recount of the bucket.

Random uploads, overwritings, deletions of all kinds, what undoes them, expirations, pictures kept by POST /evaluate and
keys that are named; their events late, twice, shuffled, six at a time, some lost; one in ten calls goes wrong before or
after it took effect, or ends the process. ``make test-order`` runs it at length.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.s3.models import FakeKey

from nima.assess.assessor import Assessor
from nima.aws import clients, process
from nima.aws.bus import Bus
from nima.aws.evaluating import Evaluating
from nima.aws.events import Malformed, read_changes
from nima.aws.place import place_of
from nima.aws.scoring import Scoring
from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.catalogue.keys import KeyPattern
from nima.catalogue.stats import SCALES, CategoryStats, bin_of
from nima.document.assessment import Assessment
from nima.document.composite import Weights
from nima.document.policy import Policy
from nima.document.result import Result
from nima.errors import NimaError, PermanentError
from nima.model.litert import LazyModel
from tests.integration.test_local_stack import picture
from tests.mocked import mocked_aws
from tests.order.bucket import Bucket, event
from tests.order.workers import Faults, Killed, Worker
from tests.unit.test_scoring import table_properties

SEED = int(os.environ.get("NIMA_ORDER_SEED", "1"))
EVENTS = int(os.environ.get("NIMA_ORDER_EVENTS", "60"))
FAULTS = 0.1
AT_ONCE, STANDS_STILL = 6, 0.25
LOST, TWICE = 0.03, 0.15
PHASE, HOT = 12, 2
BUCKET, THUMBNAILS, TABLE = "pictures", "thumbnails", "results"
KEYS = [f"{category}/{folder}/{n}.jpg" for category in ("shoes", "bags") for folder in "ab" for n in range(2)]
CATEGORIES = ("shoes", "bags", "hats")
FILES = [*(picture(seed, side=96) for seed in range(12)), b"no picture", b""]


@dataclass(frozen=True)
class Remembering(Assessor):
    """The real assessor, which is asked once for each file."""

    known: dict[str, Assessment | NimaError] = field(default_factory=dict)

    def assess(self, data: bytes, style: str | None = None, weights: Weights | None = None) -> Assessment:
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self.known:
            try:
                self.known[digest] = super().assess(data, style, weights)
            except PermanentError as error:
                self.known[digest] = error
        found = self.known[digest]
        if isinstance(found, NimaError):
            raise type(found)(found.message)  # a new one: what is raised again and again remembers every time
        return found


@pytest.fixture(scope="module")
def assessor(model_folder: Any) -> Remembering:
    return Remembering(LazyModel(model_folder, threads=1), thumbnails=True)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("nima.aws.table._FIRST_PAUSE", 0.0)
    process.reset()
    with mocked_aws():
        boto3.client("dynamodb").create_table(TableName=TABLE, **table_properties())
        client = boto3.client("s3")
        client.create_bucket(Bucket=THUMBNAILS, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        yield Bucket(client, BUCKET)
    process.reset()


def results() -> ResultTable:
    return ResultTable(TABLE, thumbnails=Thumbnails(THUMBNAILS))


@dataclass
class Invocation:
    """A function at work.

    Attributes:
        worker: Does the work.
        sent: Its event and the id of the invocation, which further attempts have too; None for a request of the API.
        priority: The highest one goes on.
    """

    worker: Worker
    sent: tuple[dict[str, Any], str] | None
    priority: float


class World:
    """The bucket, the functions, and all that is on its way between them."""

    def __init__(self, bucket: Bucket, assessor: Assessor, seed: int) -> None:
        self.chance = random.Random(seed)
        self.bucket = bucket
        self.faults = Faults(random.Random(seed + 1), FAULTS)
        self.heard: list[Result] = []
        self.deliveries = 0
        table, bus = results(), Bus("default")

        def publish(result: Result) -> None:
            bus.publish(result)
            self.heard.append(result)

        self.scoring = Scoring(assessor, table, KeyPattern(), tombstone_days=30, publish=publish)
        self.evaluating = Evaluating(assessor, table, BUCKET, KeyPattern())
        self.waiting: list[tuple[dict[str, Any], str]] = []
        self.running: list[Invocation] = []
        self.lost: set[str] = set()
        self.hot = KEYS
        self.mended = 0
        for client in (clients.s3(), clients.dynamodb().meta.client, clients.events()):
            self.faults.watch(client)
        self._watch_uploads()

    def _watch_uploads(self) -> None:
        """What the function behind POST /evaluate puts is told too, whatever becomes of that function."""
        asked: dict[int, Any] = {}
        events = clients.s3().meta.events

        def ask(params: Any, **_: Any) -> None:
            asked[threading.get_ident()] = dict(params)

        def put(parsed: Any, http_response: Any, **_: Any) -> None:
            mine = asked[threading.get_ident()]
            if http_response.status_code == 200 and mine["Bucket"] == BUCKET:
                self.bucket.was_put(mine["Key"], parsed, len(mine["Body"]))

        events.register("before-parameter-build.s3.PutObject", ask)

        # Before the faults of the call's end.
        events.register_first("after-call.s3.PutObject", put)

    def change(self) -> None:
        """Something happens to the bucket, or somebody asks for something."""
        key, bridge = self.chance.choice(self.hot), self.chance.random() < 0.3
        versions = self.bucket.versions(key)
        what = self.chance.random()
        if what < 0.40 or not versions:
            metadata = {"category": self.chance.choice(CATEGORIES)} if self.chance.random() < 0.2 else {}
            self.bucket.put(key, self.chance.choice(FILES), metadata, bridge=bridge)
        elif what < 0.55:
            self.bucket.delete(key, expired=self.chance.random() < 0.3, bridge=bridge)
        elif what < 0.65:
            self.bucket.delete_version(key, versions[0][0])  # the newest; of a marker, an undelete
        elif what < 0.80:
            version, _ = self.chance.choice(versions)
            self.bucket.delete_version(key, version, expired=self.chance.random() < 0.4)
        elif what < 0.90:
            self.bucket.told += 1
            self.bucket.events.append({"keys": [key]})
        else:
            body = self.chance.choice(FILES[:-2])
            self._start(lambda: self.evaluating.evaluate(body, None, None, key), None)

    def deliver(self) -> None:
        """An event that waits comes to the function, and maybe once more later."""
        place = self.chance.randrange(len(self.waiting))
        sent = self.waiting[place]
        if self.chance.random() >= TWICE:
            del self.waiting[place]
        self.deliveries += 1
        self._start(lambda: self._apply(*sent), sent)

    def step(self) -> None:
        """One invocation goes on to its next call; where it fails its event waits again.

        The one of the highest priority does, which it may lose anywhere on its way: then it stands still while others
        come and go, and what it saw gets old.
        """
        first = max(self.running, key=lambda invocation: invocation.priority)
        worker, sent = first.worker, first.sent
        worker.step()
        if not worker.done:
            if self.chance.random() < STANDS_STILL:
                first.priority = self.chance.random() / 100
            return
        self.running.remove(first)
        if worker.error is not None and not isinstance(worker.error, NimaError | Killed):
            raise worker.error
        if worker.error is not None and sent:
            self.waiting.append(sent)

    def collect(self) -> None:
        """New events are on their way; some never come."""
        for told in self.bucket.events:
            if self.chance.random() < LOST:
                self.lost.add(self._key(told))
            else:
                self.waiting.append((told, f"request-{self.bucket.told}-{len(self.waiting)}"))
        self.bucket.events.clear()

    def be_busy(self, events: int) -> None:
        """Much happens to few keys, while events of before are on their way."""
        end = self.bucket.told + events
        self.hot = self.chance.sample(KEYS, HOT)
        while self.bucket.told < end:
            does = self.chance.random()
            if does < 0.1:
                self.change()
            elif does < 0.4 and self.waiting and len(self.running) < AT_ONCE:
                self.deliver()
            elif self.running:
                self.step()
            self.collect()

    def mend(self) -> None:
        """What lost events would have told is mended by naming their keys."""
        self.mended += len(self.lost)
        self.waiting += [({"keys": [key]}, "mend") for key in sorted(self.lost)]
        self.lost.clear()
        self.settle()

    def settle(self) -> None:
        """Everything that is on its way arrives."""
        while self.waiting or self.running:
            if self.waiting and len(self.running) < AT_ONCE and self.chance.random() < 0.4:
                self.deliver()
            elif self.running:
                self.step()
            self.collect()

    def _apply(self, told: dict[str, Any], request: str) -> None:
        for change in read_changes(told, BUCKET):
            assert not isinstance(change, Malformed), change.error
            self.scoring.apply(change, request)

    def _key(self, told: dict[str, Any]) -> str:
        (change,) = read_changes(told, BUCKET)
        assert not isinstance(change, Malformed)
        return change.image.key

    def _start(self, task: Any, sent: Any) -> None:
        self.running.append(Invocation(Worker(task), sent, self.chance.random()))


def test_the_table_ends_as_a_recount_of_the_bucket(bucket: Bucket, assessor: Remembering) -> None:
    world = World(bucket, assessor, SEED)
    while bucket.told < EVENTS:
        world.be_busy(PHASE)
        world.settle()
        world.mend()
        agree(bucket, assessor, world.heard)
        bucket.keep_versions()
        forget_copies()
    print(
        f"seed {SEED}: {bucket.told} events, {world.deliveries} deliveries, {world.faults.injected} faults, "
        f"{world.mended} keys mended, {bucket.told // PHASE} times equal to a recount"
    )
    assert world.faults.injected > EVENTS / 20


def forget_copies() -> None:
    """moto keeps a list of all that it ever made, with the copy of the whole table that each transaction makes."""
    kinds: tuple[Any, ...] = (Table, Item, FakeKey)  # their metaclass adds the list
    for kind in kinds:
        kind.instances_tracked.clear()


def agree(bucket: Bucket, assessor: Assessor, heard: list[Result], keys: Sequence[str] = KEYS) -> None:
    """Results, thumbnails, counters and what was told are those of what the bucket shows."""
    table = results()
    counted: dict[str, Counter[str]] = {category: Counter() for category in CATEGORIES}
    told = {(result.image.key, result.image.version_id, result.image.etag, result.scored_at) for result in heard}
    for key in keys:
        shown, result = bucket.shown(key), table.get(key)
        if shown is None:
            assert result is None, key
            assert table.thumbnail(key) is None, key
            assert table.stored(key).contribution is None, key
            continue
        assert result, key
        version = shown.get("VersionId")
        assert (result.image.version_id or "null", result.image.etag) == (version or "null", shown["ETag"].strip('"'))
        place = place_of(shown["Metadata"], KeyPattern().place(key))
        assert (result.category, result.collection) == (place.category, place.collection), key
        assert place.category
        expected = outcome(assessor, shown["Body"].read())
        if isinstance(expected, PermanentError):
            assert (result.error and result.error.code) == expected.code, key
            assert table.thumbnail(key) is None, key
            counted[place.category]["rejected"] += 1
        else:
            assert result.assessment, key
            assert result.assessment.judged(Policy()) == expected, key
            assert table.thumbnail(key) == expected.thumbnail, key
            counted[place.category].update(counters(expected))
        assert (key, result.image.version_id, result.image.etag, result.scored_at) in told, key
    for category in CATEGORIES:
        assert counters_of(table.stats(category)) == +counted[category], category


def outcome(assessor: Assessor, data: bytes) -> Assessment | PermanentError:
    try:
        return assessor.assess(data)
    except PermanentError as error:
        return error


def counters(assessment: Assessment) -> list[str]:
    scores = (assessment.technical.mean, assessment.aesthetic.mean, assessment.composite.score)
    return ["scored", *(f"{scale} {bin_of(score)}" for scale, score in zip(SCALES, scores, strict=True))]


def counters_of(stats: CategoryStats) -> Counter[str]:
    counted = Counter({"scored": stats.scored, "rejected": stats.rejected})
    for scale in SCALES:
        counted.update(
            {f"{scale} {place}": count for place, count in enumerate(stats.histograms[scale].counts) if count}
        )
    assert min(counted.values()) >= 0
    return +counted


def test_a_bucket_that_is_emptied_restored_and_expired_leaves_nothing_else(
    bucket: Bucket, assessor: Remembering
) -> None:
    bucket.keep_versions()
    heard: list[Result] = []
    keys = KEYS[2:8]
    scoring = Scoring(assessor, results(), KeyPattern(), tombstone_days=30, publish=heard.append)

    def arrive() -> None:
        for told in bucket.events:
            for change in read_changes(told, BUCKET):
                assert not isinstance(change, Malformed)
                scoring.apply(change)
        bucket.events.clear()
        agree(bucket, assessor, heard, keys)

    for number, key in enumerate(keys):
        bucket.put(key, FILES[number % 5], {})
        bucket.put(key, FILES[number % 7], {})
    arrive()
    for number, key in enumerate(keys):
        bucket.delete(key, bridge=number % 2 == 0)
    arrive()
    for key in keys:
        (marker, is_marker), *_ = bucket.versions(key)
        assert is_marker
        bucket.delete_version(key, marker)
    arrive()
    assert sum(ResultTable(TABLE).stats(category).scored for category in CATEGORIES) == len(keys)
    for number, key in enumerate(keys):
        bucket.delete(key, expired=True, bridge=number % 2 == 0)
    arrive()
    for key in keys:
        for version, _ in bucket.versions(key):
            bucket.delete_version(key, version, expired=True)
    # And all of it told once more, by documents that say nothing of their order.
    bucket.events += [event("s3-expired-for-good", BUCKET, key) for key in keys]
    arrive()
    assert all(ResultTable(TABLE).stats(category).scored == 0 for category in CATEGORIES)
