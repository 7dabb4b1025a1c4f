"""Cells of CSV files (RFC 4180), such that no spreadsheet takes a text for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | int | float | Decimal | None
"""A text, a number, or nothing."""

# A full-width sign begins a formula too where input methods write it.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def text_cell(text: str) -> str:
    """The text, behind an apostrophe where spreadsheets would calculate with it; ``text_of`` takes that off again."""
    return f"'{text}" if text.lstrip("'")[:1] in _FORMULA else text


def text_of(cell: str) -> str:
    """The text that ``text_cell`` made a cell of; another text as it is."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] in _FORMULA else cell


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """A CSV file: texts as ``text_cell`` has them, numbers as Python writes them, nothing for None; CRLF line ends."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows([text_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return file.getvalue()
