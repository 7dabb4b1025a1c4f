"""The table of results: one line for each picture, the best first."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import commonpath, dirname
from typing import Any

from rich.table import Table
from rich.text import Text

Documents = Mapping[str, dict[str, Any] | None]
"""Result documents by name; None where there is no result."""


def results(documents: Documents) -> Table:
    """The results, the best composite first; below them what was rejected, and what failed.

    The part of the keys that all have in common stands in the title, so that the table fits a narrow terminal.
    """
    folder = commonpath([dirname(key) for key in documents]) + "/" if documents else ""
    table = Table(title=Text(printable(folder)), title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.add_column("File", overflow="fold")
    for heading in ("Technical", "Aesthetic", "Composite"):
        table.add_column(heading, justify="right")
    table.add_column("Stars")
    table.add_column("Main deduction", overflow="fold")
    for key, document in sorted(documents.items(), key=_rank):
        name = Text(printable(key.removeprefix(folder)))
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
    """A file name without what would steer the terminal or cannot be written."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
