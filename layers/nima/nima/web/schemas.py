"""JSON schemas of what the API gives, as OpenAPI 3.1 takes them: derived from the types of what is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated

from nima.document.part import Part
from nima.document.result import Rejection
from nima.document.schema import Schema, Schemas, ref
from nima.document.values import Count, Key, Limits, OneOf

__all__ = ["BYTES", "Failure", "Health", "Schema", "Upload", "components", "ref"]

BYTES: Schema = {"type": "string", "format": "binary"}

_FIGURE: Schema = {
    "type": "object",
    "description": "A Plotly figure: `Plotly.newPlot(element, figure.data, figure.layout)`.",
    "properties": {"data": {"type": "array", "items": {"type": "object"}}, "layout": {"type": "object"}},
    "required": ["data", "layout"],
    "additionalProperties": False,
}
_DESCRIPTIONS = {
    "Result": "What is known of one picture. A rejected one has an error and no scores.",
    "Ranking": "Candidates in order, near-duplicates in one entry.",
    "Upload": "A form to post to the bucket: every field as it is, then the picture as the field `file`.",
}


@dataclass(frozen=True)
class Failure(Part):
    """What every error is answered with."""

    error: Rejection
    request_id: str


@dataclass(frozen=True)
class Upload(Part):
    """A form to upload a picture with."""

    key: Key
    content_type: str
    url: Annotated[str, Limits(format="uri")]
    fields: Mapping[str, str]
    expires_in: Annotated[int, "Seconds from now."]
    max_bytes: Count


@dataclass(frozen=True)
class Health(Part):
    """That the API answers."""

    status: Annotated[str, OneOf(lambda: ("ok",))] = field(default="ok", init=False)
    version: str


@cache
def components() -> dict[str, Schema]:
    """The schemas that others refer to, by their names."""
    from nima.catalogue.ranking import Candidate, Entry, Ranking
    from nima.catalogue.stats import CategoryStats, Histogram
    from nima.document.assessment import Deduction, Percentile, Percentiles, Score, Trait
    from nima.document.composite import Weights
    from nima.document.policy import Check
    from nima.document.result import Result
    from nima.document.short import MATCH, STANDING, Search

    kinds = {
        "Error": Failure,
        "Score": Score,
        "Mean": STANDING,
        "Percentiles": Percentiles,
        "Percentile": Percentile,
        "Weights": Weights,
        "Deduction": Deduction,
        "Check": Check,
        "Trait": Trait,
        "Result": Result,
        "Ranking": Ranking,
        "Entry": Entry,
        "Candidate": Candidate,
        "Search": Search,
        "Match": MATCH,
        "Stats": CategoryStats,
        "Histogram": Histogram,
        "Upload": Upload,
        "Health": Health,
    }
    found = {**Schemas(kinds).all(), "Figure": _FIGURE}
    return {name: schema | _described(name) for name, schema in found.items()}


def _described(name: str) -> Schema:
    return {"description": _DESCRIPTIONS[name]} if name in _DESCRIPTIONS else {}
