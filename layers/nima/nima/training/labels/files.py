"""Parsing of label files: single votes, or histograms, in tables or JSON.

* A table of votes: a row for each vote, with the columns ``image``, ``rater`` and ``score`` (a whole number 1 to 10).
* A table of histograms: a row for each picture, with ``image`` and ten columns ``s1`` .. ``s10`` (or ``1`` .. ``10``).
* JSON of histograms: ``[{"image_id": "4711", "label": [ten numbers]}, ...]``.

A histogram's numbers are counts of votes or, where they are not whole or sum to 1, shares. Each form may also hold
``group`` (the product or scene), ``distortion`` and ``split`` (``train``, ``validation`` or ``test``) for each picture.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.manifest import SCORES
from nima.training.labels.findings import REFUSAL, WARNING, Finding, Refused
from nima.training.labels.names import picture_id, same_text
from nima.training.labels.ratings import Entry, Ratings, count
from nima.training.labels.table import Row, parse_table
from nima.training.labels.text import read_text

SIDES = ("train", "validation", "test")
TABLES = (".csv", ".tsv", ".txt")

IMAGE = ("image", "image_id", "filename", "file", "key", "id")
RATER = ("rater", "rater_id", "user", "user_id", "worker")
SCORE = ("score", "rating", "vote")
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "group": ("group", "product", "scene", "collection"),
    "distortion": ("distortion",),
    "side": ("split",),
}
"""Names that a column may have; the first one present is taken, in any case of letters."""

_HISTOGRAMS = tuple(
    tuple(prefix + str(score) for score in range(1, SCORES + 1)) for prefix in ("s", "", "score", "score_", "vote_")
)
_SHARES_TOLERANCE = 0.01
# A share or a whole number as spreadsheets of many countries write it; 1,000 may be a thousand, so it is neither.
_DECIMAL_COMMA = re.compile(r"0?,[0-9]+|[0-9]+,0{1,2}")


def parse(path: Path, encoding: str | None = None) -> Ratings:
    """Reads a label file; its suffix tells a table from JSON.

    Args:
        path: A ``.csv``, ``.tsv`` or ``.txt`` table, or a ``.json`` file.
        encoding: Of its text; None for what its byte order mark says, else UTF-8.

    Raises:
        InvalidRequest: It cannot be read, is neither, or misses a column.
        Refused: Some of its lines or entries are no ratings; the finding ``bad_line`` says what is wrong with each.
    """
    kind = path.suffix.lower()
    if kind not in (*TABLES, ".json"):
        raise InvalidRequest(f'{path.name}: labels are a .csv or a .json file. Save a spreadsheet as "CSV UTF-8".')
    text = read_text(path, encoding)
    return _from_json(text, path.name) if kind == ".json" else _from_table(text, path.name)


class _Wrong(Exception):
    """What is wrong with one line."""


class _Lines:
    """Collects what is wrong with lines, so that all of it is said at once."""

    def __init__(self, name: str, what: str, plural: str) -> None:
        self._name, self._what, self._plural = name, what, plural
        self._bad: list[str] = []
        self._count = 0

    @contextmanager
    def at(self, number: int) -> Iterator[None]:
        self._count += 1
        try:
            yield
        except _Wrong as error:
            self._bad.append(f"{self._what} {number}: {error}")

    def check(self) -> None:
        if self._bad:
            message = f"{len(self._bad)} of {self._count} {self._plural} of {self._name} cannot be read as ratings:"
            raise Refused([Finding("bad_line", REFUSAL, message, tuple(self._bad), in_lines=True)])


def _from_table(text: str, name: str) -> Ratings:
    table = parse_table(text, name)
    bins = next((names for names in _HISTOGRAMS if all(column in table.columns for column in names)), None)
    needed = (IMAGE,) if bins else (IMAGE, RATER, SCORE)
    missing = [
        f"a column {names[0]} (or {', '.join(names[1:])})" for names in needed if not _column(table.columns, names)
    ]
    if missing:
        histogram = "" if bins else " Ten columns s1 to s10 may take the place of rater and score."
        raise InvalidRequest(
            f"{name} lacks {'; '.join(missing)}.{histogram} "
            f"Its first line, read as separated by {table.separated}, says: {', '.join(table.columns) or 'nothing'}."
        )
    lines = _Lines(name, "line", "lines")
    return _histograms(table.rows, bins, table.columns, lines) if bins else _votes(table.rows, table.columns, lines)


def _column(columns: Collection[str], names: Sequence[str]) -> str:
    return next((name for name in names if name in columns), "")


def _votes(rows: Iterable[Row], columns: Collection[str], lines: _Lines) -> Ratings:
    image, rater, score = (_column(columns, names) for names in (IMAGE, RATER, SCORE))
    votes: dict[tuple[str, str], int] = {}
    extras: dict[str, dict[str, str | None]] = {}
    again: dict[str, None] = {}
    changed: dict[str, None] = {}
    for row in rows:
        with lines.at(row.line):
            cells = _cells(row, columns)
            picture, who = picture_id(_text(cells, image)), _text(cells, rater)
            value = _score(cells, score)
            extra = _extras(cells)
            if extras.setdefault(picture, extra) != extra:
                raise _Wrong(f"{picture} has another group, distortion or split than before.")
            before = votes.get((picture, who), value)
            if (picture, who) in votes:
                (again if before == value else changed)[f"{picture} ({who})"] = None
            votes[picture, who] = value
    lines.check()
    counted = count(votes)
    entries = (
        Entry(picture, counted[picture], int(counted[picture].sum()), **extra) for picture, extra in extras.items()
    )
    return Ratings(tuple(entries), votes, tuple(_repeated(tuple(again), tuple(changed))))


def _repeated(again: tuple[str, ...], changed: tuple[str, ...]) -> Iterator[Finding]:
    if again:
        yield Finding(
            "repeated_line",
            WARNING,
            f"ratings that are there more than once, of which one counts: {len(again)}.",
            again,
        )
    if changed:
        message = f"votes that a later one of the same rater on the same picture replaces: {len(changed)}."
        yield Finding("repeated_vote", WARNING, message, changed)


def _from_json(text: str, name: str) -> Ratings:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{name} is not a JSON file: {error}.") from error
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        raise InvalidRequest(f'{name} must be a list of {{"image_id", "label": [ten numbers]}}.')
    rows = [
        Row(number, {str(key).lower(): value for key, value in entry.items()})
        for number, entry in enumerate(document, 1)
    ]
    return _histograms(rows, None, (), _Lines(name, "entry", "entries"))


def _histograms(rows: Iterable[Row], bins: Sequence[str] | None, columns: Collection[str], lines: _Lines) -> Ratings:
    """Histograms in columns, or without ``bins`` in entries of JSON, each with columns of its own."""
    entries: dict[str, Entry] = {}
    again: dict[str, None] = {}
    for row in rows:
        with lines.at(row.line):
            cells = _cells(row, columns or row.cells)
            entry = _histogram(cells, [cells.get(name) for name in bins] if bins else cells.get("label"))
            before = entries.setdefault(entry.image, entry)
            if before is not entry:
                if not before.same(entry):
                    raise _Wrong(f"{entry.image} is there twice, with other numbers.")
                again[entry.image] = None
    lines.check()
    findings = tuple(_repeated(tuple(again), ()))
    if all(_whole(entry.numbers) for entry in entries.values()):
        return Ratings(tuple(entries.values()), findings=findings)
    # Among shares a whole 1 is a picture on which all agree, not one with a single vote.
    of_shares = (replace(e, votes=0) if not _whole(e.numbers) or e.votes == 1 else e for e in entries.values())
    return Ratings(tuple(of_shares), findings=findings)


def _histogram(cells: Mapping[str, Any], values: Any) -> Entry:
    image = _column(cells, IMAGE)
    if not image or not isinstance(values, list) or len(values) != SCORES:
        raise _Wrong(f"it needs image_id and label, a list of {SCORES} numbers.")
    numbers = np.array([_number(value, f"score {score}") for score, value in enumerate(values, 1)])
    if numbers.min() < 0 or not 0 < numbers.sum() < math.inf:
        raise _Wrong("the ten numbers must not be negative, and not all 0.")
    if not _whole(numbers) and abs(numbers.sum() - 1) > _SHARES_TOLERANCE:
        raise _Wrong(f"ten counts are whole, ten shares sum to 1; these sum to {numbers.sum():g}.")
    return Entry(picture_id(_text(cells, image)), numbers, round(float(numbers.sum())), **_extras(cells))


def _whole(numbers: NDArray[np.float64]) -> bool:
    return bool(np.all(numbers == np.floor(numbers)))


def _cells(row: Row, columns: Collection[str]) -> Mapping[str, Any]:
    if row.beyond:
        raise _Wrong(
            f"it has {row.beyond} more than the {len(columns)} cells of the first line; is a comma not quoted?"
        )
    return row.cells


def _extras(cells: Mapping[str, Any]) -> dict[str, str | None]:
    columns = {field: _column(cells, names) for field, names in OPTIONAL.items()}
    found = {field: same_text(str(cells[column] or "")) or None for field, column in columns.items() if column}
    side = found.get("side")
    if side is not None:
        found["side"] = side.lower()
        if side.lower() not in SIDES:
            raise _Wrong(f"split is one of {', '.join(SIDES)}, not {side!r}.")
    return found


def _score(cells: Mapping[str, Any], column: str) -> int:
    text = _text(cells, column)
    try:
        value = _number(text, column)
    except _Wrong:
        value = math.nan
    if value not in range(1, SCORES + 1):
        raise _Wrong(f"a score is a whole number from 1 to {SCORES}, not {text!r}.")
    return int(value)


def _text(cells: Mapping[str, Any], column: str) -> str:
    value = cells.get(column)
    text = same_text(str(value)) if isinstance(value, str | int) else ""
    if not text:
        raise _Wrong(f"{column} is empty.")
    return text


def _number(value: Any, column: str) -> float:
    if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value.strip()):
        value = value.replace(",", ".")
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise _Wrong(f"{column} must be a number, not {value!r}." if value else f"{column} is empty.")
    return number
