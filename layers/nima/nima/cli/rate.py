"""``nima rate``: what ``nima tag`` would give pictures, for programs that write it themselves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import click

from nima.cells import Cell, csv_text
from nima.cli.choice import Choice
from nima.cli.outcome import REFUSED
from nima.cli.outputs import OutputFile, Writing
from nima.cli.running import Running, RunningFile
from nima.cli.scanning import Scanning, scanning_options
from nima.cli.streams import show
from nima.desk.companions import SIDECARS
from nima.desk.scan import Row
from nima.document.composite import WEIGHED
from nima.interrupt import INTERRUPTED, interrupted
from nima.local.files import shown
from nima.shoot.ratings import PERCENTILE, WAYS, Rating, rate
from nima.whole import whole

COLUMNS = ("path", "rating", "pick", "label", *WEIGHED, "composite", "percentile", "reasons", "model", "error", "code")
"""``rating`` is 1 to 5, ``pick`` 1, 0 or -1, ``label`` an English colour; ``percentile`` is among the pictures that
were named together; ``reasons`` are codes; ``error`` says why there is nothing else, and ``code`` which of the closed
set that is. A RAW and a rendered file of one shot have the same."""

_RUNNING = (
    "An empty file, which is told how many are done, and of how many; once it is removed, this ends as by Ctrl-C."
)


@click.command(cls=Writing)
@click.option("--stars", type=Choice(WAYS), default=PERCENTILE, show_default=True, help="What stars are by.")
@click.option("--csv", type=OutputFile(), help="Write it there, not to standard output.")
@click.option("--running", type=RunningFile(), help=_RUNNING)
@scanning_options
def command(*, scanning: Scanning, stars: str, csv: Path | None, running: Path | None) -> None:
    """Say, as CSV, what `nima tag` would give the pictures of PATHS, whatever they have been given before.

    Exit code 3 says that some have no scores.
    """
    run = Running(running)
    rows = scanning.all_rows(scanning.judging(), run.told)
    scanning.name_skipped()
    text = csv_text([COLUMNS, *_cells(rows, stars)])
    if csv:
        with whole(csv) as part:
            part.write_text(text, encoding="utf-8", newline="")
    else:
        show(text)
    refused = any(row.result.error for row in rows)
    click.get_current_context().exit(INTERRUPTED if interrupted() or run.ended else REFUSED if refused else 0)


def _cells(rows: list[Row], stars: str) -> Iterator[tuple[Cell, ...]]:
    assessments = [row.result.assessment for row in rows if row.result.assessment]
    ratings = iter(rate(assessments, stars))
    for row in rows:
        error = row.result.error
        cells = (*([None] * (len(COLUMNS) - 3)), error.message, error.code) if error else _scored(row, next(ratings))
        for path in (row.path, *(one for one in row.companions if one.suffix.lower() not in SIDECARS)):
            yield (shown(path), *cells)


def _scored(row: Row, rating: Rating) -> tuple[Cell, ...]:
    found = row.result.assessment
    if found is None:
        raise ValueError("a refused picture is given nothing")
    scores = (*(found.scores[head].mean for head in WEIGHED), found.composite.score)
    return (
        rating.stars,
        rating.choice,
        rating.label,
        *(Decimal(f"{score:.2f}") for score in scores),
        Decimal(f"{rating.percentile:.1f}"),
        " ".join(deduction.code for deduction in found.deductions),
        f"{found.model.id} {found.model.version}",
        None,
        None,
    )
