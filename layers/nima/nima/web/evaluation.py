"""``POST /evaluate``, which a function of its own handles and the API's description has."""

from __future__ import annotations

from nima.document.composite import STYLES
from nima.document.policy import POLICIES
from nima.errors import ImageTooLarge, ModelUnavailable, TooManyPixels, UndecodableImage
from nima.web.media import BYTES_TYPE
from nima.web.operation import Operation, ResponseSchema
from nima.web.parameters import Choice, Parameter, Switch, WeightPair
from nima.web.request import Body
from nima.web.schemas import BYTES, ref

MAX_PICTURE_BYTES = 4_500_000
"""Lambda takes 6 MB of request, which base64 makes of this."""

_MAX_FORM_BYTES = MAX_PICTURE_BYTES + 4096
FORM_TYPE = "multipart/form-data"
FIELD = "image"

_FORM = {
    "type": "object",
    "properties": {FIELD: BYTES},
    "required": [FIELD],
}

EVALUATE = Operation(
    "POST",
    "/evaluate",
    "evaluateImage",
    "Scores a picture at once",
    {200: ResponseSchema("The result document.", {"application/json": ref("Result")})},
    f"The picture is the body, or the field `{FIELD}` of a form; at most {MAX_PICTURE_BYTES / 1e6:g} MB. Its content "
    "tells what it is: the body may be sent as any content type, or as none. It is kept only with `store=true`, and "
    "then at `key`.",
    query=(
        Choice("style", "How both means are weighed; `weights` win over it.", words=tuple(STYLES)),
        WeightPair("weights", "Own weights, technical and aesthetic, as in `0.4,0.6`; only their proportion counts."),
        Choice("policy", "The rules that the picture is judged by.", words=tuple(POLICIES)),
        Switch("store", "Whether to keep the picture and its result.", default=False),
        Parameter(
            "key",
            "The object key to keep it at; needed with `store=true` and not allowed without. It begins with what the "
            "stack's parameter `UploadPrefix` says, `incoming/` by default.",
        ),
    ),
    body=Body({BYTES_TYPE: BYTES, FORM_TYPE: _FORM}, largest=_MAX_FORM_BYTES, any_type=True),
    errors=(ImageTooLarge, UndecodableImage, TooManyPixels, ModelUnavailable),
)
