"""Uploads of pictures that are too large for POST /evaluate: a form that goes straight to the bucket."""

from __future__ import annotations

from nima.aws.presign import presign_upload
from nima.catalogue.folders import MAX_KEY_BYTES
from nima.errors import InvalidRequest
from nima.web.media import ALIASES, PICTURE_TYPES, picture_type
from nima.web.operation import Operation, ResponseSchema
from nima.web.request import Body, Request, check_key
from nima.web.response import Response, json_response
from nima.web.schemas import Upload, ref

from ..services import settings

_MEMBERS = ("key", "content_type")
_BODY = {
    "type": "object",
    "properties": {
        "key": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_KEY_BYTES,
            "description": "Where the picture goes; an object there is replaced. It begins with what the stack's "
            "parameter `UploadPrefix` says, `incoming/` by default.",
        },
        "content_type": {
            "type": "string",
            "enum": [*PICTURE_TYPES, *ALIASES],
            "description": "What the picture will be sent as; the answer has the registered name of it.",
        },
    },
    "required": list(_MEMBERS),
    "additionalProperties": False,
}
UPLOAD = Operation(
    "POST",
    "/uploads",
    "createUpload",
    "A form to upload a picture with",
    {201: ResponseSchema("The form. The picture is scored when it has arrived.", {"application/json": ref("Upload")})},
    "The form holds for the key, the content type and the size that the answer names, for a few minutes. Ask "
    "`GET /images/{key}` for the result.",
    body=Body(
        {"application/json": _BODY},
        example={"key": "incoming/shoes/trail-runner/front.jpg", "content_type": "image/jpeg"},
    ),
)


def upload(request: Request) -> Response:
    """``POST /uploads``"""
    body = request.json(_MEMBERS)
    chosen = settings()
    key, content_type = body.get("key"), body.get("content_type")
    if not isinstance(key, str):
        raise InvalidRequest(f"key: a text of 1 to {MAX_KEY_BYTES} bytes.")
    check_key(key, chosen.upload_prefix)
    registered = picture_type(content_type) if isinstance(content_type, str) else None
    if registered is None:
        raise InvalidRequest(f"content_type: one of {', '.join(PICTURE_TYPES)}.")
    form = presign_upload(
        chosen.bucket,
        key,
        registered,
        chosen.upload_prefix,
        chosen.limits.max_bytes,
        endpoint=chosen.upload_endpoint,
    )
    return json_response(Upload(**form).to_json(), 201)


ROUTES = ((UPLOAD, upload),)
