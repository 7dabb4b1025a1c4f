"""Pictures of a category by their score."""

from __future__ import annotations

from nima.aws.table import Position
from nima.catalogue.folders import MAX_KEY_BYTES
from nima.document.short import Search
from nima.errors import InvalidRequest
from nima.web.operation import Operation
from nima.web.parameters import Choice, Parameter, Score, fits
from nima.web.request import Request
from nima.web.response import Response, json_response

from ..services import table
from .common import CURSOR, LIMIT, ok, placed, read_cursor, write_cursor

CATEGORY = Parameter("category", "Whose pictures.", required=True, example="shoes")
MIN_SCORE = Score("min_score", "Least composite score.", default=1.0)
MAX_SCORE = Score("max_score", "Greatest composite score.", default=10.0)
SORT = Choice("sort", "`-score` has the best first.", default="-score", words=("-score", "score"))

SEARCH = Operation(
    "GET",
    "/images",
    "searchImages",
    "Scored pictures of a category by their score",
    ok("Search", "A page of pictures; `cursor` is null on the last one. An unknown category has none."),
    "By the composite score that was stored. Follows an upload within a moment.",
    query=(CATEGORY, MIN_SCORE, MAX_SCORE, SORT, LIMIT, CURSOR),
)


def search(request: Request) -> Response:
    """``GET /images``"""
    values = request.values
    category, low, high, sort = values["category"], values["min_score"], values["max_score"], values["sort"]
    if low > high:
        raise InvalidRequest("min_score: not greater than max_score.")
    query = [category, low, high, sort]
    start = None
    if values["cursor"] is not None:
        score, key = read_cursor(query, values["cursor"], (float, str))
        if not low <= score <= high or not fits(key, MAX_KEY_BYTES):
            raise InvalidRequest("cursor: the `cursor` of an answer, unchanged.")
        start = Position(score, key)
    results, following = table().search(
        category, low, high, descending=sort == "-score", limit=values["limit"], start=start
    )
    cursor = write_cursor(query, [following.score, following.key]) if following else None
    return json_response(Search(tuple(placed(results)), cursor).to_json())


ROUTES = ((SEARCH, search),)
