"""The page that people open: static files that need no API key, and what they have to know of the server.

The files lie in the folder ``page`` beside the routes, the words that they show in ``nima.words``. Plotly.js is the one
of the Python package ``plotly``: the build puts it there compressed, and where nothing was built it is taken from the
installed package.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from nima.catalogue.folders import MAX_ID_BYTES
from nima.catalogue.stats import LEAST_COMPARED
from nima.document.composite import DIVISIVE_FROM, STEPS, STYLES
from nima.document.policy import MAIN_IMAGE
from nima.document.similarity import NEAR_DUPLICATE_BITS
from nima.errors import NotFound
from nima.image.formats import FORMATS, RAW_EXTENSIONS, TYPES
from nima.packages import plotly_js
from nima.web.accept import qualities
from nima.web.evaluation import MAX_PICTURE_BYTES
from nima.web.media import JSON_TYPE
from nima.web.operation import Operation, PathParameter, ResponseSchema
from nima.web.parameters import Parameter
from nima.web.request import Request
from nima.web.response import HTML_TYPE, Response, digest, json_response
from nima.words import FOLDER as WORDS

from ..services import settings
from .common import visits

FOLDER = Path(__file__).resolve().parents[1] / "page"
INDEX = "index.html"
PLOTLY = "plotly.min.js"

_TYPES = {
    ".html": HTML_TYPE,
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": JSON_TYPE,
    ".svg": "image/svg+xml",
}
_REVALIDATE = "no-cache"
_A_WEEK = "public, max-age=604800"

PAGE = Operation(
    "GET",
    "/",
    "getPage",
    "The page",
    {200: ResponseSchema("HTML.", {"text/html": {"type": "string"}})},
    query=(Parameter("collection", "The id of the collection whose ranking it opens with.", longest=MAX_ID_BYTES),),
    open=True,
    documented=False,
)
SETTINGS = Operation(
    "GET",
    "/page/settings.json",
    "getPageSettings",
    "What the page has to know to rank as the server ranks",
    {200: ResponseSchema("Styles, steps and limits.", {"application/json": {"type": "object"}})},
    open=True,
    documented=False,
)
FILE = Operation(
    "GET",
    "/page/{file}",
    "getPageFile",
    "A file of the page",
    {200: ResponseSchema("The file.", {kind.partition(";")[0]: {"type": "string"} for kind in _TYPES.values()})},
    path_parameters=(PathParameter("file", "The file's path.", "app.js"),),
    headers=("If-None-Match",),
    errors=(NotFound,),
    open=True,
    documented=False,
)


@dataclass(frozen=True)
class Asset:
    """A file of the page, compressed with gzip."""

    packed: bytes
    content_type: str
    cache: str = _REVALIDATE

    @classmethod
    def of(cls, body: bytes, content_type: str) -> Asset:
        return cls(gzip.compress(body, mtime=0), content_type)

    @property
    def etag(self) -> str:
        return f'"{digest(self.packed, 16)}"'


def page(request: Request) -> Response:
    """``GET /``"""
    return _response(_with_base(asset(INDEX), request), request)


def page_settings(_: Request) -> Response:
    """``GET /page/settings.json``"""
    from nima.catalogue.order import CLEAR, OUTWEIGHED, TIED

    return json_response(
        {
            "styles": {name: asdict(style) for name, style in STYLES.items()},
            "style": settings().style,
            "divisive_from": DIVISIVE_FROM,
            "steps": [{"least": least, "stars": stars, "band": band} for least, stars, band in STEPS],
            "formats": {
                "labels": [format.label for format in FORMATS.values()],
                "types": {name: list(kind.extensions) for name, kind in TYPES.items()},
                "raw": sorted(RAW_EXTENSIONS),
            },
            "near_duplicate_bits": NEAR_DUPLICATE_BITS,
            "margins": {"tied": TIED, "clear": CLEAR, "outweighed": OUTWEIGHED},
            "policy": MAIN_IMAGE,
            "evaluate_max_bytes": MAX_PICTURE_BYTES,
            "upload_prefix": settings().upload_prefix,
            "visits": visits(),
            "least_compared": LEAST_COMPARED,
            "collections": list(settings().collections),
        }
    )


def page_file(request: Request) -> Response:
    """``GET /page/{file}``"""
    return _response(asset(request.path["file"]), request)


@cache
def asset(name: str) -> Asset:
    """A file by its path in the folder.

    Raises:
        NotFound: There is no such file.
    """
    if name == PLOTLY:
        return Asset(_plotly(), _TYPES[".js"], _A_WEEK)
    # The listings decide, so that no path leads out of the folders.
    files = {path.name: path for path in FOLDER.iterdir()} | {f"words/{path.name}": path for path in WORDS.iterdir()}
    path = files.get(name)
    if path is None or path.suffix not in _TYPES:
        raise NotFound("There is no such file.")
    return Asset.of(path.read_bytes(), _TYPES[path.suffix])


def security_policy(variables: Mapping[str, str]) -> str:
    """The page's Content-Security-Policy: scripts are its own files, and it talks to its own server and the bucket.

    Styles may be inline: Plotly sets them, and so do reports, which the page opens and which are bound by its policy.
    """
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' blob: data:",
        "connect-src": " ".join(("'self'", "blob:", *_upload_origins(variables))),
        "base-uri": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _upload_origins(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Where presigned uploads go: the bucket's hosts on AWS, or the endpoint that stands in for it."""
    endpoint = settings().upload_endpoint or variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL")
    if endpoint:
        from urllib.parse import urlsplit

        parts = urlsplit(endpoint)
        return (f"{parts.scheme}://{parts.netloc}",)
    bucket, region = settings().bucket, variables.get("AWS_REGION", "")
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return (f"https://{bucket}.s3.{region}.{suffix}", f"https://{bucket}.s3.{suffix}")


def _plotly() -> bytes:
    built = FOLDER / f"{PLOTLY}.gz"
    if built.is_file():
        return built.read_bytes()
    if installed := plotly_js():
        return gzip.compress(installed.read_bytes(), mtime=0)
    raise NotFound("Plotly.js is not installed here.")


def _with_base(found: Asset, request: Request) -> Asset:
    """The page with the path that its links start from: API Gateway's own URLs work without the slash at their end."""
    if ".execute-api." not in request.headers.get("host", ""):
        return found
    from html import escape

    tag = f'<head>\n<base href="/{escape(request.stage)}/">'
    return Asset.of(gzip.decompress(found.packed).replace(b"<head>", tag.encode(), 1), found.content_type)


def _response(found: Asset, request: Request) -> Response:
    headers = {
        "ETag": found.etag,
        "Cache-Control": found.cache,
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": security_policy(os.environ),
        "Referrer-Policy": "no-referrer",
    }
    if request.headers.get("if-none-match") == found.etag:
        return Response(304, None, "", headers)
    if qualities(request.headers.get("accept-encoding", "")).get("gzip"):
        return Response(200, found.content_type, found.packed, {**headers, "Content-Encoding": "gzip"})
    return Response(200, found.content_type, gzip.decompress(found.packed).decode(), headers)


ROUTES = ((PAGE, page), (SETTINGS, page_settings), (FILE, page_file))
