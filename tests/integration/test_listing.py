"""Lists of what the table has: collections, searches, pictures by their keys, and the place of each in its category.

These tests only read, so that one application serves them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nima.aws import index
from nima.aws.table import Position, ResultTable
from nima.catalogue.stats import bin_of
from nima.document.result import Result
from nima.errors import InvalidRequest
from nima.local.stack import LocalStack
from tests.integration.test_local_stack import settle
from tests.integration.test_result_table import picture, upload
from tests.stacks import stack_of, table_name


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    with stack_of(model_folder, NIMA_THREADS="1") as running:
        yield running


@pytest.fixture
def table(stack: LocalStack) -> ResultTable:
    return ResultTable(table_name(stack))


@pytest.fixture(scope="module")
def listed(stack: LocalStack) -> list[str]:
    """Twelve scored pictures and a text in one collection, and one picture in another."""
    keys = [f"shoes/summer/{n:02}.jpg" for n in range(12)]
    for seed, key in enumerate(keys):
        upload(stack, key, picture(seed))
    upload(stack, "shoes/summer/text.jpg", b"no picture")
    upload(stack, "shoes/winter/1.jpg", picture(20))
    settle(stack)
    return keys


def composite(result: Result) -> float:
    assert result.assessment
    return result.assessment.composite.score


def test_a_collection_is_listed_page_by_page_with_its_rejections(
    table: ResultTable, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [result.image.key for result in table.collection("summer")] == [*listed, "shoes/summer/text.jpg"]
    assert [result.image.key for result in table.collection("summer", limit=5)] == listed[:5]
    query = index.query

    def in_pages(*arguments: Any, limit: int, **named: Any) -> Any:
        return query(*arguments, limit=min(limit, 4), **named)

    monkeypatch.setattr(index, "query", in_pages)
    assert [result.image.key for result in table.collection("summer")] == [*listed, "shoes/summer/text.jpg"]
    assert table.collection("nothing") == []


def test_a_search_goes_through_a_range_of_scores_in_order(table: ResultTable, listed: list[str]) -> None:
    everything, following = table.search("shoes", limit=100)
    scores = [composite(result) for result in everything]
    assert following is None
    assert len(scores) == len(listed) + 1
    assert scores == sorted(scores, reverse=True)

    low, high = sorted(scores)[2], sorted(scores)[9]
    seen: list[float] = []
    start: Position | None = None
    while True:
        page, start = table.search("shoes", low, high, descending=False, limit=3, start=start)
        seen += [composite(result) for result in page]
        if start is None:
            break
    assert seen == [score for score in sorted(scores) if low <= score <= high]
    with pytest.raises(InvalidRequest):
        table.search("shoes", low, high, start=Position(high + 1, listed[0]))


def test_results_of_named_keys_come_in_that_order(table: ResultTable, listed: list[str]) -> None:
    asked = [listed[3], "no/such/key.jpg", listed[1], listed[3]]
    assert list(table.get_many(asked)) == [listed[3], listed[1]]


def test_the_readers_percentile_is_the_share_of_the_category_below(table: ResultTable, listed: list[str]) -> None:
    stats = table.stats("shoes")
    everything, _ = table.search("shoes", limit=100)
    assert stats.scored == len(everything)
    assert stats.rejected == 1
    for result in everything:
        assert result.assessment
        placed = stats.place(result).to_json()["technical"]["percentile"]["catalogue"]
        mine = bin_of(result.assessment.technical.mean)
        bins = [bin_of(other.assessment.technical.mean) for other in everything if other.assessment]
        below = sum(place < mine for place in bins) + sum(place == mine for place in bins) / 2
        assert placed == {"population": "category shoes", "value": round(100 * below / len(bins), 1)}
