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

_OTHERS = tuple(head for head in HEADS if head not in WEIGHED)
COLUMNS = (
    *("filename", *WEIGHED, "composite"),
    *("path", "rank", "group", "stars", "policy", "deductions", "error", "tier", "tier_codes"),
    *_OTHERS,
)
"""The first four are the usual ones. ``path`` is the whole path or key. Near-duplicates have the ``rank`` of the best
of them, and its path as their ``group``. ``policy`` is pass or fail by ``marketplace_main_image``; ``deductions`` are
codes in their order; ``error`` is the code of a picture without scores; ``tier`` and ``tier_codes`` are what comes
before the composite (``nima.catalogue.candidates.Tier``). Heads that no composite is made of follow."""


def ranking_sheet(entries: Iterable[Entry], refused: Mapping[str, str] | None = None) -> str:
    """The pictures of some entries of a ranking, each entry followed by its near-duplicates, then the refused ones.

    Args:
        entries: In the order of their lines.
        refused: The error's code of each picture without scores, by its path or key.
    """
    scored = (_scored(candidate, entry) for entry in entries for candidate in entry.pictures)
    without = (
        (basename(path), *[None] * 3, path, *[None] * 5, code, *[None] * (2 + len(_OTHERS)))
        for path, code in (refused or {}).items()
    )
    return csv_text([COLUMNS, *scored, *without])


def _scored(candidate: Scored, entry: Entry) -> tuple[Cell, ...]:
    assessed, composite = candidate.assessment, candidate.composite
    return (
        basename(candidate.key),
        *(_two_decimals(assessed.scores[head].mean) for head in WEIGHED),
        _two_decimals(composite.score),
        candidate.key,
        entry.rank,
        entry.key if entry.copies else None,
        Decimal(f"{composite.stars:g}"),
        "pass" if candidate.verdict.passed else "fail",
        " ".join(deduction.code for deduction in assessed.deductions),
        None,
        candidate.tier.number,
        " ".join(candidate.tier.codes),
        *(_two_decimals(assessed.scores[head].mean) if head in assessed.scores else None for head in _OTHERS),
    )


def _two_decimals(score: float) -> Decimal:
    return Decimal(f"{score:.2f}")
