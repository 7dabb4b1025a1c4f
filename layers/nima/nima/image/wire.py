"""What the process that decodes answers: a picture or an error, which cannot run code.

A hostile file may have taken over the other side.
"""

from __future__ import annotations

from dataclasses import fields

from PIL import Image

from nima.errors import ImageTooLarge, Internal, NimaError, TooManyPixels, UndecodableImage, UnsupportedFormat
from nima.image.decode import Picture
from nima.image.messages import Stream, receive, send

_ERRORS = {error.code: error for error in (ImageTooLarge, TooManyPixels, UndecodableImage, UnsupportedFormat)}


def send_answer(stream: Stream, answer: Picture | NimaError) -> None:
    """Writes a picture, or the error that stands for it."""
    if isinstance(answer, NimaError):
        send(stream, {"code": answer.code, "message": answer.message, "detail": answer.detail})
        return
    facts = {field.name: getattr(answer, field.name) for field in fields(answer) if field.name != "frame"}
    send(stream, {"picture": facts, "size": answer.frame.size}, answer.frame.tobytes())


def receive_answer(stream: Stream) -> Picture | NimaError:
    """Reads what ``send_answer`` wrote; fails as ``receive`` does."""
    facts, pixels = receive(stream)
    try:
        if "picture" in facts:
            width, height = facts["size"]
            return Picture(frame=Image.frombytes("RGB", (width, height), pixels), **facts["picture"])
        return _ERRORS.get(facts["code"], Internal)(facts["message"], detail=facts["detail"])
    except (LookupError, TypeError) as error:
        raise ValueError(f"not an answer: {error!r}") from error
