"""What a change of an object does to the table: score it, record why it was refused, or bury it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nima.assess.assessment import DELETED, Assessment, ObjectRef, Result
from nima.assess.assessor import Assessor
from nima.aws.events import FIRST_SEQUENCER, Change, Created, Deleted, Named
from nima.aws.objects import Gone, StoredObject, fetch
from nima.aws.table import ResultTable
from nima.catalogue.keys import KeyPattern, Place
from nima.errors import InvalidRequest, NotFound, PermanentError

STALE, GONE, IGNORED, INVALID = "stale", "gone", "ignored", "invalid"
CATEGORY_METADATA, COLLECTION_METADATA = "category", "collection"

_MAX_NAME_BYTES = 1024


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Outcome:
    """What became of one change.

    Attributes:
        key: The object's key; None where the event's record has none that can be read.
        status: scored, rejected or deleted where the table was changed; stale where the same or a later event had been
            stored before; gone where the object was no longer there; ignored for a folder's marker; invalid where the
            event's record cannot be read, which is neither stored nor tried again.
        code: The error's code of a rejection or of an invalid record.
        milliseconds: Time that decoding and scoring took.
        message: Why, in plain words, where the status alone does not say it.
    """

    key: str | None
    status: str
    code: str | None = None
    milliseconds: float | None = None
    message: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Scoring:
    """Applies changes to the table.

    Attributes:
        assessor: Scores the bytes.
        table: Where results go.
        pattern: Tells category and collection from a key; an object's metadata ``category`` and ``collection`` win.
        tombstone_days: For how long a deletion is remembered.
        tell: Told of every result after it was stored, at least once for each event that stands.
        now: The clock, in UTC.
    """

    assessor: Assessor
    table: ResultTable
    pattern: KeyPattern
    tombstone_days: int
    tell: Callable[[Result], None]
    now: Callable[[], datetime] = _utc_now

    def apply(self, change: Change) -> Outcome:
        """Applies one change. Applying it again, or after a later one, changes nothing.

        Raises:
            RetryableError: Nothing was written, or it was not told; try again.
            NotFound: A named object does not exist.
        """
        match change:
            case Deleted(image, sequencer, whole):
                expires_at = int((self.now() + timedelta(days=self.tombstone_days)).timestamp())
                buried = self.table.bury(image, sequencer, whole=whole, expires_at=expires_at)
                return Outcome(image.key, DELETED if buried else STALE)
            case Created(image, sequencer):
                if image.key.endswith("/") and image.bytes == 0:
                    return Outcome(image.key, IGNORED)
                try:
                    result = self._result(image, sequencer)
                except Gone:
                    self._tell_again(image.key, sequencer)
                    return Outcome(image.key, GONE)
                written = self.table.put(result)
                if not written:
                    self._tell_again(image.key, sequencer)
            case Named(image):
                expected = self.table.stored(image.key)
                try:
                    result = self._result(image, expected.sequencer or FIRST_SEQUENCER)
                except Gone as error:
                    raise NotFound("There is no such picture.", detail=str(error)) from error
                written = self.table.replace(result, expected)
        if written:
            self.tell(result)
        return _outcome(result, written=written)

    def _tell_again(self, key: str, sequencer: str) -> None:
        """Tells what an earlier attempt of the same event has stored, as that attempt may have ended before it did."""
        stored = self.table.get(key)
        if stored and stored.sequencer == sequencer:
            self.tell(stored)

    def _result(self, image: ObjectRef, sequencer: str) -> Result:
        place = self.pattern.place(image.key)
        assessment: Assessment | None = None
        error: dict[str, str] | None = None
        try:
            self.assessor.limits.check_bytes(image.bytes or 0)
            stored = fetch(image, self.assessor.limits)
            image, place = stored.image, _place(stored, place)
            assessment = self.assessor.assess(stored.data)
        except PermanentError as refusal:
            error = refusal.to_json()
        return Result(
            image=image,
            sequencer=sequencer,
            scored_at=self.now().isoformat(timespec="milliseconds"),
            category=place.category,
            collection=place.collection,
            assessment=assessment,
            error=error,
        )


def _place(stored: StoredObject, by_key: Place) -> Place:
    for name in (CATEGORY_METADATA, COLLECTION_METADATA):
        if len(stored.metadata.get(name, "").encode()) > _MAX_NAME_BYTES:
            raise InvalidRequest(f"{name}: at most {_MAX_NAME_BYTES} bytes.")
    return Place(
        stored.metadata.get(CATEGORY_METADATA) or by_key.category,
        stored.metadata.get(COLLECTION_METADATA) or by_key.collection,
    )


def _outcome(result: Result, *, written: bool) -> Outcome:
    milliseconds = result.assessment.timings_ms["total"] if result.assessment else None
    status = result.status if written else STALE
    return Outcome(result.image.key, status, result.error["code"] if result.error else None, milliseconds)
