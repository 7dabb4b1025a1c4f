"""What the table counts and lists, against a recount from the bucket: the real functions and shuffled events."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from nima.assess.assessor import Assessor
from nima.aws import clients
from nima.aws.events import Change, Malformed, read_changes
from nima.aws.scoring import STALE, UNCHANGED, Scoring
from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.catalogue.keys import KeyPattern
from nima.catalogue.stats import SCALES, CategoryStats, bin_of
from nima.document.vocabulary import SCORED
from nima.errors import Internal, NimaError, Throttled
from nima.local.lambda_service import FunctionError
from nima.local.stack import LocalStack
from nima.model.litert import LazyModel
from tests.stacks import stack_of, table_name

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef

SCORE = "ScoreFunction"
CATEGORIES = ("shoes", "bags", "hats")
PICTURES = 12


def picture(seed: int, side: int = 96) -> bytes:
    patches = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(patches).resize((side, side), Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()


@pytest.fixture
def stack(model_folder: Path) -> Iterator[LocalStack]:
    with stack_of(model_folder, NIMA_THREADS="1") as running:
        yield running


@pytest.fixture
def table(stack: LocalStack) -> ResultTable:
    return ResultTable(table_name(stack), thumbnails=Thumbnails(thumbnail_bucket(stack)))


def thumbnail_bucket(stack: LocalStack) -> str:
    return stack.functions[SCORE].spec.environment["THUMBNAIL_BUCKET_NAME"]


@pytest.fixture
def heard(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The bucket's events, which are only kept: a test sends them itself."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(stack.functions[SCORE], "invoke_async", events.append)
    return events


@pytest.fixture(scope="module")
def assessor(model_folder: Path) -> Assessor:
    return Assessor(LazyModel(model_folder, threads=1))


def upload(stack: LocalStack, key: str, body: bytes, **metadata: str) -> None:
    stack.aws.s3.put_object(Bucket=stack.bucket, Key=key, Body=body, Metadata=metadata)


def delete(stack: LocalStack, key: str) -> None:
    stack.aws.s3.delete_object(Bucket=stack.bucket, Key=key)


def invoke(stack: LocalStack, event: dict[str, Any]) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = stack.functions[SCORE].invoke(event)["results"]
    return results


def recount(stack: LocalStack, assessor: Assessor) -> tuple[dict[str, str], dict[str, Counter[str]]]:
    """Status by key, and counters by category, of the objects that the bucket has now."""
    status: dict[str, str] = {}
    counted: dict[str, Counter[str]] = {}
    for thing in stack.aws.s3.list_objects_v2(Bucket=stack.bucket).get("Contents", []):
        key = thing["Key"]
        answer = stack.aws.s3.get_object(Bucket=stack.bucket, Key=key)
        category = answer["Metadata"].get("category") or KeyPattern().place(key).category
        assert category
        counters = counted.setdefault(category, Counter())
        try:
            assessment = assessor.assess(answer["Body"].read())
        except NimaError:
            status[key] = "rejected"
            counters["rejected"] += 1
            continue
        status[key] = "scored"
        counters["scored"] += 1
        scores = (assessment.technical.mean, assessment.aesthetic.mean, assessment.composite.score)
        counters.update(f"{scale}:{bin_of(score)}" for scale, score in zip(SCALES, scores, strict=True))
    return status, counted


def counters_of(stats: CategoryStats) -> Counter[str]:
    counted = Counter({"scored": stats.scored, "rejected": stats.rejected})
    for scale in SCALES:
        histogram = stats.histograms[scale]
        counted.update({f"{scale}:{place}": count for place, count in enumerate(histogram.counts)})
    return +counted


def items(stack: LocalStack) -> dict[str, dict[str, Any]]:
    name = table_name(stack)
    found = clients.table(name).scan()
    assert "LastEvaluatedKey" not in found
    return {str(item["pk"]): item for item in found["Items"]}


def agree(stack: LocalStack, table: ResultTable, assessor: Assessor) -> None:
    """The table's results, thumbnails and counters are those of the bucket, and none is negative."""
    status, counted = recount(stack, assessor)
    everything = items(stack)
    standing = {
        pk.removeprefix("image#"): item["status"]
        for pk, item in everything.items()
        if pk.startswith("image#") and item["status"] != "deleted"
    }
    assert standing == status
    assert {key for key in status if table.thumbnail(key)} == {key for key, is_ in status.items() if is_ == "scored"}
    assert not [pk for pk in everything if pk.startswith("thumbnail#")]
    lying = stack.aws.s3.list_objects_v2(Bucket=thumbnail_bucket(stack)).get("Contents", [])
    assert len(lying) == sum(is_ == "scored" for is_ in status.values()), "one for each, and none left behind"
    for category in CATEGORIES:
        assert counters_of(table.stats(category)) == counted.get(category, Counter()), category
    for pk, item in everything.items():
        assert not pk.startswith("stats#") or all(value >= 0 for name, value in item.items() if name != "pk")


def test_shuffled_and_repeated_events_leave_what_a_recount_of_the_bucket_finds(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]], assessor: Assessor
) -> None:
    chance = random.Random(1)
    keys = [f"{CATEGORIES[n % 2]}/collection-{n % 5}/{n}.jpg" for n in range(15)]
    for step in range(30):
        key = keys[step] if step < len(keys) else chance.choice(keys)
        if step >= len(keys) and chance.random() < 0.3:
            delete(stack, key)
        else:
            body = b"no picture" if chance.random() < 0.15 else picture(chance.randrange(PICTURES))
            moved = {"category": chance.choice(CATEGORIES)} if chance.random() < 0.2 else {}
            upload(stack, key, body, **moved)
    events = heard + chance.choices(heard, k=10)
    assert len(events) == 40
    chance.shuffle(events)
    for event in events:
        invoke(stack, event)
    agree(stack, table, assessor)

    named = chance.sample(sorted(recount(stack, assessor)[0]), 8)
    assert {result["status"] for result in invoke(stack, {"keys": named})} <= {"scored", "rejected"}
    agree(stack, table, assessor)


def test_a_rescore_with_other_weights_moves_the_histogram_and_counts_nothing_twice(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]], assessor: Assessor
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1))
    invoke(stack, heard[0])
    before = table.stats("shoes").histograms["composite"]
    portrait = Assessor(assessor.model, style="portrait")
    scoring = rescoring(table, portrait)
    scoring.apply(change_of({"keys": ["shoes/a/1.jpg"]}, stack))
    after = table.stats("shoes")
    assert after.scored == after.histograms["composite"].total == before.total == 1
    rescored = table.get("shoes/a/1.jpg")
    assert rescored
    assert rescored.assessment
    assert after.histograms["composite"].counts[bin_of(rescored.assessment.composite.score)] == 1
    assert rescored.assessment.composite.style == "portrait"


def change_of(event: dict[str, Any], stack: LocalStack) -> Change:
    (change,) = read_changes(event, stack.bucket)
    assert not isinstance(change, Malformed)
    return change


def rescoring(table: ResultTable, assessor: Assessor) -> Scoring:
    """The score function's work with another assessor, and without a bus."""
    return Scoring(assessor, table, KeyPattern(), 30, publish=lambda _: None)


def test_another_category_by_metadata_takes_the_picture_out_of_the_first(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]], assessor: Assessor
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1))
    invoke(stack, heard[0])
    upload(stack, "shoes/a/1.jpg", picture(1), category="bags")
    invoke(stack, heard[1])
    assert (table.stats("shoes").scored, table.stats("bags").scored) == (0, 1)
    assert [result.image.key for result in table.search("bags")[0]] == ["shoes/a/1.jpg"]
    assert table.search("shoes") == ([], None)
    agree(stack, table, assessor)


def test_a_name_in_the_metadata_that_no_table_can_hold_is_refused(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]]
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1), category="x" * 1500)
    assert invoke(stack, heard[0])[0]["code"] == "invalid_request"
    assert table.stats("shoes").rejected == 1


def test_the_longest_key_there_is_is_listed(stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]]) -> None:
    key = "shoes/a/" + "x" * (1024 - len("shoes/a/.jpg")) + ".jpg"
    upload(stack, key, picture(1))
    invoke(stack, heard[0])
    assert [result.image.key for result in table.collection("a")] == [key]


def test_writers_of_one_key_and_of_one_category_lose_nothing(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]], assessor: Assessor
) -> None:
    """Versions of one key at once, beside other keys that share its category's counters."""
    for seed in range(6):
        upload(stack, "shoes/a/1.jpg", picture(seed))
        upload(stack, f"shoes/a/other-{seed}.jpg", picture(seed))
    scoring = rescoring(table, assessor)
    changes = [change for event in heard for change in read_changes(event, stack.bucket)] * 2
    random.Random(0).shuffle(changes)

    def apply(change: Any) -> str:
        for _ in range(20):
            try:
                return str(scoring.apply(change).status)
            except Throttled:
                continue
        raise AssertionError("it was never written")

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(apply, changes))
    assert set(outcomes) <= {SCORED, STALE, UNCHANGED}
    latest = stack.aws.s3.head_object(Bucket=stack.bucket, Key="shoes/a/1.jpg")["VersionId"]
    result = table.get("shoes/a/1.jpg")
    assert result
    assert result.image.version_id == latest
    status, counted = recount(stack, assessor)
    assert counters_of(table.stats("shoes")) == counted["shoes"]
    assert table.stats("shoes").scored == len(status) == 7


def test_a_result_takes_the_place_of_what_was_read_without_reading_it_again(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1))
    invoke(stack, heard[0])
    stored = table.stored("shoes/a/1.jpg")
    assert stored.result
    reads: list[str] = []
    read = ResultTable.stored

    def count(this: ResultTable, key: str) -> Any:
        reads.append(key)
        return read(this, key)

    monkeypatch.setattr(ResultTable, "stored", count)

    assert table.replace(stored.result, stored)
    assert reads == []
    # Now another revision is there than the one that is expected.
    assert not table.replace(stored.result, stored)
    assert reads == ["shoes/a/1.jpg"]
    assert table.stats("shoes").scored == 1


def test_a_cancelled_transaction_leaves_nothing_half_written(
    stack: LocalStack,
    table: ResultTable,
    heard: list[dict[str, Any]],
    assessor: Assessor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1))
    invoke(stack, heard[0])
    before = items(stack)
    upload(stack, "shoes/a/1.jpg", picture(2), category="bags")
    change = change_of(heard[1], stack)
    client = clients.dynamodb().meta.client
    transact = client.transact_write_items

    def spoilt(TransactItems: list[Any]) -> Any:
        """With a last write that cannot succeed."""
        last: UpdateTypeDef = {
            "TableName": TransactItems[0]["Put"]["TableName"],
            "Key": {"pk": "stats#bags#99"},
            "UpdateExpression": "ADD a :one",
            "ExpressionAttributeValues": {":one": 1},
            "ConditionExpression": "attribute_exists(pk)",
        }
        return transact(TransactItems=[*TransactItems, {"Update": last}])

    monkeypatch.setattr(client, "transact_write_items", spoilt)
    monkeypatch.setattr("nima.aws.table._FIRST_PAUSE", 0.0)
    with pytest.raises(Throttled):
        rescoring(table, assessor).apply(change)
    assert items(stack) == before


def test_a_transaction_that_the_service_refuses_is_raised(
    stack: LocalStack,
    table: ResultTable,
    heard: list[dict[str, Any]],
    assessor: Assessor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1))
    change = change_of(heard[0], stack)

    def refused(**_: Any) -> Any:
        raise ClientError(
            {
                "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
                "CancellationReasons": [{"Code": "ValidationError"}, {"Code": "None"}],
            },
            "TransactWriteItems",
        )

    monkeypatch.setattr(clients.dynamodb().meta.client, "transact_write_items", refused)
    with pytest.raises(Internal):
        rescoring(table, assessor).apply(change)
    assert items(stack) == {}


# Thumbnails


def test_thumbnails_are_small_jpegs_and_go_with_the_picture(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]]
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1, side=1500))
    invoke(stack, heard[0])
    jpeg = table.thumbnail("shoes/a/1.jpg")
    assert jpeg
    assert len(jpeg) <= 40 << 10
    with Image.open(io.BytesIO(jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (480, 480))
    upload(stack, "shoes/a/1.jpg", b"no picture")
    invoke(stack, heard[1])
    assert table.thumbnail("shoes/a/1.jpg") is None


# Events out


@pytest.fixture
def bus(stack: LocalStack) -> Callable[[], list[dict[str, Any]]]:
    """Reads what came out of the stack's bus, through a rule that sends it into a queue."""
    (name,) = (bus["Name"] for bus in stack.aws.events.list_event_buses()["EventBuses"] if bus["Name"] != "default")
    url = stack.aws.sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.aws.events.put_rule(Name="all", EventBusName=name, EventPattern=json.dumps({"source": ["nima"]}))
    stack.aws.events.put_targets(Rule="all", EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])

    def read() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            messages = stack.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            if not messages:
                return found
            for message in messages:
                stack.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))

    return read


def test_what_became_of_a_picture_is_told(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]], bus: Any
) -> None:
    upload(stack, "shoes/a/1 é.jpg", picture(1))
    upload(stack, "shoes/a/2.jpg", b"no picture")
    for event in heard:
        invoke(stack, event)
    scored, rejected = bus()
    result = table.get("shoes/a/1 é.jpg")
    assert result
    assert (scored["source"], scored["detail-type"]) == ("nima", "ImageScored")
    document, told = result.to_json(), scored["detail"]
    for name in ("status", "sequencer", "category", "collection", "composite", "model", "error"):
        assert told[name] == document[name], name
    assert (told["bucket"], told["key"]) == (stack.bucket, "shoes/a/1 é.jpg")
    assert told["technical"] == {"mean": document["technical"]["mean"], "std": document["technical"]["std"]}
    assert rejected["detail-type"] == "ImageRejected"
    assert rejected["detail"]["error"]["code"] == "unsupported_format"
    assert (rejected["detail"]["composite"], rejected["detail"]["technical"]) == (None, None)


def test_a_bus_that_fails_is_told_again_and_late_events_never(
    stack: LocalStack, table: ResultTable, heard: list[dict[str, Any]], bus: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(stack, "shoes/a/1.jpg", picture(1))
    upload(stack, "shoes/a/1.jpg", picture(2))
    stack.functions[SCORE].invoke(heard[0])
    bus()
    put_events = clients.events().put_events
    answers: list[Any] = [
        ClientError({"Error": {"Code": "InternalFailure", "Message": "no"}}, "PutEvents"),
        {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slower"}]},
    ]

    def failing(**entries: Any) -> Any:
        if not answers:
            return put_events(**entries)
        answer = answers.pop()
        if isinstance(answer, ClientError):
            raise answer
        return answer

    monkeypatch.setattr(clients.events(), "put_events", failing)
    for _ in range(2):
        with pytest.raises(FunctionError):
            invoke(stack, heard[1])
    assert bus() == []
    counted = counters_of(table.stats("shoes"))
    assert invoke(stack, heard[1])[0]["status"] == STALE, "it had been stored, so that it is only told"
    (told,) = bus()
    result = table.get("shoes/a/1.jpg")
    assert result
    assert told["detail"]["sequencer"] == result.sequencer
    assert counters_of(table.stats("shoes")) == counted

    invoke(stack, heard[0])
    assert bus() == [], "an older event is not told once a later one is stored"
