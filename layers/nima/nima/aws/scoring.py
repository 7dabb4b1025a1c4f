"""The table follows the bucket: whatever is told of a key, what the bucket shows of it now is scored or buried.

Events come late, twice, in any order or not at all, and a version that is deleted or a delete marker that is removed
brings an older version back that no event tells of. So an event only says when to look:

1. One whose sequencer is not beyond the stored one is stale: what is stored was seen after it happened.
2. What is stored is read,
3. then the bucket is asked what it shows.
4. That is written in the place of what was read, unless somebody has written meanwhile: then all of this starts again.

Why that ends right, in whatever order events come: each write shows the bucket as it was after the write before it, as
the bucket was asked after the read that the write depends on. And each change of the bucket has an event, which either
writes, having asked after the change, or is stale, because another one that did so has written. So nothing seen before
a key's last change is written after it was seen as it is now. Every event that is not stale writes, even where only the
sequencer and the revision move: that keeps others from writing what they saw before.

A lifecycle's events carry the sequencer of the midnight at which a rule applied, before others of that day, and some
have none: they are never stale, and move no sequencer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from nima.assess.assessor import Assessor
from nima.aws.events import Change, Created, Deleted, Named
from nima.aws.objects import OpenObject, open_object
from nima.aws.place import place_of
from nima.aws.sequencer import FIRST_SEQUENCER
from nima.aws.stored import Stored
from nima.aws.table import ResultTable
from nima.catalogue.keys import KeyPattern, Place
from nima.document.assessment import Assessment
from nima.document.result import ObjectRef, Rejection, Result
from nima.document.vocabulary import DELETED
from nima.errors import PermanentError, Throttled

STALE, UNCHANGED, GONE, IGNORED, INVALID = "stale", "unchanged", "gone", "ignored", "invalid"
NO_SUCH_KEY, OTHER_VERSION, CHANGED = "no_such_key", "other_version", "changed"

_DIFFERENCES = {
    NO_SUCH_KEY: "The bucket shows no such object.",
    OTHER_VERSION: "The event tells of another version than the bucket shows; the result is of what it shows.",
    CHANGED: "The event tells of other content (its entity tag) than the bucket shows; the result is of what it shows.",
}

_SEEN = "This event, or a later one of the same object, was dealt with before."

_ATTEMPTS = 8
_RETRIED_FOR = timedelta(days=14)
"""How long an event may be tried again: as long as the failure queue keeps it."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Outcome:
    """What became of one change.

    Attributes:
        key: The object's key; None where the event's record has none that can be read.
        status: scored or rejected where the object that the bucket shows was looked into and its result stored;
            unchanged where the bucket still shows what the stored result is of; deleted where the bucket shows the
            object no more and the table knows; gone where an object that was created or named is not there, and no
            result of it was; ignored for a folder's marker; stale where what is stored was seen after the event;
            invalid where the event's record cannot be read, which is neither stored nor tried again.
        code: The error's code of a rejection or of an invalid record; ``no_such_key`` where the object is gone;
            ``other_version`` or ``changed`` where what the bucket shows, and the result is of, is not the version or
            the content that the event told of.
        milliseconds: Time that decoding and scoring took.
        message: Why, in plain words, where the status alone does not say it.
        technical: Mean of the picture's result where that is known and has one, 1..10.
        aesthetic: The same of the other head.
        composite: The composite score, 1..10.
    """

    key: str | None
    status: str
    code: str | None = None
    milliseconds: float | None = None
    message: str | None = field(default=None, compare=False)
    technical: float | None = field(default=None, compare=False)
    aesthetic: float | None = field(default=None, compare=False)
    composite: float | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Scoring:
    """Applies changes to the table.

    Attributes:
        assessor: Scores the bytes.
        table: Where results go.
        pattern: Tells category and collection from a key; an object's metadata ``category`` and ``collection`` win.
        tombstone_days: For how long a deletion is remembered.
        publish: Gets every result after it was stored, at least once for each that stands.
        now: The clock, in UTC.
    """

    assessor: Assessor
    table: ResultTable
    pattern: KeyPattern
    tombstone_days: int
    publish: Callable[[Result], None]
    now: Callable[[], datetime] = _utc_now

    def apply(self, change: Change, request: str | None = None) -> Outcome:
        """Brings the key of a change to what the bucket shows. Applying it again, or after a later one, is harmless.

        Args:
            change: What happened, or which key somebody names.
            request: The id of the invocation, which its further attempts have too: they do not score a named key again.

        Raises:
            RetryableError: Nothing was written, or it was not told; try again.
        """
        for _ in range(_ATTEMPTS):
            stored = self.table.stored(change.image.key)
            outcome = self._stale(change, stored) or self._follow(change, stored, request)
            if outcome:
                return outcome
        raise Throttled(
            "Too much is written at once; try again later.", detail=f"{_ATTEMPTS} attempts: {change.image.key!r}"
        )

    def _stale(self, change: Change, stored: Stored) -> Outcome | None:
        sequencer = _sequencer(change)
        if sequencer is None or stored.sequencer < sequencer:
            return None
        # The same event: an earlier attempt of it may have ended after it stored its result and before it told of it.
        if stored.sequencer == sequencer and stored.result:
            self.publish(stored.result)
        return Outcome(change.image.key, STALE, message=_SEEN)

    def _follow(self, change: Change, stored: Stored, request: str | None) -> Outcome | None:
        """Stores what the bucket shows in the place of what is stored; None where somebody was faster."""
        asked_by = request if isinstance(change, Named) else None
        sequencer = max(stored.sequencer, _sequencer(change) or FIRST_SEQUENCER)
        with open_object(change.image.bucket, change.image.key) as shown:
            if shown is None or shown.is_folder:
                return self._bury(change, stored, sequencer, folder=shown is not None)
            wanted_anew = isinstance(change, Named) and (asked_by is None or asked_by != stored.asked_by)
            settled = None if wanted_anew else self._settled(stored, shown)
            if settled:
                return self._keep(change, stored, settled, sequencer)
            result = self._result(shown, sequencer)
        if not self.table.replace(result, stored, asked_by):
            return None
        self.publish(result)
        outcome = _outcome(change, result, result.status)
        return replace(outcome, milliseconds=result.assessment.timings_ms["total"]) if result.assessment else outcome

    def _bury(self, change: Change, stored: Stored, sequencer: str, *, folder: bool) -> Outcome | None:
        """Leaves a tombstone: whoever still scores what the bucket showed before must find that it was written."""
        key = change.image.key
        nothing = (
            Outcome(key, IGNORED) if folder else Outcome(key, GONE, NO_SUCH_KEY, message=_DIFFERENCES[NO_SUCH_KEY])
        )
        if isinstance(change, Named) and not stored.stands:
            return nothing
        expires_at = int((self.now() + timedelta(days=self.tombstone_days)).timestamp())
        if not self.table.bury(key, stored, sequencer, expires_at):
            return None
        return Outcome(key, DELETED) if stored.stands or isinstance(change, Deleted) else nothing

    def _settled(self, stored: Stored, shown: OpenObject) -> Result | None:
        """The stored result where it is of what the bucket shows, by the model and the settings of now."""
        result = stored.result
        if result is None or not shown.image.is_same(result.image):
            return None
        if result.assessment and not self.assessor.made(result.assessment):
            return None
        try:
            place = self._place(shown)
        except PermanentError:
            return None
        # As the table gives it back, which knows a folder by its short name too.
        collection = self.pattern.collection(shown.image.key, place.collection)
        return result if (place.category, collection) == (result.category, result.collection) else None

    def _keep(self, change: Change, stored: Stored, result: Result, sequencer: str) -> Outcome | None:
        """Leaves the result as it is, and tells of it where whoever stored it may have ended before telling."""
        if not self.table.move(result.image.key, stored, sequencer):
            return None
        if _is_recent(result.scored_at, self.now()):
            self.publish(replace(result, sequencer=sequencer))
        return _outcome(change, result, UNCHANGED)

    def _place(self, shown: OpenObject) -> Place:
        return place_of(shown.metadata, self.pattern.place(shown.image.key))

    def _result(self, shown: OpenObject, sequencer: str) -> Result:
        place = self.pattern.place(shown.image.key)
        assessment: Assessment | None = None
        error: Rejection | None = None
        try:
            place = self._place(shown)
            assessment = self.assessor.assess(shown.read(self.assessor.limits))
        except PermanentError as refusal:
            error = Rejection.of(refusal)
        return Result(
            image=shown.image,
            sequencer=sequencer,
            scored_at=self.now().isoformat(timespec="milliseconds"),
            category=place.category,
            collection=place.collection,
            assessment=assessment,
            error=error,
        )


def _sequencer(change: Change) -> str | None:
    return change.sequencer if isinstance(change, Created | Deleted) else None


def _outcome(change: Change, result: Result, status: str) -> Outcome:
    """What a result is told as."""
    assessment, difference = result.assessment, _difference(change, result.image)
    error = result.error or (Rejection(difference, _DIFFERENCES[difference]) if difference else None)
    return Outcome(
        result.image.key,
        status,
        error.code if error else None,
        message=error.message if error else None,
        technical=assessment.technical.mean if assessment else None,
        aesthetic=assessment.aesthetic.mean if assessment else None,
        composite=assessment.composite.score if assessment else None,
    )


def _difference(change: Change, shown: ObjectRef) -> str | None:
    """What an upload's event told of in other words than the bucket has for it."""
    if not isinstance(change, Created):
        return None
    told = change.image
    if told.version_id and shown.version_id:
        return None if told.version_id == shown.version_id else OTHER_VERSION
    return CHANGED if told.etag and told.etag != shown.etag else None


def _is_recent(scored_at: str | None, now: datetime) -> bool:
    try:
        return scored_at is None or now - datetime.fromisoformat(scored_at) < _RETRIED_FOR
    except (TypeError, ValueError):
        return True
