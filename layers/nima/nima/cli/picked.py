"""What becomes of a shoot, written down for people and for programs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nima.cells import Cell, csv_text
from nima.desk.picking import Picked
from nima.desk.rejects import PutAway
from nima.desk.scan import Row
from nima.fitting import Fitting
from nima.local.files import shown
from nima.report.table import printable, stars
from nima.shoot import WORDS
from nima.shoot.picks import ALTERNATE, PICK, REJECT, Choice
from nima.words import say

UNJUDGED = "unjudged"
"""What a picture without scores is instead of a verdict."""

_STYLES = {PICK: "bold green", ALTERNATE: "yellow", REJECT: "red"}
_COLUMNS = (
    *("filename", "verdict", "group", "kind", "rank", "confidence", "score", "stars", "taken"),
    *("codes", "reasons", "companions", "moved_to"),
)
_WIDEST = 10_000
# Cells for a name; longer ones are folded.
_LONGEST = 40
# Those for reasons, at least.
_REASONS = 24

Done = Mapping[str, PutAway]
"""By the pictures' names, what was put away, or would be."""


def as_table(picked: Picked, done: Done) -> str:
    """Group by group, the best first: what becomes of each picture, its composite, its stars, and why."""
    console = Console()
    piped = not console.is_terminal and "COLUMNS" not in os.environ
    longest = max((cell_len(printable(row.name)) for row, _ in picked.choices), default=0)
    names = longest if piped else min(longest, _LONGEST, console.width // 3)
    parts: list[RenderableType] = []
    for number, inside in groupby(picked.choices, key=lambda one: one[1].group):
        rows = list(inside)
        parts += [_heading(number, rows), _table(rows, names)]
    if not parts:
        return ""
    group = Group(*parts)
    if piped:
        console.width = console.measure(group, options=console.options.update(max_width=_WIDEST)).maximum
    with console.capture() as captured:
        console.print(group)
    return captured.get()


def _heading(number: int, rows: list[tuple[Row, Choice]]) -> Text:
    row, choice = rows[0]
    parts = [say("groups", choice.kind, folder=WORDS)]
    parts += [f"{len(rows)} pictures"] if len(rows) > 1 else []
    parts += [f"{row.capture.taken:%Y-%m-%d %H:%M:%S}"] if row.capture.taken else []
    return Text(f"{number}. {', '.join(parts)}", style="bold")


def _table(rows: list[tuple[Row, Choice]], names: int) -> Fitting:
    """A line for each picture; in a narrow terminal its name stands above the numbers and the reasons."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(width=9)
    table.add_column(overflow="fold", width=names)
    table.add_column(justify="right", width=5)
    table.add_column(width=5)
    table.add_column(overflow="fold", min_width=_REASONS)
    narrow: list[RenderableType] = []
    for row, choice in rows:
        verdict = Text(choice.verdict, style=_STYLES[choice.verdict])
        composite = choice.frame.assessment.composite
        why = printable(" ".join(reason.say() for reason in choice.reasons))
        cells = (printable(row.name), f"{composite.score:.2f}", stars(composite.stars), why)
        table.add_row(verdict, *map(Text, cells))  # a name in brackets is no markup
        narrow.append(Text.assemble(verdict, "  ", cells[0], overflow="fold"))
        narrow.append(Padding(Text("  ".join(cells[1:])), (0, 0, 0, 2)))
    return Fitting(table, Group(*narrow))


def as_json(picked: Picked, done: Done) -> str:
    """A JSON object a line: every picture, those without scores last."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in _documents(picked, done))


def as_csv(picked: Picked, done: Done) -> str:
    """A line for each picture; several codes, reasons and files in one cell, with a space or a bar between them."""
    return csv_text([_COLUMNS, *(_cells(one) for one in _documents(picked, done))])


def _documents(picked: Picked, done: Done) -> Iterator[dict[str, Any]]:
    for row, choice in picked.choices:
        composite = choice.frame.assessment.composite
        away = done.get(row.name)
        yield {
            "filename": row.name,
            "verdict": choice.verdict,
            "group": choice.group,
            "kind": choice.kind,
            "rank": choice.rank,
            "confidence": choice.confidence,
            "score": composite.score,
            "stars": composite.stars,
            "taken": row.capture.taken and row.capture.taken.isoformat(),
            "reasons": [reason.to_json() for reason in choice.reasons],
            "companions": [shown(path) for path in row.companions],
            "moved_to": shown(away.targets[0]) if away and away.targets else None,
        }
    for row in picked.unjudged:
        error = row.result.error
        yield {
            "filename": row.name,
            "verdict": UNJUDGED,
            "error": error and error.to_json(),
            "companions": [shown(path) for path in row.companions],
        }


def _cells(document: dict[str, Any]) -> list[Cell]:
    reasons = document.get("reasons") or [document.get("error") or {"code": "", "message": ""}]
    cells = {
        **document,
        "codes": " ".join(reason["code"] for reason in reasons),
        "reasons": " ".join(reason["message"] for reason in reasons),
        "companions": " | ".join(document["companions"]),
    }
    return [cells.get(column) for column in _COLUMNS]


WRITERS: Mapping[str, Callable[[Picked, Done], str]] = {"table": as_table, "json": as_json, "csv": as_csv}
"""By the names of ``--format``."""
