"""The table of results: one line for each picture, the best of each folder first."""

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

from nima.assess.composite import DIVISIVE

_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))

_NARROW = 12
"""Cells that a column of names has at least."""

RECOMMENDED = "◂"

Documents = Mapping[str, dict[str, Any] | None]
"""Result documents by path or key; None where there is no result."""


def results(documents: Documents) -> Table:
    """The results folder by folder: the best composite first, below them what was rejected, and what failed.

    The first of each folder, which is its recommended picture, has a mark. The part of the paths that all have in
    common stands in the title, so that the table fits a narrow terminal.
    """
    folders: dict[str, dict[str, dict[str, Any] | None]] = {}
    for path, document in documents.items():
        folders.setdefault(dirname(path), {})[path] = document
    alike = len({folder.startswith("/") for folder in folders}) == 1
    common = _start(commonpath(folders) if alike else "")
    table = Table(title=Text(printable(common)), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("File")
    for heading in ("Technical", "Aesthetic", "Composite"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Stars", no_wrap=True)
    table.add_column("Main deduction", overflow="fold")
    for folder, inside in sorted(folders.items()):
        start = _start(folder)
        if len(folders) > 1:
            table.add_row(_Name(printable(start.removeprefix(common)) or "./", style="bold"))
        for place, (path, document) in enumerate(sorted(inside.items(), key=_rank)):
            best = place == 0 and len(documents) > 1 and document is not None and document["status"] == "scored"
            table.add_row(_Name(printable(path.removeprefix(start)), RECOMMENDED if best else ""), *_cells(document))
    if len(documents) > 1:
        table.caption = Text(f"{RECOMMENDED} recommended main image" + " of each folder" * (len(folders) > 1))
        table.caption_justify = "left"
    return table


def _start(folder: str) -> str:
    """What the paths in a folder begin with."""
    return f"{folder.rstrip('/')}/" if folder else ""


def _cells(document: Mapping[str, Any] | None) -> tuple[str | Text, ...]:
    """Both means, the composite, its stars, and the main deduction or what is wrong."""
    if document is None:
        return "", "", "", "", Text("no result; see the log", style="red")
    if document["status"] == "rejected":
        return "", "", "", "", Text(f"rejected: {document['error']['code']}", style="yellow")
    means = [f"{document[head]['mean']:.2f}" for head in ("technical", "aesthetic")]
    composite, deductions = document["composite"], document["deductions"]
    main = deductions[0]["code"].replace("_", " ") if deductions else "none"
    return *means, f"{composite['score']:.2f}", stars(composite["stars"]), main


@dataclass(frozen=True)
class _Name:
    """A file's name in a cell, in as many lines as its column's width asks for, and what stands behind it."""

    text: str
    mark: str = ""
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        *lines, last = folded(self.text, options.max_width)
        marked = f"{last} {self.mark}".rstrip()
        ends = [marked] if cell_len(marked) <= options.max_width else [last, self.mark]
        yield Text("\n".join([*lines, *ends]), style=self.style, no_wrap=True, overflow="fold")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = cell_len(f"{self.text} {self.mark}".rstrip())
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


def _rank(result: tuple[str, Mapping[str, Any] | None]) -> tuple[int, float, bool, str]:
    path, document = result
    if document is None:
        return 2, 0.0, False, path
    if document["status"] == "rejected":
        return 1, 0.0, False, path
    composite = document["composite"]
    return 0, -float(composite["score"]), composite["note"] == DIVISIVE, path


def printable(text: str) -> str:
    """A file name without what would steer the terminal or turn the line around, or cannot be written."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    return category(character) in ("Cc", "Cs", "Zl", "Zp") or bidirectional(character) in _TURNING
