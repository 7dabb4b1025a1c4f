"""Thumbnails beside the table: a result's is always there, whoever ends in between, and what it replaced is gone."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from PIL import Image

from nima.aws import clients, process
from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.document.result import Result
from nima.errors import Internal
from nima.image.thumbnail import make_thumbnail
from tests.mocked import mocked_aws
from tests.pictures import scene
from tests.unit.test_catalogue import rejected, result
from tests.unit.test_scoring import TABLE_NAME, table_properties

BUCKET, KEY = "thumbnails", "shoes/summer/1.jpg"
FIRST, SECOND, THIRD = ("1" * 64, "2" * 64, "3" * 64)


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    process.reset()
    with pytest.MonkeyPatch.context() as patch, mocked_aws():
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        clients.s3().create_bucket(Bucket=BUCKET)
        clients.dynamodb().create_table(TableName=TABLE_NAME, **table_properties())
        yield
    process.reset()


@pytest.fixture
def table() -> ResultTable:
    """Of an empty table, beside an empty bucket."""
    for key in kept():
        clients.s3().delete_object(Bucket=BUCKET, Key=key)
    for item in items(""):
        clients.table(TABLE_NAME).delete_item(Key={"pk": item["pk"]})
    return ResultTable(TABLE_NAME, thumbnails=Thumbnails(BUCKET))


@cache
def jpeg(seed: int) -> bytes:
    return make_thumbnail(scene(320, 240, seed=seed))


def scored(seed: int, sequencer: str = FIRST, key: str = KEY) -> Result:
    """A result of a version of its own, with a thumbnail."""
    made = result(key, 5.0, 5.0)
    assert made.assessment
    image = replace(made.image, etag=f"{seed:032x}", version_id=f"v{seed}")
    return replace(made, image=image, sequencer=sequencer, assessment=replace(made.assessment, thumbnail=jpeg(seed)))


def store(table: ResultTable, stored: Result) -> bool:
    return table.replace(stored, table.stored(stored.image.key))


def bury(table: ResultTable, sequencer: str) -> bool:
    return table.bury(KEY, table.stored(KEY), sequencer, expires_at=2_000_000_000)


def kept() -> list[str]:
    """The keys in the bucket."""
    return [found["Key"] for found in clients.s3().list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def items(kind: str) -> list[dict[str, Any]]:
    found = clients.table(TABLE_NAME).scan()["Items"]
    return [item for item in found if str(item["pk"]).startswith(kind)]


def put_earlier(stored: Result, thumbnail: bytes) -> None:
    """What an earlier release left: a result whose thumbnail is an item of the table."""
    ResultTable(TABLE_NAME).replace(stored, ResultTable(TABLE_NAME).stored(KEY))
    clients.table(TABLE_NAME).put_item(Item={"pk": f"thumbnail#{KEY}", "jpeg": thumbnail})


def before(service: Any, operation: str, hook: Callable[[], object], *, after: bool = False) -> None:
    """Calls a hook once, before the next call of an operation is sent or after it was answered."""
    client = service.meta.client if service is clients.dynamodb() else service
    name = f"{'after' if after else 'before'}-call.{client.meta.service_model.service_name}.{operation}"

    def once(**arguments: Any) -> None:
        client.meta.events.unregister(name, unique_id="once")
        hook()

    client.meta.events.register(name, once, unique_id="once")


def refused() -> None:
    raise ClientError({"Error": {"Code": "InternalError", "Message": "We encountered an internal error."}}, "Any")


def cancelled() -> None:
    reasons: Any = [{"Code": "ConditionalCheckFailed"}]
    error: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
    raise ClientError(error, "TransactWriteItems")


def died() -> None:
    raise EndpointConnectionError(endpoint_url="https://gone.example")


def test_a_thumbnail_lies_in_the_bucket_and_costs_the_table_nothing(table: ResultTable) -> None:
    assert store(table, scored(1))

    found = table.thumbnail(KEY)
    assert found == jpeg(1)
    assert Image.open(io.BytesIO(found)).format == "JPEG"
    (key,) = kept()
    assert f"{1:032x}" in key
    assert clients.s3().head_object(Bucket=BUCKET, Key=key)["ContentType"] == "image/jpeg"
    assert items("thumbnail#") == []
    (item,) = items("image#")
    assert not any(isinstance(value, bytes) or hasattr(value, "value") for value in item.values())
    assert "thumbnail" not in table.get(KEY).to_json()  # type: ignore[union-attr]


def test_the_longest_key_has_a_thumbnail(table: ResultTable) -> None:
    key = "商" * 341 + "x"
    assert len(key.encode()) == 1024
    assert store(table, scored(1, key=key))
    assert table.thumbnail(key) == jpeg(1)
    assert table.thumbnail("another") is None


def test_what_takes_a_results_place_takes_its_thumbnails_too(table: ResultTable) -> None:
    assert store(table, scored(1))
    assert store(table, scored(2, SECOND))
    assert (table.thumbnail(KEY), len(kept())) == (jpeg(2), 1)

    assert store(table, replace(rejected(KEY), sequencer=SECOND))
    assert (table.thumbnail(KEY), kept()) == (None, [])

    assert store(table, scored(2, SECOND))
    assert bury(table, THIRD)
    assert (table.thumbnail(KEY), kept()) == (None, [])


def test_the_same_version_scored_again_keeps_one(table: ResultTable) -> None:
    for _ in range(3):
        assert store(table, scored(1))
        assert (table.thumbnail(KEY), len(kept())) == (jpeg(1), 1)


def test_whoever_comes_too_late_takes_only_his_own_away(table: ResultTable) -> None:
    for seed in (1, 2):  # the same version, told twice, and another one
        expected = table.stored(KEY)
        assert store(table, scored(1))
        assert not table.replace(scored(seed, SECOND), expected)
        assert (table.thumbnail(KEY), len(kept())) == (jpeg(1), 1)


def test_an_undeleted_version_keeps_its_thumbnail_however_late_the_old_one_is_deleted(table: ResultTable) -> None:
    """The burial's delete comes after the same version was stored again."""
    assert store(table, scored(1))
    before(clients.s3(), "DeleteObject", lambda: store(table, scored(1, THIRD)))
    assert bury(table, SECOND)
    assert (table.thumbnail(KEY), len(kept())) == (jpeg(1), 1)


@pytest.mark.parametrize("how", [refused, died])
def test_without_its_thumbnail_no_result_is_stored(table: ResultTable, how: Callable[[], None]) -> None:
    assert store(table, scored(1))
    revision = table.stored(KEY).next_revision
    before(clients.s3(), "PutObject", how)
    with pytest.raises(Internal):
        store(table, scored(2, SECOND))
    assert (table.thumbnail(KEY), table.stored(KEY).next_revision) == (jpeg(1), revision)


def test_who_dies_before_the_transaction_leaves_one_behind_and_harms_nobody(table: ResultTable) -> None:
    before(clients.dynamodb(), "TransactWriteItems", died)
    with pytest.raises(Internal):
        store(table, scored(1))
    assert (table.thumbnail(KEY), len(kept())) == (None, 1)
    assert store(table, scored(1))
    assert table.thumbnail(KEY) == jpeg(1)


def test_a_transaction_whose_answer_is_lost_may_have_taken_effect(table: ResultTable) -> None:
    before(clients.dynamodb(), "TransactWriteItems", died, after=True)
    with pytest.raises(Internal):
        store(table, scored(1))
    assert table.thumbnail(KEY) == jpeg(1)


def test_a_write_that_looks_as_if_it_had_come_too_late_keeps_what_it_refers_to(table: ResultTable) -> None:
    """Where an answer is lost, the attempt after it finds what the one before has written."""
    before(clients.dynamodb(), "TransactWriteItems", cancelled, after=True)
    assert not store(table, scored(1))
    assert table.thumbnail(KEY) == jpeg(1)


def test_a_lost_deletion_is_logged_and_fails_nothing(table: ResultTable, caplog: pytest.LogCaptureFixture) -> None:
    assert store(table, scored(1))
    before(clients.s3(), "DeleteObject", refused)
    with caplog.at_level(logging.WARNING):
        assert store(table, scored(2, SECOND))
    assert (table.thumbnail(KEY), len(kept())) == (jpeg(2), 2)
    assert "left behind" in caplog.text
    assert KEY in caplog.text


def test_a_reader_gets_the_new_one_where_the_old_one_goes_meanwhile(table: ResultTable) -> None:
    assert store(table, scored(1))
    before(clients.s3(), "GetObject", lambda: store(table, scored(2, SECOND)))
    assert table.thumbnail(KEY) == jpeg(2)

    before(clients.s3(), "GetObject", lambda: bury(table, THIRD))
    assert table.thumbnail(KEY) is None


def test_one_that_somebody_deleted_is_not_there(table: ResultTable) -> None:
    assert store(table, scored(1))
    clients.s3().delete_object(Bucket=BUCKET, Key=kept()[0])
    assert table.thumbnail(KEY) is None


def test_a_service_that_fails_is_no_missing_thumbnail(table: ResultTable) -> None:
    assert store(table, scored(1))
    before(clients.s3(), "GetObject", refused)
    with pytest.raises(Internal):
        table.thumbnail(KEY)


def test_a_thumbnail_of_an_earlier_release_is_served_and_goes_with_its_result(table: ResultTable) -> None:
    put_earlier(scored(1), jpeg(1))
    assert table.thumbnail(KEY) == jpeg(1)
    assert store(table, scored(2, SECOND))
    assert (table.thumbnail(KEY), items("thumbnail#"), len(kept())) == (jpeg(2), [], 1)

    assert bury(table, THIRD)
    put_earlier(scored(1, THIRD), jpeg(1))
    assert bury(table, THIRD)
    assert (table.thumbnail(KEY), items("thumbnail#"), kept()) == (None, [], [])
