"""How the scores of a category are spread."""

from __future__ import annotations

from nima.errors import NotFound
from nima.web.answers import Answer, as_json
from nima.web.operation import Operation, PathParameter
from nima.web.requests import Request

from ..services import table
from .common import given

STATS = Operation(
    "GET",
    "/stats/{category}",
    "getStats",
    "Histograms and quantiles of a category",
    given("Stats", "The counts of 180 bins from 1 to 10, exact as of now, and quantiles from them."),
    path_parameters=(PathParameter("category", "The category, percent-encoded.", "shoes"),),
    errors=(NotFound,),
)


def stats(request: Request) -> Answer:
    """``GET /stats/{category}``"""
    found = table().stats(request.path["category"])
    if not found.scored and not found.rejected:
        raise NotFound("There is no such category.")
    return as_json(found.to_json())


ROUTES = ((STATS, stats),)
