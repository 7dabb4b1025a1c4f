"""Items that other releases left in the table: the API answers with them, and whatever happens to their keys works."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from nima.aws import clients
from nima.aws.table import ResultTable
from nima.aws.thumbnails import Thumbnails
from nima.local.stack import LocalStack
from tests.client import Reply, ask, post
from tests.integration.test_local_stack import picture, settle
from tests.older_documents import FIRST, FIRST_DELETED, FIRST_REJECTED, KEY, SECOND, with_
from tests.stacks import stack_of, table_name

SCORE = "ScoreFunction"
OTHER = "shoes/summer/2.jpg"
BROKEN = with_(SECOND, ("technical", "distribution"), [Decimal(1)])
LEFT = {
    "the first release's": FIRST,
    "the first release's refusal": FIRST_REJECTED,
    "the second release's": SECOND,
    "a damaged one": BROKEN,
    "a bare one": {"pk": f"image#{KEY}", "key": KEY, "category": "shoes", "collection": "summer", "score": Decimal(5)},
}


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    with stack_of(model_folder) as running:
        running.aws.s3.put_object(Bucket=running.bucket, Key=OTHER, Body=picture(2))
        settle(running)
        yield running


@pytest.fixture
def table(stack: LocalStack) -> ResultTable:
    bucket = stack.functions[SCORE].spec.environment["THUMBNAIL_BUCKET_NAME"]
    return ResultTable(table_name(stack), thumbnails=Thumbnails(bucket))


@pytest.fixture(params=LEFT.values(), ids=list(LEFT))
def left(request: pytest.FixtureRequest, stack: LocalStack) -> dict[str, Any]:
    """What a release left of the key."""
    item: dict[str, Any] = request.param
    leave(stack, item)
    return item


def leave(stack: LocalStack, item: dict[str, Any]) -> None:
    """Puts an item into the table, and makes the counters those of it and of the other picture."""
    items = clients.table(table_name(stack))
    for found in items.scan()["Items"]:
        if not str(found["pk"]).endswith(f"#{OTHER}"):
            items.delete_item(Key={"pk": found["pk"]})
    other: dict[str, Any] = items.get_item(Key={"pk": f"image#{OTHER}"})["Item"]
    for contribution in (counted["contribution"] for counted in (other, item) if "contribution" in counted):
        items.update_item(
            Key={"pk": f"stats#shoes#{contribution['shard']}"},
            UpdateExpression="ADD " + ", ".join(f"#c{n} :one" for n in range(4)),
            ExpressionAttributeNames={f"#c{n}": counter for n, counter in enumerate(contribution["counters"])},
            ExpressionAttributeValues={":one": 1},
        )
    items.put_item(Item=item)


def found(reply: Reply) -> Any:
    """What was asked for."""
    assert reply.status == 200, reply.body
    return reply.json


def test_the_api_answers_with_it_and_with_its_collection(stack: LocalStack, left: dict[str, Any]) -> None:
    path = f"/images/{quote(KEY, safe='')}"
    document = found(ask(stack, path))
    assert document["image"]["key"] == KEY
    scored = document["status"] == "scored"
    assert scored == (left in (FIRST, SECOND))
    assert ask(stack, f"{path}/figure").status == (200 if scored else 404)
    assert ask(stack, f"{path}/thumbnail").status == 404
    assert ask(stack, f"{path}/report").status == 200

    listed = "key" in left
    ranking = found(ask(stack, "/collections/summer/ranking"))
    keys = {entry["key"] for entry in ranking["entries"]} | {refused["key"] for refused in ranking["rejected"]}
    assert keys == ({KEY, OTHER} if listed else {OTHER})
    named = found(post(stack, "/rank", {"keys": [KEY, OTHER]}))
    assert named["missing"] == []
    assert [entry["key"] for entry in named["entries"]].count(KEY) == scored
    search = found(ask(stack, "/images?category=shoes"))
    assert {item["key"] for item in search["items"]} == ({KEY, OTHER} if scored and listed else {OTHER})
    assert ask(stack, "/collections/summer/ranking?format=csv").status == 200


@pytest.mark.parametrize("happens", ["upload", "delete", "named", "named and gone"])
def test_whatever_happens_to_its_key_works(
    stack: LocalStack, table: ResultTable, left: dict[str, Any], happens: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(stack.functions[SCORE], "invoke_async", events.append)
    stack.aws.s3.put_object(Bucket=stack.bucket, Key=KEY, Body=picture(random.randrange(9)))
    if happens in ("delete", "named and gone"):
        stack.aws.s3.delete_object(Bucket=stack.bucket, Key=KEY)
    event = {"keys": [KEY]} if happens.startswith("named") else events[-1]
    (result,) = stack.functions[SCORE].invoke(event)["results"]

    stands = happens in ("upload", "named")
    assert result["status"] == ("scored" if stands else "deleted")
    assert ask(stack, f"/images/{quote(KEY, safe='')}").status == (200 if stands else 404)
    assert (table.thumbnail(KEY) is not None) == stands
    assert table.stats("shoes").scored == (2 if stands else 1), "neither twice nor below what is there"


def test_a_picture_comes_back_after_a_tombstone_of_the_first_release(stack: LocalStack, table: ResultTable) -> None:
    leave(stack, FIRST_DELETED)
    assert ask(stack, f"/images/{quote(KEY, safe='')}").status == 404
    stack.aws.s3.put_object(Bucket=stack.bucket, Key=KEY, Body=picture(3))
    settle(stack)
    assert json.loads(ask(stack, f"/images/{quote(KEY, safe='')}").body)["status"] == "scored"
    assert table.stats("shoes").scored == 2
