"""What several routes take and give."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from nima.catalogue.stats import CategoryStats
from nima.document.composite import STYLES
from nima.document.policy import POLICIES
from nima.document.result import Result
from nima.errors import InvalidRequest
from nima.web.operation import ResponseSchema
from nima.web.parameters import Choice, Integer, Parameter, WeightPair
from nima.web.response import digest
from nima.web.schemas import ref

from ..services import settings, table

STYLE = Choice(
    "style", "How the technical and the aesthetic mean are weighed; `weights` win over it.", words=tuple(STYLES)
)
WEIGHTS = WeightPair("weights", "Own weights, technical and aesthetic, as in `0.4,0.6`; only their proportion counts.")
POLICY = Choice(
    "policy", "The rules that pictures are judged by: a channel's, or those of this stack.", words=tuple(POLICIES)
)
FORMAT = Choice("format", "`csv` for a table; `Accept: text/csv` asks for the same.", words=("json", "csv"))
LIMIT = Integer("limit", "Most entries of an answer.", default=25, low=1, high=100)
CURSOR = Parameter("cursor", "Where the answer before ended: its `cursor`.", longest=4096)


def ok(component: str, description: str) -> dict[int, ResponseSchema]:
    """One response: 200 with a JSON document of a component's schema."""
    return {200: ResponseSchema(description, {"application/json": ref(component)})}


def visits() -> str:
    """What the keys of the pictures begin with that the page keeps for those who visit it."""
    return f"{settings().upload_prefix}page/"


def placed(results: Iterable[Result], least: int = 1) -> list[Result]:
    """The results with where each stands among the pictures of its category now, if there are at least so many."""
    found: dict[str, CategoryStats] = {}
    placed = []
    for result in results:
        if result.category is None or result.assessment is None:
            placed.append(result)
            continue
        if result.category not in found:
            found[result.category] = table().stats(result.category)
        stats = found[result.category]
        placed.append(stats.place(result) if stats.scored >= least else result)
    return placed


def write_cursor(query: Any, place: list[Any]) -> str:
    """An opaque text for a place in the answer to a query."""
    raw = json.dumps([_fingerprint(query), *place], separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_cursor(query: Any, cursor: str, kinds: tuple[type, ...]) -> list[Any]:
    """The place that a cursor stands for.

    Args:
        query: What the cursor has to belong to.
        cursor: What ``write_cursor`` made.
        kinds: The types of the place's parts.

    Raises:
        InvalidRequest: It is none, or belongs to another query.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise InvalidRequest("cursor: the `cursor` of an answer, unchanged.") from error
    if not isinstance(parts, list) or [type(part) for part in parts] != [str, *kinds]:
        raise InvalidRequest("cursor: the `cursor` of an answer, unchanged.")
    if parts[0] != _fingerprint(query):
        raise InvalidRequest("cursor: it belongs to another query.")
    return parts[1:]


def _fingerprint(query: Any) -> str:
    return digest(json.dumps(query, default=str).encode(), 16)
