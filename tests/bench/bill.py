"""What a million pictures cost on AWS: the functions run on the local stack, what they ask for is counted and priced.

Lambda's time for a picture is what `make bench-cold` measured in the container.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

import click

from nima.catalogue.stats import SHARDS
from nima.local.files import expanded
from nima.local.pictures import default_pictures, pictures_of
from nima.local.server import listen
from nima.local.stack import LocalStack, local_stack
from nima.local.template import Template
from nima.model.folder import SHIPPED
from tests.bench.meter import READ_BYTES, TRANSACTION, Meter, item_size, units

ROOT = Path(__file__).resolve().parents[2]
MODELS = {"NIMA_MODELS": str(SHIPPED)}
BEGIN, END = "<!-- bill: written by `make bill` -->", "<!-- /bill -->"
QUERY = "QueryFunction"
ASKED = 50

PLACE = "us-east-1, November 2026, without free tiers"
# US dollars for a million,
WRITE_UNIT, READ_UNIT = 0.625, 0.125
S3_PUT, S3_GET = 5.00, 0.40
EVENT, TRACE, INVOCATION, API_REQUEST = 1.00, 5.00, 0.20, 3.50
# for a gigabyte,
LOGS, TRANSFER = 0.50, 0.09
S3_MONTH, TABLE_MONTH, BACKUP_MONTH = 0.023, 0.25, 0.20
# and for a gigabyte-second.
GIGABYTE_SECOND = 0.0000166667

MILLION, GIGABYTE = 10**6, 2**30
TRACED = 0.05
"""Share of the invocations that X-Ray picks by itself."""
SPREAD = range(40, 140)
"""The bins of each scale that the pictures of a large category lie in: those from 3 to 8 points."""
PROCESSOR = 1769
"""Megabytes with which one whole processor comes."""


@dataclass(frozen=True)
class Row:
    """One line of a bill: what, how much of it for one, and US dollars for a million."""

    what: str
    amount: str
    dollars: float


@dataclass(frozen=True)
class Measured:
    """What was counted.

    Attributes:
        pictures: How many were scored.
        scored: What scoring them asked for.
        uploaded: Bytes of the pictures.
        logged: Bytes that scoring them wrote to the log.
        shard: Bytes of one item of counters of a large category.
        item: Bytes of a result's item, the mean.
        asked: By route, what one request asked for, the function's processor time in seconds and the answer's bytes.
    """

    pictures: int
    scored: Meter
    uploaded: int
    logged: int
    shard: int
    asked: dict[str, tuple[Meter, float, int]]

    @property
    def item(self) -> float:
        return self.scored.stored / self.pictures

    @property
    def thumbnail(self) -> float:
        return self.scored.put / self.pictures


def measure(files: dict[str, Path], times: int = ASKED) -> Measured:
    """Scores pictures, and asks for one of them some times, on the local stack."""
    meter = Meter()
    with meter.running(), output() as logged, local_stack(Template(ROOT), listen(0), MODELS) as stack:
        for key, path in files.items():
            stack.aws.s3.upload_file(str(path), stack.bucket, key)
        while stack.busy:
            time.sleep(0.05)
        scored = meter.take()
        key = next(iter(files))
        asked = {part: _ask(stack, f"{stack.image_url(key)}{part}", meter, times) for part in ("", "/thumbnail")}
    uploaded = sum(path.stat().st_size for path in files.values())
    return Measured(len(files), scored, uploaded, logged[0], _full_shard(scored.counters), asked)


@contextmanager
def output() -> Iterator[list[int]]:
    """Takes what this process writes to its standard output inside; the list has its bytes afterwards."""
    size: list[int] = []
    kept = os.dup(1)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        try:
            yield size
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            size.append(file.seek(0, os.SEEK_END))


def _full_shard(counters: set[str]) -> int:
    """Bytes of one item of counters once a category is large."""
    kinds = {name.rstrip("0123456789") for name in counters}
    scales = {kind for kind in kinds if kind not in counters}
    names = [*(kinds - scales), *(f"{scale}{place}" for scale in scales for place in SPREAD)]
    return item_size({name: {"N": str(MILLION // SHARDS // len(SPREAD))} for name in names})


def _ask(stack: LocalStack, url: str, meter: Meter, times: int) -> tuple[Meter, float, int]:
    seconds: list[float] = []
    function = stack.functions[QUERY]
    handler = function.handler

    def timed(event: Any, context: Any) -> Any:
        started = time.thread_time()
        try:
            return handler(event, context)
        finally:
            seconds.append(time.thread_time() - started)

    function.handler = timed
    for _ in range(times):
        meter.take()
        with urlopen(url) as answer:
            body = answer.read()
    function.handler = handler
    return meter.take(), median(seconds), len(body)


def scoring(found: Measured) -> list[Row]:
    """What scoring a picture costs, once."""
    figures = json.loads((ROOT / "docs/bench-cold.json").read_text(encoding="utf-8"))["figures"]
    (cold,) = (f for f in figures if f["subject"] == "nima-lite" and f["memory"] == PROCESSOR)
    calls = {name: count / found.pictures for name, count in found.scored.operations.items()}
    written = {name: count / found.pictures for name, count in found.scored.units.items()}
    written["counters"] = TRANSACTION * units(found.shard) * found.scored.counted / found.pictures
    parts = ", ".join(f"{name} {count:.1f}" for name, count in written.items())
    read, events = calls["dynamodb.GetItem"], calls["events.PutEvents"]
    gets, puts = calls["s3.GetObject"], calls.get("s3.PutObject", 0)
    logged = found.logged / found.pictures
    return [
        Row("Lambda", f"{cold['p50'] * 1e3:.0f} ms at {PROCESSOR} MB", cold["dollars"]),
        Row("DynamoDB, write units", f"{sum(written.values()):.1f}: {parts}", sum(written.values()) * WRITE_UNIT),
        Row("DynamoDB, read units", f"{read:.1f}", read * READ_UNIT),
        Row("S3: the upload", f"1 PUT of {found.uploaded / found.pictures / 1024:.0f} KB", S3_PUT),
        Row("S3: reading it", f"{gets:.1f} GET", gets * S3_GET),
        Row("S3: the thumbnail", f"{puts:.1f} PUT of {found.thumbnail / 1024:.0f} KB", puts * S3_PUT),
        Row("EventBridge", f"{events:.1f} events", events * EVENT),
        Row("CloudWatch Logs", f"{logged / 1024:.1f} KB", logged / GIGABYTE * MILLION * LOGS),
        Row("X-Ray", f"{TRACED:.0%} of the invocations", TRACED * TRACE),
    ]


def keeping(found: Measured) -> list[Row]:
    """What keeping a picture and its result costs each month."""
    tables = 3 * found.item  # both indexes have the whole item
    kept = [
        ("the pictures in S3", found.uploaded / found.pictures, S3_MONTH),
        ("the thumbnails in S3", found.thumbnail, S3_MONTH),
        ("the table and its indexes", tables, TABLE_MONTH),
        ("the table's backups", found.item, BACKUP_MONTH),
    ]
    return [Row(what, f"{size / 1024:.1f} KB", size / GIGABYTE * MILLION * price) for what, size, price in kept]


def asking(found: Measured, part: str) -> float:
    """US dollars of a million requests for a picture's document, or for a ``part`` of it."""
    meter, seconds, size = found.asked[part]
    read = sum(units(found.shard if pk.startswith("stats#") else int(found.item), READ_BYTES) for pk in meter.read)
    # Lambda gives processor time by memory: with less it takes as much longer, and costs the same.
    billed = seconds * PROCESSOR / 1024
    return (
        API_REQUEST
        + INVOCATION
        + billed * GIGABYTE_SECOND * MILLION
        + read * READ_UNIT
        + meter.operations["s3.GetObject"] * S3_GET
        + size / GIGABYTE * MILLION * TRANSFER
    )


def text(found: Measured) -> str:
    """The bill in Markdown."""
    once, monthly = scoring(found), keeping(found)
    rows = ["| scoring a million pictures, once | for each | $ |", "|---|---|---|"]
    rows += [f"| {row.what} | {row.amount} | {row.dollars:.2f} |" for row in once]
    rows.append(f"| **together** | | **{sum(row.dollars for row in once):.2f}** |")
    rows += ["", "| keeping them, a month | for each | $ |", "|---|---|---|"]
    rows += [f"| {row.what} | {row.amount} | {row.dollars:.2f} |" for row in monthly]
    jpeg = found.thumbnail
    before = TRANSACTION * units(int(jpeg)) * WRITE_UNIT
    rows += [
        "",
        f"A million requests for documents cost ${asking(found, ''):.2f} and for thumbnails "
        f"${asking(found, '/thumbnail'):.2f}: API Gateway, Lambda, reading, and transfer to the internet. Prices of "
        f"{PLACE}. In the table's transaction, where earlier releases kept them, the thumbnails would take "
        f"{TRANSACTION * units(int(jpeg))} write units more for each picture: ${before:.2f}.",
    ]
    return "\n".join(rows)


@click.command()
@click.option("--images", type=click.Path(path_type=Path), help="A folder of pictures.")
@click.option("--into", "document", default=ROOT / "docs" / "numbers.md", type=click.Path(exists=True, path_type=Path))
def main(images: Path | None, document: Path) -> None:
    """Print the bill of a million pictures like those of a folder, else like the photographs in scikit-image."""
    table = text(measure((pictures_of(expanded(images)) if images else default_pictures()).files))
    click.echo(table)
    written = document.read_text(encoding="utf-8")
    if BEGIN in written and END in written:
        before, rest = written.split(BEGIN)
        document.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
