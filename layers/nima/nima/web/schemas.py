"""JSON schemas of what the API gives, as OpenAPI 3.1 takes them: derived from the types of what is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

from nima.document.record import Json, Record
from nima.document.result import Rejection
from nima.document.values import Count, Key, Limits, OneOf, ref

__all__ = ["BYTES", "Failure", "Health", "Upload", "components", "ref"]

BYTES: Json = {"type": "string", "format": "binary"}

_FIGURE: Json = {
    "type": "object",
    "description": "A Plotly figure: `Plotly.newPlot(element, figure.data, figure.layout)`.",
    "properties": {"data": {"type": "array", "items": {"type": "object"}}, "layout": {"type": "object"}},
    "required": ["data", "layout"],
    "additionalProperties": False,
}
_DESCRIPTIONS = {
    "Result": {"description": "What is known of one picture. A rejected one has an error and no scores."},
    "Ranking": {"description": "Candidates in order, near-duplicates in one entry."},
    "Scale": {"description": "How the composites of a model are spread over a population, for any weights."},
    "Upload": {
        "description": "A form to post to the bucket: every field as it is, then the picture as the field `file`."
    },
}


@dataclass(frozen=True)
class Failure(Record):
    """What every error is answered with."""

    error: Rejection
    request_id: str


@dataclass(frozen=True)
class Upload(Record):
    """A form to upload a picture with."""

    key: Key
    content_type: str
    url: Annotated[str, Limits(format="uri")]
    fields: Mapping[str, str]
    expires_in: Annotated[int, "Seconds from now."]
    max_bytes: Count


@dataclass(frozen=True)
class Health(Record):
    """That the API answers."""

    status: Annotated[str, OneOf(lambda: ("ok",))] = field(default="ok", init=False)
    version: str


@cache
def components() -> dict[str, Json]:
    """The schemas that others refer to, by their names."""
    from nima.catalogue.candidates import Candidate, Entry
    from nima.catalogue.ranking import Ranking
    from nima.catalogue.stats import CategoryStats, Histogram
    from nima.document.advice import Advice, Crop
    from nima.document.assessment import Deduction, Percentile, Percentiles, Score, Trait
    from nima.document.composite import Weights
    from nima.document.maps import KeptMaps, PlaceMap
    from nima.document.policy import Check
    from nima.document.result import Result
    from nima.document.scale import Scale
    from nima.document.schema import Schemas
    from nima.document.short import MATCH, STANDING, Search

    named = (
        Score,
        Percentiles,
        Percentile,
        Weights,
        Scale,
        Deduction,
        Check,
        Trait,
        PlaceMap,
        Advice,
        Crop,
        Result,
        Ranking,
        Entry,
        Candidate,
        Search,
    )
    kinds: dict[str, Any] = {kind.__name__: kind for kind in (*named, Histogram, Upload, Health)}
    kinds |= {"Maps": KeptMaps, "Error": Failure, "Mean": STANDING, "Match": MATCH, "Stats": CategoryStats}
    found = {**Schemas(kinds).all(), "Figure": _FIGURE}
    return {name: {**schema, **_DESCRIPTIONS.get(name, {})} for name, schema in found.items()}
