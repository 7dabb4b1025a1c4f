"""Tables of text: a header, and rows whose cells are separated by what the header is separated by."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nima.errors import InvalidRequest

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_EXCEL = "sep="


@dataclass(frozen=True)
class Row:
    """A row: the number of its last line, or entry, in the file; its cells by column; how many cells have no column."""

    line: int
    cells: Mapping[str, Any]
    beyond: int = 0


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        columns: The names of its columns, in small letters.
        separated: What separates them, as one says it: ``commas``.
        rows: The rows that are not empty.
    """

    columns: tuple[str, ...]
    separated: str
    rows: tuple[Row, ...]


def parse_table(text: str, name: str) -> Table:
    """A table in comma-separated values, or with semicolons, tabs or bars, as spreadsheets of many countries write it.

    The header tells the separator: the one by which it has most columns; Excel's first line ``sep=;`` is heeded.

    Raises:
        InvalidRequest: It is no such table, or two columns have one name.
    """
    file = io.StringIO(text, newline="")
    first = file.readline().strip("\r\n")
    separator, skipped = first[len(_EXCEL) :], 1
    if not first.lower().startswith(_EXCEL) or separator not in _SEPARATORS:
        separator, skipped = max(_SEPARATORS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), ()))), 0
        file.seek(0)
    reader = csv.reader(file, delimiter=separator)
    try:
        columns = tuple(column.strip().lower() for column in next(reader, ()))
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                beyond = sum(1 for cell in cells[len(columns) :] if cell.strip())
                rows.append(Row(reader.line_num + skipped, dict(zip(columns, cells, strict=False)), beyond))
    except csv.Error as error:
        raise InvalidRequest(f"{name} is not a CSV file: {error}.") from error
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise InvalidRequest(f"{name} has more than one column {', '.join(twice)}.")
    return Table(columns, _SEPARATORS[separator], tuple(rows))
