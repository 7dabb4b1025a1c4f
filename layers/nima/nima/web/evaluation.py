"""``POST /evaluate``, which a function of its own handles and the API's description has."""

from __future__ import annotations

from nima.document.composite import STYLES
from nima.document.policy import POLICIES
from nima.errors import ImageTooLarge, ModelUnavailable, NotFound, TooManyPixels, UndecodableImage
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
    "then at `key`. Without a picture, the one that was scored at `key` is read and assessed again; its result stays.",
    query=(
        Choice("style", "How both means are weighed; `weights` win over it.", words=tuple(STYLES)),
        WeightPair("weights", "Own weights, technical and aesthetic, as in `0.4,0.6`; only their proportion counts."),
        Choice("policy", "The rules that the picture is judged by.", words=tuple(POLICIES)),
        Switch("store", "Whether to keep the picture and its result.", default=False),
        Parameter(
            "key",
            "The object key to keep it at; needed with `store=true`, and then it begins with what the stack's "
            "parameter `UploadPrefix` says, `incoming/` by default. Without a picture, the key of one that was scored.",
        ),
        Switch(
            "maps",
            "Whether to say where in the picture scores and reasons lie: `maps` in the document. Those of a picture in "
            "the bucket are kept, for `GET /images/{key}/maps` and its report.",
            default=False,
        ),
        Switch(
            "advice",
            "Whether to try out what undoes each named fault, and to say with `advice` which score the picture would "
            "then have, or what to shoot again. Takes five inferences at most; nothing is stored.",
            default=False,
        ),
        Switch(
            "crops",
            "Whether to look for the best crop at 1:1, 4:5, 16:9 and 9:16, which never cuts a product. Takes twelve "
            "inferences at most; nothing is stored.",
            default=False,
        ),
    ),
    body=Body({BYTES_TYPE: BYTES, FORM_TYPE: _FORM}, largest=_MAX_FORM_BYTES, any_type=True, required=False),
    errors=(ImageTooLarge, UndecodableImage, TooManyPixels, NotFound, ModelUnavailable),
)
