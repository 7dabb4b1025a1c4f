"""Rankings: of a collection, and of pictures that are named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nima.aws.table import COLLECTION_LIMIT
from nima.catalogue.folders import MAX_ID_BYTES, MAX_KEY_BYTES
from nima.catalogue.sheet import COLUMNS, ranking_sheet
from nima.document.composite import WEIGHED, Weights
from nima.document.policy import MAIN_IMAGE
from nima.document.result import Result
from nima.errors import InvalidRequest, NotFound
from nima.web.media import JSON_TYPE
from nima.web.operation import Operation, PathParameter, ResponseSchema
from nima.web.parameters import Choice, fits
from nima.web.request import Body, Request
from nima.web.response import CSV_TYPE, Response, json_response
from nima.web.schemas import ref

from ..services import policy, settings, table
from .common import CURSOR, FORMAT, LIMIT, POLICY, STYLE, WEIGHTS, placed, read_cursor, write_cursor

if TYPE_CHECKING:
    from nima.catalogue.ranking import Ranking

_MAX_KEYS = 200
_PAGE = 25
_RESPONSES = {
    200: ResponseSchema(
        f"The ranking; as CSV its columns are {', '.join(COLUMNS)}: a line for each picture, near-duplicates below the "
        "one that stands for them, those without scores at the end.",
        {"application/json": ref("Ranking"), "text/csv": {"type": "string"}},
    )
}

# A CSV file has no place for a cursor.
_LIMIT = replace(LIMIT, default=None, description=f"Most entries of an answer; else {_PAGE}, and all of them as CSV.")

COLLECTION = Operation(
    "GET",
    "/collections/{id}/ranking",
    "rankCollection",
    "The candidates of a product in order, and which one to show",
    _RESPONSES,
    "Near-duplicates are one entry, `copies` tells of those behind it. "
    "`recommended` names the proposed main image and says why. `missing` is empty here. "
    f"Only the first {COLLECTION_LIMIT} pictures by their keys are ranked; where there are more, `complete` is false. "
    "With `policy`, pictures that fail it come last and are not recommended.",
    query=(STYLE, WEIGHTS, POLICY, _LIMIT, CURSOR, FORMAT),
    path_parameters=(
        PathParameter(
            "id",
            "The collection, percent-encoded. That of a folder is its path, with `~` written `~0` and then `/` written "
            "`~1`; `~` alone is that of pictures without a folder. That of an object's metadata is the text there. A "
            "path's second name, which was the id before, stands for all folders with it where no folder has that id.",
            "shoes~1trail-runner",
            longest=MAX_ID_BYTES,
        ),
    ),
    headers=("Accept",),
    errors=(NotFound,),
)

_LARGEST_WEIGHT = 1_000_000
_WEIGHT = {"type": "number", "minimum": 0, "maximum": _LARGEST_WEIGHT}
_MEMBERS = ("keys", "style", "weights", "policy")
_BODY = {
    "type": "object",
    "properties": {
        "keys": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_BYTES},
            "minItems": 1,
            "maxItems": _MAX_KEYS,
            "description": "Object keys; repetitions count once.",
        },
        "style": STYLE.schema(),
        "weights": {
            "type": "object",
            "properties": dict.fromkeys(WEIGHED, _WEIGHT),
            "required": list(WEIGHED),
            "additionalProperties": False,
            "description": "Not negative and not both 0; only their proportion counts. They win over `style`.",
        },
        "policy": POLICY.schema(),
    },
    "required": ["keys"],
    "additionalProperties": False,
}
NAMED = Operation(
    "POST",
    "/rank",
    "rankImages",
    "The same for pictures that are named",
    _RESPONSES,
    "`missing` has the keys without a result. Every entry is in the one answer.",
    query=(FORMAT,),
    headers=("Accept",),
    body=Body(
        {"application/json": _BODY},
        example={"keys": ["shoes/trail-runner/front.jpg"], "weights": {"technical": 0.4, "aesthetic": 0.6}},
    ),
)


def collection(request: Request) -> Response:
    """``GET /collections/{id}/ranking``"""
    name, values = request.path["id"], request.values
    style, weights = values["style"] or settings().style, values["weights"]
    query = [name, style, weights, values["policy"]]
    after = read_cursor(query, values["cursor"], (int, str)) if values["cursor"] is not None else None
    found = table().collection(name, COLLECTION_LIMIT + 1)
    results = found[:COLLECTION_LIMIT]
    if not results:
        raise NotFound("There is no such collection.")
    ranking = _rank(results, style, weights, values["policy"])
    first = _place_after(ranking, *after) if after else 0
    most = values["limit"] or (len(ranking.entries) if _as_csv(request) else _PAGE)
    page = ranking.entries[first : first + most]
    more = first + len(page) < len(ranking.entries)
    cursor = write_cursor(query, [page[-1].rank, page[-1].key]) if more else None
    complete = len(found) == len(results)
    return _response(request, replace(ranking, entries=page, complete=complete, cursor=cursor))


def named(request: Request) -> Response:
    """``POST /rank``"""
    body = request.json(_MEMBERS)
    keys = _keys(body.get("keys"))
    style = _word(STYLE, body["style"]) if "style" in body else settings().style
    weights = _weights(body["weights"]) if "weights" in body else None
    required = _word(POLICY, body["policy"]) if "policy" in body else None
    found = table().get_many(keys)
    ranking = _rank(found.values(), style, weights, required)
    missing = tuple(key for key in dict.fromkeys(keys) if key not in found)
    return _response(request, replace(ranking, missing=missing))


def _response(request: Request, ranking: Ranking) -> Response:
    if _as_csv(request):
        refused = {result.image.key: result.error.code if result.error else "" for result in ranking.rejected}
        refused |= dict.fromkeys(ranking.missing, NotFound.code)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        return Response(200, CSV_TYPE, ranking_sheet(ranking.entries, refused), headers)
    results = placed(entry.result for entry in ranking.entries)
    entries = tuple(replace(entry, result=result) for entry, result in zip(ranking.entries, results, strict=True))
    return json_response(replace(ranking, entries=entries).to_json(), headers={"Vary": "Accept"})


def _rank(results: Iterable[Result], style: str, weights: Weights | None, required: str | None) -> Ranking:
    from nima.catalogue.ranking import rank

    return rank(results, style, weights, policy(required or MAIN_IMAGE), required=required is not None)


def _as_csv(request: Request) -> bool:
    chosen = request.values["format"]
    return chosen == "csv" or (chosen is None and request.prefers("text/csv", JSON_TYPE))


def _place_after(ranking: Ranking, last: int, key: str) -> int:
    """Where to go on after an entry, which may have moved or gone since."""
    return next((place for place, entry in enumerate(ranking.entries, 1) if entry.key == key), max(0, last))


def _keys(value: Any) -> list[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= _MAX_KEYS:
        raise InvalidRequest(f"keys: a list of 1 to {_MAX_KEYS} object keys.")
    for key in value:
        if not isinstance(key, str) or not fits(key, MAX_KEY_BYTES):
            raise InvalidRequest(f"keys: each a text of 1 to {MAX_KEY_BYTES} bytes.")
    return value


def _word(choice: Choice, value: Any) -> str:
    return choice.read(value if isinstance(value, str) else "")


def _weights(value: Any) -> Weights:
    if not isinstance(value, Mapping) or set(value) != set(WEIGHED):
        raise InvalidRequest("weights: an object of two numbers, technical and aesthetic.")
    for weight in value.values():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= _LARGEST_WEIGHT:
            raise InvalidRequest(f"weights: numbers from 0 to {_LARGEST_WEIGHT}.")
    return Weights.of(value["technical"], value["aesthetic"])


ROUTES = ((COLLECTION, collection), (NAMED, named))
