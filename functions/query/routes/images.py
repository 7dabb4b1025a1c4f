"""One picture: its document, figure, report, maps and thumbnail. Keys are sent percent-encoded."""

from __future__ import annotations

from dataclasses import replace

from nima.catalogue.stats import LEAST_COMPARED
from nima.document.assessment import Assessment
from nima.document.composite import CUSTOM, Weights
from nima.document.maps import KeptMaps
from nima.document.policy import MAIN_IMAGE
from nima.document.result import Result
from nima.errors import NotFound
from nima.heads import HEADS
from nima.report.figure import figure
from nima.web.media import BYTES_TYPE, JPEG_TYPE
from nima.web.operation import Operation, PathParameter, ResponseSchema
from nima.web.parameters import Choice
from nima.web.request import Request
from nima.web.response import HTML_TYPE, Response, json_response
from nima.web.schemas import BYTES, ref

from ..report import LANGUAGES, choose_language, render, security_policy
from ..services import policy, table
from .common import POLICY, STYLE, WEIGHTS, placed, visits

_KEY = (PathParameter("key", "The object key, percent-encoded with `/` as `%2F`.", "shoes/trail-runner/front.jpg"),)
_ETAGGED = ("ETag", "Cache-Control")
_UNCHANGED = ResponseSchema("What `If-None-Match` names is still right.", {}, _ETAGGED)

HEAD = Choice("head", "Which distribution to draw.", default="both", words=("both", *HEADS))
LANGUAGE = Choice("language", "The report's language; else `Accept-Language` decides.", words=tuple(LANGUAGES))

DOCUMENT = Operation(
    "GET",
    "/images/{key}",
    "getImage",
    "The result document of a picture",
    {200: ResponseSchema("The document.", {"application/json": ref("Result")}, _ETAGGED), 304: _UNCHANGED},
    "Of a rejected picture too, with its error. `percentile.catalogue` is as of now. Slashes of the key may be sent as "
    "they are here, unless the key ends in `/figure`, `/report`, `/maps` or `/thumbnail`.",
    path_parameters=_KEY,
    headers=("If-None-Match",),
    errors=(NotFound,),
)

FIGURE = Operation(
    "GET",
    "/images/{key}/figure",
    "getFigure",
    "The distributions of a picture as a Plotly figure",
    {200: ResponseSchema("The figure.", {"application/json": ref("Figure")}, _ETAGGED), 304: _UNCHANGED},
    query=(HEAD,),
    path_parameters=_KEY,
    headers=("If-None-Match",),
    errors=(NotFound,),
)

REPORT = Operation(
    "GET",
    "/images/{key}/report",
    "getReport",
    "A report of a picture to read or print",
    {200: ResponseSchema("One HTML file that needs no other.", {"text/html": {"type": "string"}})},
    "By the style that the picture was scored with, where neither `style` nor `weights` are given.",
    query=(LANGUAGE, STYLE, WEIGHTS, POLICY),
    path_parameters=_KEY,
    headers=("Accept-Language",),
    errors=(NotFound,),
)

MAPS = Operation(
    "GET",
    "/images/{key}/maps",
    "getMaps",
    "Where in a picture its scores and reasons lie",
    {200: ResponseSchema("The maps.", {"application/json": ref("Maps")}, _ETAGGED), 304: _UNCHANGED},
    "Once `POST /evaluate?maps=true&key=...` has made them; they go with the result that they are of.",
    path_parameters=_KEY,
    headers=("If-None-Match",),
    errors=(NotFound,),
)

THUMBNAIL = Operation(
    "GET",
    "/images/{key}/thumbnail",
    "getThumbnail",
    "A small JPEG of a scored picture",
    {
        200: ResponseSchema("At most 480 px and 40 KB.", dict.fromkeys((JPEG_TYPE, BYTES_TYPE), BYTES), _ETAGGED),
        304: _UNCHANGED,
    },
    f"As `{BYTES_TYPE}` for clients whose `Accept` names that.",
    path_parameters=_KEY,
    headers=("Accept", "If-None-Match"),
    errors=(NotFound,),
)


def document(request: Request) -> Response:
    """``GET /images/{key}``"""
    return json_response(_result(request).to_json()).revalidated(request.headers.get("if-none-match"))


def distributions(request: Request) -> Response:
    """``GET /images/{key}/figure``"""
    result = _result(request)
    head = request.values["head"]
    assessed = _assessed(result, "figure")
    if head not in ("both", *assessed.scores):
        raise NotFound("The picture has no scores of this head.")
    drawn = figure(assessed, result.image.key, () if head == "both" else (head,))
    return json_response(drawn).revalidated(request.headers.get("if-none-match"))


def report(request: Request) -> Response:
    """``GET /images/{key}/report``"""
    stored = _stored(request, request.values["policy"] or MAIN_IMAGE)
    result = _weighed(_comparable(stored), request.values["style"], request.values["weights"])
    language = request.values["language"] or choose_language(request.headers.get("accept-language", ""))
    if result.assessment:
        result = replace(result, assessment=replace(result.assessment, maps=table().maps(result.image.key)))
    page = render(result, table().thumbnail(result.image.key), language)
    headers = {
        "Cache-Control": "no-store",
        "Content-Language": LANGUAGES[language],
        "Content-Security-Policy": security_policy(),
        "Vary": "Accept-Language",
    }
    return Response(200, HTML_TYPE, page, headers)


def maps(request: Request) -> Response:
    """``GET /images/{key}/maps``"""
    kept = table().maps(request.path["key"])
    if kept is None:
        raise NotFound("There are no maps for this key; POST /evaluate?maps=true&key=... makes them.")
    return json_response(KeptMaps(kept).to_json()).revalidated(request.headers.get("if-none-match"))


def thumbnail(request: Request) -> Response:
    """``GET /images/{key}/thumbnail``"""
    key = request.path["key"]
    jpeg = table().thumbnail(key)
    if jpeg is None:
        raise NotFound("There is no thumbnail for this key.")
    kind = BYTES_TYPE if request.prefers(BYTES_TYPE, JPEG_TYPE) else JPEG_TYPE
    return Response(200, kind, jpeg, {"Vary": "Accept"}).revalidated(request.headers.get("if-none-match"))


def _result(request: Request) -> Result:
    """The stored result of the key, with its place in the catalogue."""
    return placed([_stored(request)])[0]


def _comparable(result: Result) -> Result:
    """The result with its place in the catalogue where that says something: what visitors sent is no catalogue."""
    return result if result.image.key.startswith(visits()) else placed([result], LEAST_COMPARED)[0]


def _weighed(result: Result, style: str | None, weights: Weights | None) -> Result:
    """The result by a style or weights of one's own; as it was stored where neither is given."""
    if result.assessment is None or (style is None and weights is None):
        return result
    return replace(result, assessment=result.assessment.weighed(style or CUSTOM, weights))


def _stored(request: Request, name: str = MAIN_IMAGE) -> Result:
    """The stored result of the key, judged by a policy's rules of now."""
    result = table().get(request.path["key"])
    if result is None:
        raise NotFound("There is no result for this key.")
    return replace(result, assessment=result.assessment and result.assessment.judged(policy(name)))


def _assessed(result: Result, wanted: str) -> Assessment:
    if result.assessment is None:
        code = result.error.code if result.error else None
        raise NotFound(f"The picture was rejected ({code}), so it has no {wanted}.")
    return result.assessment


ROUTES = ((FIGURE, distributions), (REPORT, report), (THUMBNAIL, thumbnail), (MAPS, maps), (DOCUMENT, document))
