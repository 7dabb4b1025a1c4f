"""The short form of a result: what is shown of it in rankings, in search rows and in events, each some of one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nima.document.assessment import File, Score
from nima.document.policy import Verdict
from nima.document.record import Json, Record, member
from nima.document.result import Result
from nima.heads import HEADS

MAIN_DEDUCTIONS = 3
"""Deductions that the short form of a search's row names."""


@dataclass(frozen=True)
class Pick:
    """A member that is shown.

    Attributes:
        path: Where it lies in the document, with dots.
        view: What is shown of it; None shows all.
        most: Most entries of a list.
        sure: Whether it is there in everything that is shown, though the document may be without it.
    """

    path: str
    view: View | None = None
    most: int | None = None
    sure: bool = False

    def out_of(self, document: Json) -> Any:
        """It, out of a document; None where the document is without it."""
        content: Any = document
        for name in self.path.split("."):
            content = content.get(name) if content else None
        if content is None:
            return None
        return self.view.within(content) if self.view else content[: self.most] if self.most else content


class View:
    """Some members of a kind of record, under names of their own.

    Args:
        kind: The kind.
        picks: The members by these names.
        whole: Whether only records are shown whose own records are all there: scored pictures, of results.
    """

    def __init__(self, kind: type[Record], picks: Mapping[str, Pick], *, whole: bool = True) -> None:
        self.kind = kind
        self.picks = picks
        self.whole = whole

    def of(self, record: Record) -> Json:
        """What is shown of a record."""
        return self.within(record.to_json())

    def within(self, document: Json) -> Json:
        """What is shown of a record's JSON."""
        return {name: pick.out_of(document) for name, pick in self.picks.items()}


def _all(kind: Any, *names: str) -> View:
    return View(kind, {name: Pick(name) for name in names})


STANDING = _all(Score, "mean", "std", "percentile")
_MOMENTS = _all(Score, "mean", "std")

_SHORT = {
    "bucket": Pick("image.bucket"),
    "key": Pick("image.key", sure=True),
    "version_id": Pick("image.version_id"),
    "sequencer": Pick("sequencer"),
    "status": Pick("status"),
    "error": Pick("error"),
    "category": Pick("category"),
    "collection": Pick("collection"),
    "composite": Pick("composite"),
    **{name: Pick(f"composite.{name}") for name in ("score", "stars", "band", "note")},
    "scale": Pick("scale"),
    **{head: Pick(head, STANDING) for head in HEADS},
    "deductions": Pick("deductions", most=MAIN_DEDUCTIONS),
    "other_styles": Pick("other_styles"),
    "confidence": Pick("confidence.level"),
    "phash": Pick("phash"),
    "image": Pick("image", _all(File, "bytes", "width", "height")),
    "policy": Pick("policies.marketplace_main_image", _all(Verdict, "pass", "checks", "policy", "not_checked")),
    "model": Pick("model"),
    "scored_at": Pick("scored_at"),
}
_SCORES = ("score", "stars", "band", "note", "scale", *HEADS, "deductions", "confidence")


def _short(*names: str, whole: bool = True, **instead: Pick) -> View:
    return View(Result, {name: instead.get(name, _SHORT[name]) for name in names}, whole=whole)


CANDIDATE = _short("key", *_SCORES, "phash", "policy", "image", "other_styles", deductions=Pick("deductions"))
"""A scored picture in a ranking, with all that its place depends on."""

REFUSED = _short("key", "error", error=Pick("error", sure=True))
"""A picture without scores in a ranking."""

MATCH = _short("key", "category", "collection", *_SCORES, "scored_at", category=Pick("category", sure=True))
"""A scored picture that a search found."""


@dataclass(frozen=True)
class Search(Record):
    """A page of what a search found, and where to go on; None on the last page."""

    items: tuple[Result, ...] = field(metadata=member(view=MATCH))
    cursor: str | None


EVENT = _short(
    *("bucket", "key", "version_id", "sequencer", "status", "error", "category", "collection"),
    *(*HEADS, "composite", "model", "scored_at"),
    whole=False,
    **{head: Pick(head, _MOMENTS) for head in HEADS},
)
"""What became of a picture, for those who need not ask for the rest; what a rejected one has not is null."""
