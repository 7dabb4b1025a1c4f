"""What became of each picture of a run, and how that is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import groupby
from posixpath import dirname
from typing import Any

from rich.console import Console

from nima.catalogue.ranking import rank
from nima.catalogue.sheet import ranking_sheet
from nima.document.assessment import Assessment
from nima.document.composite import DIVISIVE, Weights
from nima.document.policy import Policy
from nima.document.result import Rejection, Result
from nima.report.table import fitted, results

Outcomes = Mapping[str, Result]
"""By the pictures' names."""


def by_folder(outcomes: Outcomes) -> dict[str, Result]:
    """Folder by folder, in each the best first; between equals the one that opinions agree on; refused ones last."""
    return dict(sorted(outcomes.items(), key=lambda named: (dirname(named[0]), *_order(named))))


def best(outcomes: Outcomes) -> tuple[str, Assessment] | None:
    """The best of all; None where nothing was scored."""
    first = min(outcomes.items(), key=_order, default=None)
    return (first[0], first[1].assessment) if first and first[1].assessment else None


def _order(named: tuple[str, Result]) -> tuple[bool, float, bool, str]:
    name, result = named
    if result.assessment is None:
        return True, 0.0, False, name
    composite = result.assessment.composite
    return False, -composite.score, composite.note == DIVISIVE, name


def refused(outcomes: Outcomes) -> dict[str, Rejection]:
    """The pictures that have no scores, with the error of each."""
    return {name: result.error for name, result in outcomes.items() if result.error}


def as_table(outcomes: Outcomes, style: str, weights: Weights | None, policy: Policy) -> str:
    """A table as wide as the terminal, in its colours; in a file as wide as it has to be."""
    table = results({name: _document(found) for name, found in outcomes.items()})
    console = fitted(Console(), table)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def as_json(outcomes: Outcomes, style: str, weights: Weights | None, policy: Policy) -> str:
    """One result document a line."""
    documents = ({"filename": name, **_document(found)} for name, found in outcomes.items())
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def as_csv(outcomes: Outcomes, style: str, weights: Weights | None, policy: Policy) -> str:
    """The columns of a ranking, each folder's own; near-duplicates stand below the one that stands for them."""
    scored = [result for result in outcomes.values() if result.assessment]
    codes = {name: error.code for name, error in refused(outcomes).items()}
    folders = groupby(scored, key=lambda result: dirname(result.image.key))
    return ranking_sheet(
        [entry for _, inside in folders for entry in rank(inside, style, weights, policy).entries], codes
    )


Writer = Callable[[Outcomes, str, Weights | None, Policy], str]
WRITERS: dict[str, Writer] = {"table": as_table, "json": as_json, "csv": as_csv}


def _document(result: Result) -> dict[str, Any]:
    assessed = result.assessment.to_json() if result.assessment else {}
    return {"status": result.status, "error": result.error and result.error.to_json(), **assessed}
