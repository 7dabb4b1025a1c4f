"""Collections over real HTTP: a folder's by its id, and those that earlier releases knew by a name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from nima.aws import index
from nima.aws.table import ResultTable
from nima.catalogue.folders import Folder
from nima.catalogue.keys import KeyPattern
from nima.document.assessment import Deduction
from nima.document.result import Result
from nima.local.stack import LocalStack
from tests import stacks
from tests.integration.test_local_stack import picture, put
from tests.unit.test_catalogue import HASHES, result

BEFORE = KeyPattern("<category>/<collection>/<file>")
"""What earlier releases read keys by."""

Store = Callable[..., None]


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    with stacks.stack_of(model_folder) as running:
        yield running


@pytest.fixture(scope="module")
def table_name(stack: LocalStack) -> str:
    return stacks.table_name(stack)


@pytest.fixture(autouse=True)
def _empty(stack: LocalStack, table_name: str) -> Iterator[None]:
    """Leaves the table empty after each test."""
    yield
    for item in stack.aws.dynamodb.scan(TableName=table_name)["Items"]:
        stack.aws.dynamodb.delete_item(TableName=table_name, Key={"pk": item["pk"]})


@pytest.fixture
def store(table_name: str) -> Store:
    """Stores results of keys as this release does, or as one ``before`` it did."""

    def write(*keys: str, before: bool = False, metadata: str | None = None, pattern: KeyPattern | None = None) -> None:
        pattern = BEFORE if before else pattern or KeyPattern()
        table = ResultTable(table_name, pattern=pattern)
        for number, key in enumerate(keys):
            place = pattern.place(key)
            found = replace(
                result(key, 5 + number / 10, 5.0, phash=HASHES[number % len(HASHES)], category=place.category),
                collection=metadata or place.collection,
                sequencer="1" * 64,
            )
            assert table.replace(found, table.stored(key))

    return write


def ranking(stack: LocalStack, collection: str, query: str = "") -> dict[str, Any] | None:
    """A collection's ranking by its id; None where there is no such collection."""
    try:
        with urlopen(f"{stack.api}/collections/{quote(collection, safe='')}/ranking{query}") as answer:
            document: dict[str, Any] = json.load(answer)
            return document
    except HTTPError as error:
        with error:
            if (error.code, json.load(error)["error"]["code"]) != (404, "not_found"):
                raise
            return None


def members(stack: LocalStack, collection: str) -> set[str]:
    found = ranking(stack, collection)
    return {key for entry in found["entries"] for key in (entry["key"], *entry["duplicates"])} if found else set()


def test_a_surely_defective_picture_is_last_wherever_it_is_ranked(stack: LocalStack, table_name: str) -> None:
    soft = Deduction("soft", 0.9, 3.3, "px", "It is soft.", sure=True)
    keys = ["t/c/soft.jpg", "t/c/first.jpg", "t/c/second.jpg"]
    for key, score, deductions in zip(keys, (5.9, 5.0, 4.95), ((soft,), (), ()), strict=True):
        found = replace(result(key, score, score, deductions=deductions), collection="t~1c", sequencer="1" * 64)
        table = ResultTable(table_name)
        assert table.replace(found, table.stored(key))
    body = json.dumps({"keys": keys}).encode()
    with urlopen(Request(f"{stack.api}/rank", body, {"Content-Type": "application/json"})) as answer:
        named = json.load(answer)
    listed = ranking(stack, "t~1c")
    assert listed
    for answered in (named, listed):
        told = [(entry["key"], entry["tier"], entry["tier_codes"]) for entry in answered["entries"]]
        assert told == [("t/c/first.jpg", 1, []), ("t/c/second.jpg", 1, []), ("t/c/soft.jpg", 2, ["soft"])]
        assert [entry["deductions"][0]["sure"] for entry in answered["entries"] if entry["deductions"]] == [True]
        assert (answered["recommended"]["preference"], answered["recommended"]["tied"]) == (
            "tied",
            ["t/c/first.jpg", "t/c/second.jpg"],
        )
        assert (answered["best"], answered["best_passing"]) == ("t/c/first.jpg", "t/c/first.jpg")
    with urlopen(f"{stack.api}/collections/t~1c/ranking?format=csv") as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert [(row["path"], row["tier"], row["tier_codes"]) for row in rows] == [
        ("t/c/first.jpg", "1", ""),
        ("t/c/second.jpg", "1", ""),
        ("t/c/soft.jpg", "2", "soft"),
    ]


def test_every_folder_has_its_own_ranking_and_recommended_picture(stack: LocalStack) -> None:
    keys = ["shirts/red/front.jpg", "shoes/red/front.jpg", "shoes/red/back.jpg", "shoe-1/front.jpg", "front.jpg"]
    for seed, key in enumerate(keys):
        put(stack, key, picture(seed))
    assert members(stack, "shirts~1red") == {"shirts/red/front.jpg"}
    assert members(stack, "shoes~1red") == {"shoes/red/front.jpg", "shoes/red/back.jpg"}
    assert members(stack, "shoe-1") == {"shoe-1/front.jpg"}
    assert members(stack, "~") == {"front.jpg"}
    for key in keys:
        document = stack.document(key)
        assert document
        assert document["collection"] == Folder.of(key).id
        assert document["category"] == Folder.of(key).category
        ranked = ranking(stack, document["collection"])
        assert ranked
        assert Folder.of(ranked["recommended"]["key"]) == Folder.of(key)
    with urlopen(f"{stack.api}/images?category=shoes") as answer:
        assert {item["collection"] for item in json.load(answer)["items"]} == {"shoes~1red"}


@pytest.mark.parametrize(
    "folder",
    [
        "50% off",
        "a+b & c=d",
        "what?/really#1",
        "鞋子/红色 大码",
        "Größe 42/“neu”",
        "a~1b",
        "a/~/b",
        "~0",
        "%2F/%252F",
        "a;b,c:d@e/f'(g)*!$",
        "dots/..",
        "double//slash",
        "😀/\u3000",
        "x" * 300 + "/" + "y~" * 300,
    ],
)
def test_the_id_of_any_folder_survives_the_way(stack: LocalStack, store: Store, folder: str) -> None:
    store(f"{folder}/front.jpg", f"{folder}/deeper/front.jpg", f"other/{folder}/front.jpg")
    assert members(stack, Folder(folder).id) == {f"{folder}/front.jpg"}
    document = stack.document(f"{folder}/front.jpg") if ".." not in folder else None
    assert document is None or document["collection"] == Folder(folder).id


def test_ids_of_earlier_releases_still_answer(stack: LocalStack, store: Store) -> None:
    store("shoes/trail/1.jpg", "shoes/trail/deep/2.jpg", "bags/trail/3.jpg", "flat/4.jpg", before=True)
    store("x/y/5.jpg", before=True, metadata="trail")
    store("shoes/trail/6.jpg", "bags/tote/7.jpg")
    old = {"shoes/trail/1.jpg", "shoes/trail/deep/2.jpg", "bags/trail/3.jpg", "x/y/5.jpg"}
    assert members(stack, "trail") == {*old, "shoes/trail/6.jpg"}
    assert members(stack, "tote") == {"bags/tote/7.jpg"}


def test_what_earlier_releases_stored_is_found_by_its_folder(stack: LocalStack, store: Store) -> None:
    store("shoes/trail/1.jpg", "shoes/trail/deep/2.jpg", "bags/trail/3.jpg", before=True)
    store("shoes/trail/4.jpg", "shoes/trailing/5.jpg", "shoes/trail0")
    assert members(stack, "shoes~1trail") == {"shoes/trail/1.jpg", "shoes/trail/4.jpg"}
    assert members(stack, "shoes~1trail~1deep") == {"shoes/trail/deep/2.jpg"}
    document = stack.document("shoes/trail/1.jpg")
    assert document
    assert document["collection"] == "shoes~1trail"


def test_a_folder_of_the_first_level_wins_over_a_name_of_earlier_releases(stack: LocalStack, store: Store) -> None:
    store("shoes/red/1.jpg", "red/deep/3.jpg", before=True)
    assert members(stack, "red") == {"shoes/red/1.jpg"}
    store("red/2.jpg")
    assert members(stack, "red") == {"red/2.jpg"}
    store("x/y/4.jpg", metadata="red")
    assert members(stack, "red") == {"red/2.jpg", "x/y/4.jpg"}


def test_metadata_is_an_id_as_it_stands_and_may_join_a_folder(stack: LocalStack, store: Store) -> None:
    store("a/b/1.jpg", "a/b/2.jpg")
    store("c/d/3.jpg", metadata="winter/sale ~5")
    store("c/d/4.jpg", metadata="a~1b")
    assert members(stack, "winter/sale ~5") == {"c/d/3.jpg"}
    assert members(stack, "a~1b") == {"a/b/1.jpg", "a/b/2.jpg", "c/d/4.jpg"}
    assert members(stack, "c~1d") == set()


def test_a_prefix_of_uploads_is_no_folder(table_name: str, store: Store) -> None:
    pattern = KeyPattern(prefix="incoming/")
    store("incoming/shoes/red/1.jpg", "incoming/2.jpg", "incoming/red/3.jpg", pattern=pattern)
    store("shoes/red/4.jpg", "5.jpg", before=True)
    table = ResultTable(table_name, pattern=pattern)

    def keys(collection: str) -> list[str]:
        return [found.image.key for found in table.collection(collection)]

    assert keys("shoes~1red") == ["incoming/shoes/red/1.jpg", "shoes/red/4.jpg"]
    assert keys("~") == ["incoming/2.jpg"]
    assert keys("red") == ["incoming/red/3.jpg"]


def test_a_pattern_of_ones_own_names_collections_as_it_did(table_name: str, store: Store) -> None:
    pattern = KeyPattern("<collection>/<file>")
    store("sku-1/front.jpg", "sku-1/detail/sole.jpg", "other/sku-1/front.jpg", pattern=pattern)
    table = ResultTable(table_name, pattern=pattern)
    found = table.collection("sku-1")
    assert [one.image.key for one in found] == ["sku-1/detail/sole.jpg", "sku-1/front.jpg"]
    assert {one.collection for one in found} == {"sku-1"}


def test_a_folder_is_read_page_by_page_without_reading_its_folders_whole(
    table_name: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = [f"shop/red/{name}/{number}.jpg" for name in ("aa", "m", "zz") for number in range(7)]
    own = [f"shop/red/{name}.jpg" for name in ("a", "b", "m", "n", "z")] + ["shop/red/m0", "shop/red/zz0"]
    store(*inner, before=True)
    store(*own, "shop/red0", "shop/re/d.jpg")
    asked = []
    real = index.query

    def in_pages(*arguments: Any, limit: int, **named: Any) -> Any:
        answer = real(*arguments, limit=min(limit, 3), **named)
        asked.append([item["key"] for item in answer["Items"]])
        return answer

    monkeypatch.setattr(index, "query", in_pages)
    table = ResultTable(table_name)

    def read(limit: int) -> list[Result]:
        asked.clear()
        return table.collection("shop~1red", limit)

    assert [found.image.key for found in read(100)] == sorted(own)
    assert not set(inner) <= {key for page in asked for key in page}
    assert [found.image.key for found in read(4)] == sorted(own)[:4]
