"""The table of results: one line for each picture, the best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import commonpath, dirname, splitext
from typing import Any
from unicodedata import bidirectional, category

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))

_NARROW = 12
"""Cells that a column of names has at least."""

Documents = Mapping[str, dict[str, Any] | None]
"""Result documents by name; None where there is no result."""


def results(documents: Documents) -> Table:
    """The results, the best composite first; below them what was rejected, and what failed.

    The part of the keys that all have in common stands in the title, so that the table fits a narrow terminal.
    """
    folder = commonpath([dirname(key) for key in documents]) + "/" if documents else ""
    table = Table(title=Text(printable(folder)), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("File")
    for heading in ("Technical", "Aesthetic", "Composite"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Stars", no_wrap=True)
    table.add_column("Main deduction", overflow="fold")
    for key, document in sorted(documents.items(), key=_rank):
        name = _Name(printable(key.removeprefix(folder)))
        if document is None:
            table.add_row(name, "", "", "", "", Text("no result; see the log", style="red"))
        elif document["status"] == "rejected":
            error = document["error"]
            table.add_row(name, "", "", "", "", Text(f"rejected: {error['code']}", style="yellow"))
        else:
            means = [f"{document[head]['mean']:.2f}" for head in ("technical", "aesthetic")]
            composite, deductions = document["composite"], document["deductions"]
            main = deductions[0]["code"].replace("_", " ") if deductions else "none"
            table.add_row(name, *means, f"{composite['score']:.2f}", stars(composite["stars"]), main)
    return table


@dataclass(frozen=True)
class _Name:
    """A file's name in a cell, in as many lines as its column's width asks for."""

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("\n".join(folded(self.text, options.max_width)), no_wrap=True, overflow="fold")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = cell_len(self.text)
        return Measurement(min(width, _NARROW), width).with_maximum(options.max_width)


def folded(name: str, width: int) -> list[str]:
    """The lines of a file's name, none wider than ``width`` cells of a terminal.

    They end after ``/``, ``_``, ``-`` or a space where one is near; the extension stays whole, and with it the
    character before it.
    """
    whole = max(0, len(splitext(name)[0]) - 1)
    lines, line = [], ""
    for unit in (*name[:whole], name[whole:]):
        if line and cell_len(line + unit) > width:
            after = 1 + max(line.rfind(mark) for mark in "/_- ")
            end = after if after > len(line) // 2 else len(line)
            lines.append(line[:end])
            line = line[end:]
        line += unit
    return [*lines, line]


def stars(count: float) -> str:
    """Stars in halves, ``3.5`` as ``★★★½``."""
    return "★" * int(count) + "½" * (count % 1 >= 0.5)


def _rank(result: tuple[str, dict[str, Any] | None]) -> tuple[int, float, str]:
    key, document = result
    if document is None:
        return 2, 0.0, key
    if document["status"] == "rejected":
        return 1, 0.0, key
    return 0, -float(document["composite"]["score"]), key


def printable(text: str) -> str:
    """A file name without what would steer the terminal or turn the line around, or cannot be written."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    return category(character) in ("Cc", "Cs", "Zl", "Zp") or bidirectional(character) in _TURNING
