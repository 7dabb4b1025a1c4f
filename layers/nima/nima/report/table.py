"""The table of results: one line for each picture, the best of each folder first."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import commonprefix, dirname, splitext
from typing import Any
from unicodedata import bidirectional, category

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nima.document.composite import WEIGHED
from nima.words import say

_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))

_NARROW = 12
"""Cells that a column of names has at least."""

RECOMMENDED = "◂"
SURE = "!"
"""Before a defect that weighs in the order."""

HEADINGS = ("File", "Technical", "Aesthetic", "Composite", "Stars", "Main deduction")
GAP = 2
"""Cells between two columns."""

Cells = tuple[str | Text, ...]
"""What stands behind a name: both means, the composite, the stars, the main deduction."""

Documents = Mapping[str, dict[str, Any] | None]
"""Result documents by path or key; None where there is no result."""


def results(documents: Documents) -> Results:
    """The results folder by folder, in each in the order given, which is the best first.

    The first of each folder, if it has scores, is its recommended picture and has a mark. The part of the paths that
    all have in common stands in the title.
    """
    folders: dict[str, dict[str, dict[str, Any] | None]] = {}
    for path, document in documents.items():
        folders.setdefault(dirname(path), {})[path] = document
    common = commonprefix([_start(folder) for folder in folders])
    common = common[: common.rfind("/") + 1]
    groups = []
    for folder, inside in sorted(folders.items()):
        start, rows = _start(folder), []
        for place, (path, document) in enumerate(inside.items()):
            best = place == 0 and len(documents) > 1 and document is not None and document["status"] == "scored"
            rows.append((_Name(printable(path.removeprefix(start)), RECOMMENDED if best else ""), _cells(document)))
        groups.append((printable(start.removeprefix(common)) or "./", rows))
    legend = f"{RECOMMENDED} recommended main image" + " of each folder" * (len(folders) > 1)
    if any(str(cells[-1]).startswith(f"{SURE} ") for _, rows in groups for _, cells in rows):
        legend += f"   {SURE} sure defect, which costs a point in the order"
    if any(_beaten(list(inside.values())) for inside in folders.values()):
        legend += f"\n{RECOMMENDED} before a higher composite: too close to tell, and fewer deductions, or more pixels"
    return Results(printable(common), groups, legend if len(documents) > 1 else "")


def _beaten(documents: Sequence[dict[str, Any] | None]) -> bool:
    """Whether the first has a lower composite than a later one that no defect puts behind it."""
    found = [
        (main_deduction(one).startswith(SURE), round(one["composite"]["score"], 2))
        for one in documents
        if one and one["status"] == "scored"
    ]
    return any(last == found[0][0] and composite > found[0][1] for last, composite in found[1:])


@dataclass(frozen=True)
class Results:
    """A table as wide as it has to be, and where a terminal is too narrow for it, each name above its numbers.

    ``groups`` are folders, each with its heading, which spans the table, and its rows.
    """

    title: str
    groups: Sequence[tuple[str, Sequence[tuple[_Name, Cells]]]]
    legend: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width)
        if self.title:
            yield Text(self.title, style="italic", overflow="fold")
        yield _table(widths, [HEADINGS]) if widths else Text("  ".join(HEADINGS[1:]), style="bold")
        for heading, rows in self.groups:
            if len(self.groups) > 1:
                yield Text(heading, style="bold", overflow="fold")
            if widths:
                yield _table(widths, [(name, *cells) for name, cells in rows])
                continue
            for name, cells in rows:
                yield name
                yield Padding(Text("  ").join(Text.assemble(cell) for cell in cells if cell), (0, 0, 0, 2))
        if self.legend:
            yield Text(self.legend, style="dim italic")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        whole = sum(self._widths(sys.maxsize) or ()) + GAP * (len(HEADINGS) - 1)
        texts = (self.title, *self.legend.splitlines(), *(heading for heading, _ in self.groups))
        return Measurement(_NARROW, max(whole, *map(cell_len, texts))).with_maximum(options.max_width)

    def _widths(self, room: int) -> tuple[int, ...] | None:
        """The columns' widths; None where no table has the room."""
        rows = [row for _, rows in self.groups for row in rows]
        names, ends = [name for name, _ in rows], [(cells[0], str(cells[-1])) for _, cells in rows]
        numbers = tuple(map(cell_len, HEADINGS[1:-1]))
        room -= sum(numbers) + GAP * (len(HEADINGS) - 1)
        last = HEADINGS[-1]
        least = max(cell_len(word) for text in (last, *(text for _, text in ends)) for word in text.split())
        # What is wrong with a picture may take two lines: names need the room more.
        wanted = max(least, *(cell_len(text) for score, text in ends if score), cell_len(last))
        shortest = max((name.least for name in names), default=_NARROW)
        if room < shortest + least:
            return None
        longest = max(cell_len(HEADINGS[0]), *(name.whole for name in names)) if names else _NARROW
        file = min(longest, max(shortest, room - wanted))
        return file, *numbers, min(room - file, max(cell_len(text) for text in (last, *(text for _, text in ends))))


def fitted(console: Console, table: RenderableType) -> Console:
    """The console, as wide as the table where it is no terminal, which has no width of its own."""
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = console.measure(table, options=console.options.update(max_width=sys.maxsize)).maximum
    return console


def _table(widths: Sequence[int], rows: Iterable[Sequence[RenderableType]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, GAP, 0, 0))
    for heading, width in zip(HEADINGS, widths, strict=True):
        number = heading not in (HEADINGS[0], *HEADINGS[-2:])
        table.add_column(width=width, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*row, style="bold" if row is HEADINGS else "")
    return table


def _start(folder: str) -> str:
    """What the paths in a folder begin with."""
    return f"{folder.rstrip('/')}/" if folder else ""


def _cells(document: Mapping[str, Any] | None) -> Cells:
    """Both means, the composite, its stars, and the main deduction or what is wrong."""
    if document is None:
        return "", "", "", "", Text("no result; see the log", style="red")
    if document["status"] == "rejected":
        return "", "", "", "", Text(f"rejected: {document['error']['code']}", style="yellow")
    means = [f"{document[head]['mean']:.2f}" for head in WEIGHED]
    composite = document["composite"]
    return *means, f"{composite['score']:.2f}", stars(composite["stars"]), main_deduction(document)


@dataclass(frozen=True)
class _Name:
    """A file's name in a cell, in as many lines as its column's width asks for, and what stands behind it."""

    text: str
    mark: str = ""

    @property
    def whole(self) -> int:
        """Cells of it in one line."""
        return cell_len(f"{self.text} {self.mark}".rstrip())

    @property
    def least(self) -> int:
        """Cells that it needs at least: those of its extension, which stays whole, and of a few characters before."""
        return min(self.whole, max(_NARROW, cell_len(folded(self.text, 1)[-1])))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        *lines, last = folded(self.text, options.max_width)
        marked = f"{last} {self.mark}".rstrip()
        ends = [marked] if cell_len(marked) <= options.max_width else [last, self.mark]
        yield Text("\n".join([*lines, *ends]), no_wrap=True, overflow="fold")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.least, self.whole).with_maximum(options.max_width)


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


NONE = "none named"
"""Where no deduction is."""


def main_deduction(document: Mapping[str, Any]) -> str:
    """What puts a scored picture after others; else what costs it the most."""
    deductions, minds = document["deductions"], document["composite"]["minds"]
    sure = [deduction for deduction in deductions if deduction["sure"]]
    first = sure or [deduction for deduction in deductions if deduction["code"] in minds]
    named = [say("deductions", deduction["code"], "name") for deduction in first or deductions]
    return f"{SURE} {named[0]}" if first else named[0] if named else NONE


def stars(count: float) -> str:
    """Stars in halves, ``3.5`` as ``★★★½``."""
    return "★" * int(count) + "½" * (count % 1 >= 0.5)


def printable(text: str) -> str:
    """A file name without what would steer the terminal or turn the line around, or cannot be written."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    return category(character) in ("Cc", "Cs", "Zl", "Zp") or bidirectional(character) in _TURNING
