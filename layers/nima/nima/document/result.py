"""The result document: what is known of one picture in a bucket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from nima.document.assessment import Assessment
from nima.document.record import Record, member
from nima.document.values import CollectionId, Count, ErrorCode, Key, Limits, OneOf, Time
from nima.document.vocabulary import REJECTED, SCORED
from nima.errors import Internal, NimaError

DOCUMENT = 3
"""The number of the shape that this release writes."""

Status = Annotated[str, OneOf(lambda: (SCORED, REJECTED))]


@dataclass(frozen=True)
class ObjectRef(Record):
    """An object in a bucket. ``etag`` and ``version_id`` are None where the event did not tell, ``bucket`` and ``key``
    are empty where the picture is in none."""

    bucket: str = field(default="", metadata=member(blank="null"))
    key: Key = field(default="", metadata=member(blank="null"))
    etag: str | None = None
    version_id: str | None = None
    bytes: Count | None = None

    def is_same(self, other: ObjectRef) -> bool:
        """Whether both are one version with one content. Objects from before versioning are the version ``null``."""
        one, two = ((image.version_id or "null", image.etag) for image in (self, other))
        return one == two


@dataclass(frozen=True)
class Rejection(Record):
    """Why there are no scores, as an error's code and message."""

    code: ErrorCode = Internal.code
    message: str = "Why the picture was refused is not known; score it again."

    @classmethod
    def of(cls, error: NimaError) -> Rejection:
        """That of an error."""
        return cls(error.code, error.message)


@dataclass(frozen=True, kw_only=True)
class Result(Record):
    """What is known of one picture. A rejected one has an error and no scores.

    Attributes:
        document: The number of the document's shape.
        image: The object.
        assessment: What is said of its pixels; None where it was rejected.
        status: scored or rejected.
        error: Why it was rejected.
        category: The category that its key or metadata names.
        collection: The collection, likewise.
        sequencer: Padded sequencer of the latest event that it stands for (see ``nima.aws.events``).
        scored_at: ISO 8601 in UTC.
    """

    document: Annotated[
        int, Limits(minimum=1), "The version of this document's shape, to which older ones are brought."
    ] = field(default=DOCUMENT, init=False)
    image: ObjectRef
    assessment: Assessment | None = field(default=None, metadata=member(flat=True))
    status: Status = field(init=False)
    error: Rejection | None = None
    category: str | None = None
    collection: CollectionId | None = None
    sequencer: str | None = None
    scored_at: Time | None = None

    def __post_init__(self) -> None:
        self._derive(status=SCORED if self.assessment else REJECTED)
