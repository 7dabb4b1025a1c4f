"""The bill of docs/numbers.md: what a picture takes, counted on the real functions, and the sizes it is counted by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nima.image.thumbnail import THUMBNAIL_BYTES
from tests.bench.bill import BEGIN, END, Measured, measure, scoring, text
from tests.bench.meter import item_size, units
from tests.pictures import encode, scene

NUMBERS = Path(__file__).resolve().parents[2] / "docs" / "numbers.md"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    folder = tmp_path_factory.mktemp("pictures")
    for seed in range(3):
        (folder / f"{seed}.jpg").write_bytes(encode(scene(1200, 900, seed=seed), "JPEG"))
    return measure({f"shoes/summer/{path.name}": path for path in sorted(folder.iterdir())}, times=2)


def test_a_picture_takes_few_write_units_and_its_thumbnail_none(measured: Measured) -> None:
    """With its thumbnail in the table and all of a policy's words in its item it took more than 70."""
    assert set(measured.scored.units) == {"image", "index"}
    (writing,) = (row for row in scoring(measured) if row.what == "DynamoDB, write units")
    assert 8 <= float(writing.amount.partition(":")[0]) <= 16
    assert measured.item < 2 * 1024
    assert 1024 < measured.thumbnail <= THUMBNAIL_BYTES
    assert measured.scored.operations["s3.PutObject"] == measured.pictures
    assert measured.scored.operations["s3.DeleteObject"] == 0


def test_the_numbers_have_every_row(measured: Measured) -> None:
    document = NUMBERS.read_text(encoding="utf-8")
    shown = document.partition(BEGIN)[2].partition(END)[0]

    def rows(table: str) -> list[str]:
        return re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)

    assert rows(shown) == rows(text(measured))


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": {"S": "image#é"}}, 2 + 8),
        ({"n": {"N": "5"}}, 1 + 2),
        ({"n": {"N": "-12.345"}}, 1 + 4),
        ({"yes": {"BOOL": True}, "no": {"NULL": True}}, 3 + 1 + 2 + 1),
        ({"b": {"B": "AAAA"}}, 1 + 3),
        ({"l": {"L": [{"S": "ab"}, {"N": "10"}]}}, 1 + 3 + (1 + 2) + (1 + 2)),
        ({"m": {"M": {"a": {"S": "xyz"}}}}, 1 + 3 + (1 + 1 + 3)),
    ],
)
def test_sizes_are_those_of_the_developer_guide(item: dict[str, Any], size: int) -> None:
    assert item_size(item) == size


def test_units_are_whole_kilobytes() -> None:
    assert [units(size) for size in (0, 1, 1024, 1025, 2048)] == [1, 1, 1, 2, 2]
