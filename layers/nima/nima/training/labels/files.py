"""Parsing of label files: single votes, or histograms, in CSV or JSON.

* CSV of votes: a row for each vote, with the columns ``image``, ``rater`` and ``score`` (a whole number 1 to 10).
* CSV of histograms: a row for each picture, with ``image`` and ten columns ``s1`` .. ``s10`` (or ``1`` .. ``10``).
* JSON of histograms: ``[{"image_id": "4711", "label": [ten numbers]}, ...]``.

A histogram's numbers are counts of votes or, where they are not whole or sum to 1, shares. Each form may also hold
``group`` (the product or scene), ``distortion`` and ``split`` (``train``, ``validation`` or ``test``) for each picture.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.model.manifest import SCORES
from nima.training.labels.findings import Votes

MAX_BYTES = 1 << 30
SIDES = ("train", "validation", "test")

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


@dataclass(frozen=True)
class Entry:
    """What a file says of one picture.

    Attributes:
        image: Its id.
        numbers: ``[10]`` counts or shares of the scores.
        votes: How many people rated it; 0 where the numbers are shares.
        group, distortion, side: Where the file has such columns.
    """

    image: str
    numbers: NDArray[np.float64]
    votes: int
    group: str | None = None
    distortion: str | None = None
    side: str | None = None

    @property
    def distribution(self) -> NDArray[np.float64]:
        """``[10]`` probabilities."""
        normalised: NDArray[np.float64] = self.numbers / self.numbers.sum()
        return normalised


@dataclass(frozen=True)
class Ratings:
    """A parsed file.

    Attributes:
        entries: One for each picture, in the order of the file.
        votes: Every vote, if the file holds single votes.
        repeated: Images of which a rater voted twice; the later vote stands.
    """

    entries: tuple[Entry, ...]
    votes: Votes | None = None
    repeated: tuple[str, ...] = ()

    def without(self, raters: Iterable[str]) -> Ratings:
        """The same without these raters' votes, and without the pictures that nobody else rated."""
        if self.votes is None:
            return self
        dropped = set(raters)
        votes = {which: score for which, score in self.votes.items() if which[1] not in dropped}
        counted = _counted(votes)
        entries = (
            replace(entry, numbers=counted[entry.image], votes=int(counted[entry.image].sum()))
            for entry in self.entries
            if entry.image in counted
        )
        return Ratings(tuple(entries), votes, self.repeated)


def parse(path: Path) -> Ratings:
    """Reads a label file; its suffix tells CSV from JSON.

    Raises:
        InvalidRequest: It cannot be read, is neither, misses a column, or a value is not allowed; the message names
            the line or the entry.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidRequest(f"{path} is larger than {MAX_BYTES >> 20} MiB.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8 text.") from error
    match path.suffix.lower():
        case ".csv":
            return _from_csv(text, path.name)
        case ".json":
            return _from_json(text, path.name)
    raise InvalidRequest(f"{path.name}: labels are a .csv or a .json file.")


def _from_csv(text: str, name: str) -> Ratings:
    reader = csv.DictReader(text.splitlines(), restkey="")
    try:
        columns = {column.strip().lower(): column for column in reader.fieldnames or ()}
        rows = [(f"{name}, line {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise InvalidRequest(f"{name} is not a CSV file: {error}.") from error
    image = _column(columns, IMAGE)
    if image is None:
        raise InvalidRequest(f"{name} needs a column {' or '.join(IMAGE)}; it has {', '.join(columns) or 'none'}.")
    rater, score = _column(columns, RATER), _column(columns, SCORE)
    bins = next(([columns[c] for c in names] for names in _HISTOGRAMS if all(c in columns for c in names)), None)
    optional = {field: _column(columns, names) for field, names in OPTIONAL.items()}
    if bins is not None:
        return _histograms((where, row.get(image), [row.get(c) for c in bins], row, optional) for where, row in rows)
    if rater is None or score is None:
        raise InvalidRequest(f"{name} needs the columns rater and score, or ten columns s1 to s10.")
    return _votes(rows, image, rater, score, optional)


def _column(columns: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def _votes(
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    image: str,
    rater: str,
    score: str,
    optional: Mapping[str, str | None],
) -> Ratings:
    votes: dict[tuple[str, str], int] = {}
    extras: dict[str, dict[str, str | None]] = {}
    repeated: dict[str, None] = {}
    for where, row in rows:
        who = _text(row.get(rater), where, rater)
        picture = _text(row.get(image), where, image)
        value = _number(row.get(score), where, score)
        if value not in range(1, SCORES + 1):
            raise InvalidRequest(f"{where}: a score is a whole number from 1 to {SCORES}, not {row.get(score)!r}.")
        if (picture, who) in votes:
            repeated[picture] = None
        votes[picture, who] = int(value)
        extra = _extras(row, optional, where)
        if extras.setdefault(picture, extra) != extra:
            raise InvalidRequest(f"{where}: {picture} has another group, distortion or split than before.")
    counted = _counted(votes)
    entries = (
        Entry(picture, counted[picture], int(counted[picture].sum()), **extra) for picture, extra in extras.items()
    )
    return Ratings(tuple(entries), votes, tuple(repeated))


def _counted(votes: Votes) -> dict[str, NDArray[np.float64]]:
    counted: dict[str, NDArray[np.float64]] = {}
    for (picture, _), score in votes.items():
        counted.setdefault(picture, np.zeros(SCORES))[score - 1] += 1
    return counted


def _from_json(text: str, name: str) -> Ratings:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{name} is not a JSON file: {error}.") from error
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        raise InvalidRequest(f'{name} must be a list of {{"image_id", "label": [ten numbers]}}.')
    rows = []
    for index, raw in enumerate(document, 1):
        where = f"{name}, entry {index}"
        entry = {str(key).lower(): value for key, value in raw.items()}
        columns = {key: key for key in entry}
        image, label = _column(columns, IMAGE), entry.get("label")
        if image is None or not isinstance(label, list) or len(label) != SCORES:
            raise InvalidRequest(f"{where} needs image_id and label, a list of {SCORES} numbers.")
        optional = {field: _column(columns, names) for field, names in OPTIONAL.items()}
        rows.append((where, entry[image], label, entry, optional))
    return _histograms(rows)


def _histograms(
    rows: Iterable[tuple[str, Any, Sequence[Any], Mapping[str, Any], Mapping[str, str | None]]],
) -> Ratings:
    entries: dict[str, Entry] = {}
    for where, image, raw, row, optional in rows:
        picture = _text(image, where, "image")
        numbers = np.array([_number(value, where, f"score {score}") for score, value in enumerate(raw, 1)])
        if numbers.min() < 0 or not 0 < numbers.sum() < math.inf:
            raise InvalidRequest(f"{where}: the ten numbers must not be negative, and not all 0.")
        if not _whole(numbers) and abs(numbers.sum() - 1) > _SHARES_TOLERANCE:
            raise InvalidRequest(f"{where}: ten counts are whole, ten shares sum to 1; these sum to {numbers.sum():g}.")
        if picture in entries:
            raise InvalidRequest(f"{where}: {picture} is there twice.")
        entries[picture] = Entry(picture, numbers, round(float(numbers.sum())), **_extras(row, optional, where))
    if all(_whole(entry.numbers) for entry in entries.values()):
        return Ratings(tuple(entries.values()))
    # Among shares a whole 1 is a picture on which all agree, not one with a single vote.
    return Ratings(tuple(replace(e, votes=0) if not _whole(e.numbers) or e.votes == 1 else e for e in entries.values()))


def _whole(numbers: NDArray[np.float64]) -> bool:
    return bool(np.all(numbers == np.floor(numbers)))


def _extras(row: Mapping[str, Any], optional: Mapping[str, str | None], where: str) -> dict[str, str | None]:
    found = {field: str(row.get(column) or "").strip() or None for field, column in optional.items() if column}
    side = found.get("side")
    if side is not None and side not in SIDES:
        raise InvalidRequest(f"{where}: split is one of {', '.join(SIDES)}, not {side!r}.")
    return found


def _text(value: Any, where: str, column: str) -> str:
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not text:
        raise InvalidRequest(f"{where}: {column} is empty.")
    return text


def _number(value: Any, where: str, column: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InvalidRequest(f"{where}: {column} must be a number, not {value!r}.")
    return number
