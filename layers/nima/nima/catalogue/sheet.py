"""Scores as a CSV file: one line for each picture, with the columns that spreadsheets and scripts expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from posixpath import basename
from typing import TYPE_CHECKING

from nima.cells import Cell, csv_text
from nima.document.composite import WEIGHED
from nima.heads import HEADS

if TYPE_CHECKING:
    from nima.catalogue.candidates import Entry, Scored
    from nima.document.result import Result

_OTHERS = tuple(head for head in HEADS if head not in WEIGHED)
COLUMNS = (
    *("filename", *WEIGHED, "composite"),
    *("path", "rank", "group", "stars", "policy", "deductions", "error", "tier", "tier_codes"),
    *_OTHERS,
)
"""Of a ranking. The first four are the usual ones. ``path`` is the whole path or key. Near-duplicates have the ``rank``
of the best of them, and its path as their ``group``. ``policy`` is pass or fail by ``marketplace_main_image``;
``deductions`` are codes in their order; ``error`` is the code of a picture without scores; ``tier`` and ``tier_codes``
are what comes before the composite (``nima.catalogue.candidates.Tier``). Heads that no composite is made of follow."""

_PLACE = ("rank", "group")
PICTURE_COLUMNS = tuple(column for column in COLUMNS if column not in _PLACE)
"""Of pictures that are not ranked."""


def ranking_sheet(entries: Iterable[Entry], refused: Mapping[str, str] | None = None) -> str:
    """The pictures of some entries of a ranking, each entry followed by its near-duplicates, then the refused ones.

    Args:
        entries: In the order of their lines.
        refused: The error's code of each picture without scores, by its path or key.
    """
    scored = (
        {**_scored(candidate), "rank": entry.rank, "group": entry.key if entry.copies else None}
        for entry in entries
        for candidate in entry.pictures
    )
    lines = (*scored, *(_refused(path, code) for path, code in (refused or {}).items()))
    return csv_text([COLUMNS, *([line.get(column) for column in COLUMNS] for line in lines)])


def picture_line(result: Result) -> str:
    """One picture's line, with ``PICTURE_COLUMNS``."""
    from nima.catalogue.candidates import Candidate

    if result.error:
        cells = _refused(result.image.key, result.error.code)
    else:
        cells = _scored(Candidate.of(result, required=False))
    return csv_text([[cells.get(column) for column in PICTURE_COLUMNS]])


def _refused(path: str, code: str) -> dict[str, Cell]:
    return {"filename": basename(path), "path": path, "error": code}


def _scored(candidate: Scored) -> dict[str, Cell]:
    assessed, composite = candidate.assessment, candidate.composite
    return {
        "filename": basename(candidate.key),
        "composite": _two_decimals(composite.score),
        "path": candidate.key,
        "stars": Decimal(f"{composite.stars:g}"),
        "policy": "pass" if candidate.verdict.passed else "fail",
        "deductions": " ".join(deduction.code for deduction in assessed.deductions),
        "tier": candidate.tier.number,
        "tier_codes": " ".join(candidate.tier.codes),
        **{head: _two_decimals(score.mean) for head, score in assessed.scores.items()},
    }


def _two_decimals(score: float) -> Decimal:
    return Decimal(f"{score:.2f}")
