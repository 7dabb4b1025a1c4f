"""Why pictures of an event failed: the words that the function's caller, the failure queue and its reader get."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nima.document.result import ObjectRef
from nima.errors import Internal, NimaError

_SHOWN = 5
_LONGEST_KEY, _LONGEST_CAUSE = 1024, 300


@dataclass(frozen=True)
class Failure:
    """One picture that another attempt may succeed with.

    Attributes:
        image: The picture.
        error: What happened.
    """

    image: ObjectRef
    error: NimaError

    def __str__(self) -> str:
        """One line: key, bucket, code and cause."""
        cause = " ".join(self.error.cause.split())
        # As JSON, so that the key's end and odd characters of it show.
        key = json.dumps(_bounded(self.image.key, _LONGEST_KEY), ensure_ascii=False)
        line = f"{key} in {self.image.bucket}: {self.error.code}: {_bounded(cause, _LONGEST_CAUSE)}"
        # What cannot be encoded, as in some exception's text, could not be sent.
        return line.encode(errors="backslashreplace").decode()


def expected(error: Exception) -> NimaError:
    """An error of the closed set: any other than those is ``Internal``, and its kind and text are the cause."""
    if isinstance(error, NimaError):
        return error
    unexpected = Internal("Something unexpected happened.", detail=f"{type(error).__name__}: {error}")
    unexpected.__cause__ = error
    return unexpected


def summary(failures: Sequence[Failure], total: int) -> Internal:
    """The error to raise for the failures among ``total`` pictures.

    Its message names the first few and counts the others by their codes, so that it stays short.
    """
    lines = [str(failure) for failure in failures[:_SHOWN]]
    others = Counter(failure.error.code for failure in failures[_SHOWN:])
    if others:
        lines.append("and " + ", ".join(f"{count} more: {code}" for code, count in sorted(others.items())))
    return Internal(f"{len(failures)} of {total} pictures could not be processed: " + "; ".join(lines))


def _bounded(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
