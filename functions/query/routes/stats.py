"""How the scores of a category are spread."""

from __future__ import annotations

from nima.errors import NotFound
from nima.web.operation import Operation, PathParameter
from nima.web.request import Request
from nima.web.response import Response, json_response

from ..services import table
from .common import ok

STATS = Operation(
    "GET",
    "/stats/{category}",
    "getStats",
    "Histograms and quantiles of a category",
    ok("Stats", "The counts of 180 bins from 1 to 10, exact as of now, and quantiles from them."),
    path_parameters=(PathParameter("category", "The category, percent-encoded.", "shoes"),),
    errors=(NotFound,),
)


def stats(request: Request) -> Response:
    """``GET /stats/{category}``"""
    found = table().stats(request.path["category"])
    if not found.scored and not found.rejected:
        raise NotFound("There is no such category.")
    return json_response(found.to_json())


ROUTES = ((STATS, stats),)
