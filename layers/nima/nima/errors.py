"""The closed set of errors: each has a stable code, an HTTP status and a text that may be shown to anyone.

``PermanentError`` says that trying the same picture again gives the same answer, so it is recorded as a rejection;
``RetryableError`` is raised to the caller of the function, so that Lambda tries again and then keeps the event.
"""

from __future__ import annotations

from typing import ClassVar


class NimaError(Exception):
    """Base of every expected failure.

    Args:
        message: The public text: one or two plain sentences without internals.
        detail: What operators read in addition, in the log and in the failure queue; no caller of the API is shown it.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    retryable: ClassVar[bool]

    def __init__(self, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    @property
    def cause(self) -> str:
        """What operators read: the message, and the detail where there is one."""
        return f"{self.message} ({self.detail})" if self.detail else self.message

    def to_json(self) -> dict[str, str]:
        """The public form, ``{"code", "message"}``."""
        return {"code": self.code, "message": self.message}


class PermanentError(NimaError):
    """The same input will fail again."""

    retryable = False


class RetryableError(NimaError):
    """Another attempt may succeed."""

    retryable = True


class ImageTooLarge(PermanentError):
    code = "image_too_large"
    status = 413


class UnsupportedFormat(PermanentError):
    code = "unsupported_format"
    status = 415


class UndecodableImage(PermanentError):
    code = "undecodable_image"
    status = 422


class TooManyPixels(PermanentError):
    code = "too_many_pixels"
    status = 422


class UnreadableFile(PermanentError):
    """Of the command line only: a file that is gone, or may not be read."""

    code = "unreadable_file"
    status = 422


class UnwritableFile(PermanentError):
    """Of the command line only: a file that may not be written, or has changed meanwhile."""

    code = "unwritable_file"
    status = 422


class UnreadableMetadata(PermanentError):
    """Of the command line only: XMP that is damaged, or of a kind that is left alone."""

    code = "unreadable_metadata"
    status = 422


class InvalidRequest(PermanentError):
    code = "invalid_request"
    status = 400


class NotFound(PermanentError):
    code = "not_found"
    status = 404


class ModelUnavailable(RetryableError):
    code = "model_unavailable"
    status = 503


class Throttled(RetryableError):
    code = "throttled"
    status = 429


class Internal(RetryableError):
    code = "internal"
    status = 500


def error_codes() -> frozenset[str]:
    """The code of every error there is."""
    return frozenset(error.code for kind in NimaError.__subclasses__() for error in kind.__subclasses__())
