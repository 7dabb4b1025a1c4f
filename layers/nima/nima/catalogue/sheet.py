"""Scores as a CSV file: one line for each picture, with the columns that spreadsheets and scripts expect."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from posixpath import basename

from nima.catalogue.ranking import Candidate, Entry

COLUMNS = ("filename", "technical", "aesthetic", "composite")


def sheet(rows: Iterable[tuple[str, float, float, float]]) -> str:
    """A CSV file (RFC 4180, but with plain line feeds): a header, then the rows as they come.

    Args:
        rows: Path or key of a picture, of which the file name is written; technical mean, aesthetic mean and composite,
            1..10, written with two decimals.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((basename(path), *(f"{score:.2f}" for score in scores)) for path, *scores in rows)
    return file.getvalue()


def ranking_sheet(entries: Iterable[Entry]) -> str:
    """The pictures of some entries of a ranking, each entry followed by its near-duplicates."""
    return sheet(_row(candidate) for entry in entries for candidate in (entry, *entry.copies))


def _row(candidate: Candidate) -> tuple[str, float, float, float]:
    assessed = candidate.assessment
    return candidate.key, assessed.technical.mean, assessed.aesthetic.mean, candidate.composite.score
