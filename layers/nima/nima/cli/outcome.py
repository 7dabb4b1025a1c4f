"""What became of each picture of a run, and how that is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from posixpath import dirname
from typing import Any

import click
from rich.console import Console

from nima.catalogue.candidates import Tier
from nima.catalogue.ranking import Ranking, rank
from nima.catalogue.sheet import ranking_sheet
from nima.document.assessment import Assessment
from nima.document.composite import CUSTOM, DEFAULT_STYLE
from nima.document.policy import POLICIES
from nima.document.result import Rejection, Result
from nima.errors import NimaError
from nima.report.table import fitted, printable, results

REFUSED = 3
"""The exit code where something of what was named was refused."""

_NAMED = 20
"""Refused pictures that are named on standard error."""

Outcomes = Mapping[str, Result]
"""By the pictures' names."""


def by_folder(outcomes: Outcomes) -> dict[str, Result]:
    """Folder by folder, each as it is ranked: near-duplicates after the one that stands for them, refused ones last."""
    keys = [one.key for ranking in _rankings(outcomes) for entry in ranking.entries for one in entry.pictures]
    place = {key: number for number, key in enumerate(keys)}
    names = sorted(outcomes, key=lambda name: (dirname(name), place.get(outcomes[name].image.key, len(place)), name))
    return {name: outcomes[name] for name in names}


def best(outcomes: Outcomes) -> tuple[str, Assessment] | None:
    """The best of all; None where nothing was scored."""
    entries = _rank(outcomes.values()).entries
    return (entries[0].key, entries[0].assessment) if entries else None


def _rankings(outcomes: Outcomes) -> Iterator[Ranking]:
    """That of each folder, in the folders' order."""
    names = sorted(outcomes, key=dirname)
    for _, inside in groupby(names, key=dirname):
        yield _rank(outcomes[name] for name in inside)


def _rank(results: Iterable[Result]) -> Ranking:
    """Ranks pictures as they were scored and judged."""
    found = list(results)
    first = next((result.assessment for result in found if result.assessment), None)
    if first is None:
        return rank(found, DEFAULT_STYLE)
    composite = first.composite
    weights = composite.weights if composite.style == CUSTOM else None
    return rank(found, composite.style, weights, POLICIES[first.verdict.policy])


def refused(outcomes: Outcomes) -> dict[str, Rejection]:
    """The pictures that have no scores, with the error of each."""
    return {name: result.error for name, result in outcomes.items() if result.error}


def name_refused(errors: Iterable[tuple[str, Rejection | NimaError | None]]) -> None:
    """Names refused pictures on standard error, with the reasons; what has none was not refused."""
    found = [(name, error) for name, error in errors if error]
    for name, error in found[:_NAMED]:
        why = error.cause if isinstance(error, NimaError) else error.message
        click.echo(printable(f"{name}: {error.code}: {why}"), err=True)
    if len(found) > _NAMED:
        click.echo(f"... and {len(found) - _NAMED} more.", err=True)


def as_table(outcomes: Outcomes) -> str:
    """A table as wide as the terminal, in its colours; in a file as wide as it has to be."""
    table = results({name: _document(found) for name, found in outcomes.items()})
    console = fitted(Console(), table)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def as_json(outcomes: Outcomes) -> str:
    """One result document a line."""
    return "".join(map(json_line, outcomes.values()))


def json_line(result: Result) -> str:
    """A result document in a line."""
    return json.dumps({"filename": result.image.key, **_document(result)}, ensure_ascii=False) + "\n"


def as_csv(outcomes: Outcomes) -> str:
    """The columns of a ranking, each folder's own; near-duplicates stand below the one that stands for them."""
    codes = {name: error.code for name, error in refused(outcomes).items()}
    return ranking_sheet([entry for ranking in _rankings(outcomes) for entry in ranking.entries], codes)


Writer = Callable[[Outcomes], str]
WRITERS: dict[str, Writer] = {"table": as_table, "json": as_json, "csv": as_csv}


def _document(result: Result) -> dict[str, Any]:
    known = {"status": result.status, "error": result.error and result.error.to_json()}
    if result.assessment is None:
        return known
    return {**known, **result.assessment.to_json(), **Tier.of(result.assessment, required=False).to_json()}
