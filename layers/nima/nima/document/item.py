"""The result document as the table keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nima.document.assessment import Assessment
from nima.document.read import FAILURES, known_members, read
from nima.document.record import Json, written
from nima.document.result import Rejection, Result
from nima.document.upgrade import COMPLETIONS, key_of, status_of
from nima.document.vocabulary import SCORED
from nima.errors import Internal


class Unreadable(ValueError):
    """A stored document that cannot be read."""


def to_item(result: Result) -> Json:
    """The document as it is stored: every float a ``Decimal``, as DynamoDB's resource interface takes it."""
    item: Json = written(result, stored=True)
    return item


def from_item(item: Mapping[str, Any]) -> Result:
    """Reads what ``to_item`` of this or another release wrote, not judged; what the table adds is ignored.

    Raises:
        Unreadable: It lacks what nothing can stand for, or is damaged.
    """
    try:
        if status_of(item) == SCORED:
            return _result(item, read(Assessment, item, COMPLETIONS), None)
        return _result(item, None, read(Rejection, item.get("error"), {}))
    except FAILURES as error:
        raise Unreadable(f"{item.get('pk')}: {error!r}") from error


def unreadable(item: Mapping[str, Any]) -> Result:
    """What is shown in the place of a document that cannot be read: what is known, and an error that says so."""
    return _result(item, None, Rejection.of(Internal("The stored result cannot be read; score the picture again.")))


def _result(item: Mapping[str, Any], assessment: Assessment | None, error: Rejection | None) -> Result:
    known = known_members(Result, item, {}, but=("assessment", "error"))
    known["image"] = replace(known["image"], key=key_of(item))
    return Result(assessment=assessment, error=error, **known)
