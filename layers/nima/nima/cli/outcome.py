"""What became of each picture of a run, and how that is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console

from nima.assess.assessment import Assessment, ObjectRef, Result
from nima.assess.composite import Weights
from nima.assess.vocabulary import REJECTED, SCORED
from nima.catalogue.ranking import DIVISIVE, rank
from nima.catalogue.sheet import ranking_sheet
from nima.errors import NimaError
from nima.report.table import results

Outcome = Assessment | NimaError
Outcomes = Mapping[str, Outcome]
"""By the pictures' names."""


def best_first(outcomes: Outcomes) -> dict[str, Outcome]:
    """The best first; between equals the one that opinions agree on; refused ones last."""

    def order(named: tuple[str, Outcome]) -> tuple[float, bool, str]:
        name, found = named
        if isinstance(found, NimaError):
            return 0.0, False, name
        return -found.composite.score, found.composite.note == DIVISIVE, name

    return dict(sorted(outcomes.items(), key=order))


def refused(outcomes: Outcomes) -> dict[str, NimaError]:
    """The pictures that have no scores, with the error of each."""
    return {name: found for name, found in outcomes.items() if isinstance(found, NimaError)}


def as_table(outcomes: Outcomes, style: str, weights: Weights | None) -> str:
    """A table as wide as the terminal, in its colours."""
    console = Console()
    with console.capture() as captured:
        console.print(results({name: _document(found) for name, found in outcomes.items()}))
    return captured.get()


def as_json(outcomes: Outcomes, style: str, weights: Weights | None) -> str:
    """One result document a line."""
    documents = ({"filename": name, **_document(found)} for name, found in outcomes.items())
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def as_csv(outcomes: Outcomes, style: str, weights: Weights | None) -> str:
    """The columns of a ranking, near-duplicates below the one that stands for them."""
    scored = [
        Result(ObjectRef("", name), "", "", None, None, found, None)
        for name, found in outcomes.items()
        if isinstance(found, Assessment)
    ]
    codes = {name: error.code for name, error in refused(outcomes).items()}
    return ranking_sheet(rank(scored, style, weights).entries, codes)


Writer = Callable[[Outcomes, str, Weights | None], str]
WRITERS: dict[str, Writer] = {"table": as_table, "json": as_json, "csv": as_csv}


def _document(found: Outcome) -> dict[str, Any]:
    if isinstance(found, NimaError):
        return {"status": REJECTED, "error": found.to_json()}
    return {"status": SCORED, "error": None, **found.to_json()}
