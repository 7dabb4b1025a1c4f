"""The picture of a request: its whole body, or a field of a form."""

from __future__ import annotations

import io

from multipart import MultipartError, MultipartParser, parse_options_header  # type: ignore[import-untyped]

from nima.errors import ImageTooLarge, InvalidRequest, UndecodableImage
from nima.web.evaluation import FIELD, FORM_TYPE, MAX_PICTURE_BYTES
from nima.web.request import Request

_MAX_FIELDS = 16


def read_picture(request: Request) -> bytes:
    """The bytes that the request brings.

    Raises:
        InvalidRequest: It brings no picture, or the form is not well-formed; the message names the field.
        UndecodableImage: The picture is an empty file.
        ImageTooLarge: They are more than ``MAX_PICTURE_BYTES``.
    """
    data = _field(request) if request.content_type == FORM_TYPE else _body(request)
    if data is None:
        raise InvalidRequest(f"{FIELD}: no picture was sent. Send it as the body, or as the field {FIELD} of a form.")
    if not data:
        raise UndecodableImage("The file is empty.")
    if len(data) > MAX_PICTURE_BYTES:
        raise ImageTooLarge(
            f"The picture is larger than {MAX_PICTURE_BYTES / 1e6:g} MB; POST /uploads is for larger ones."
        )
    return data


def _body(request: Request) -> bytes | None:
    """The body; None where it is empty and no content type says that this is a picture all the same."""
    return request.body if request.body or request.content_type.startswith("image/") else None


def _field(request: Request) -> bytes | None:
    """The content of the form's field ``image``; None where there is no such field."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary", "")
    if not boundary:
        raise InvalidRequest("Content-Type: a form needs its boundary.")
    try:
        parser = MultipartParser(
            io.BytesIO(request.body),
            boundary,
            content_length=len(request.body),
            part_limit=_MAX_FIELDS,
            # All in memory, where the body already is.
            memory_limit=len(request.body) + 1,
            spool_limit=len(request.body) + 1,
        )
        fields = [part for part in parser if part.name == FIELD]
    except (MultipartError, ValueError, LookupError) as error:
        raise InvalidRequest("The form could not be read.", detail=str(error)) from error
    if len(fields) > 1:
        raise InvalidRequest(f"{FIELD}: one picture at a time.")
    return bytes(fields[0].raw) if fields else None
