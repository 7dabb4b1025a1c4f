"""The table: results by object key, their thumbnails, and the counters of their categories.

Items, by ``pk``:

- ``image#<key>``: the result document, or for a deleted object a tombstone (``status`` deleted, ``expires_at``) that
  keeps late events from bringing it back. Either has the ``sequencer`` of the event that led to it, a ``revision`` that
  counts the writes, and the ``contribution`` to its category's counters.
- ``thumbnail#<key>``: ``jpeg``.
- ``stats#<category>#<shard>``: see ``nima.aws.stats``.

All that one event changes is written in one transaction, which is cancelled as a whole where the image's item is no
longer the one that was read: late and repeated events change nothing, and nothing is ever counted twice or half.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from nima.assess.assessment import DELETED, ObjectRef, Result
from nima.assess.policy import DEFAULT_RULES, MainImageRules
from nima.aws import clients
from nima.aws.batch import batch_get
from nima.aws.index import BY_CATEGORY, Collections, query
from nima.aws.stats import StatsTable, counter_updates
from nima.catalogue.keys import KeyPattern
from nima.catalogue.stats import CategoryStats, Contribution, moves
from nima.errors import Internal, InvalidRequest, Throttled

COLLECTION_LIMIT = 1000
"""Results of one collection that are read at most, in the order of their keys."""

_ATTEMPTS = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_CONDITION_FAILED = "ConditionalCheckFailed"
# Another transaction touched one of the items, most often a counter, at the same time.
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


@dataclass(frozen=True)
class Stored:
    """What the table has of a key: enough to decide what may take its place.

    Attributes:
        sequencer: Padded sequencer of the event that led to it; None where nothing is stored.
        revision: How often the key was written; None where nothing is stored.
        version_id: The version that a result is of.
        contribution: What it added to its category.
        result: The result; None where nothing is stored or the object was deleted.
    """

    sequencer: str | None = None
    revision: int | None = None
    version_id: str | None = None
    contribution: Contribution | None = None
    result: Result | None = None


@dataclass(frozen=True)
class Position:
    """A place in a search: that of the result it names."""

    score: float
    key: str


class ResultTable:
    """Results by object key. Every method may raise ``Throttled`` or ``Internal``.

    Args:
        name: The table's name.
        rules: What the pictures are judged by as main images when they are read.
        pattern: Tells by which name the index of collections files a picture.
    """

    def __init__(self, name: str, rules: MainImageRules = DEFAULT_RULES, pattern: KeyPattern | None = None) -> None:
        self._name = name
        self._rules = rules
        self._pattern = pattern or KeyPattern()

    def get(self, key: str) -> Result | None:
        """The result of an object, or None if there is none or the object was deleted."""
        return self.stored(key).result

    def get_many(self, keys: Iterable[str]) -> dict[str, Result]:
        """The results of those of some objects that have one, in the order in which they were asked for."""
        wanted = list(dict.fromkeys(keys))
        found = {
            item["pk"]: self._result(item)
            for item in batch_get(self._name, [_image(key) for key in wanted])
            if item["status"] != DELETED
        }
        return {key: found[_image(key)] for key in wanted if _image(key) in found}

    def thumbnail(self, key: str) -> bytes | None:
        """The JPEG of a scored picture, or None."""
        item = self._item(_thumbnail(key))
        return bytes(item["jpeg"]) if item else None

    def stats(self, category: str) -> CategoryStats:
        """The counters of a category, read consistently; all 0 for one that is not known."""
        return StatsTable(self._name).stats(category)

    def collection(self, collection: str, limit: int = COLLECTION_LIMIT) -> list[Result]:
        """The results of a collection, rejected ones included, in the order of their keys; at most ``limit``.

        Read from an index, which follows the table within a moment.
        """
        return Collections(self._name, self._pattern, self._result).read(collection, limit)

    def search(
        self,
        category: str,
        low: float = 1.0,
        high: float = 10.0,
        *,
        descending: bool = True,
        limit: int = 25,
        start: Position | None = None,
    ) -> tuple[list[Result], Position | None]:
        """Scored pictures of a category by their composite score. Read from an index, as ``collection`` is.

        Args:
            category: The category.
            low: Least score.
            high: Greatest score.
            descending: The best first.
            limit: Most results of this call, at least 1.
            start: Where the call before ended.

        Returns:
            The results, and where to go on; None where these were the last.

        Raises:
            InvalidRequest: ``start`` lies outside the range of scores.
        """
        if low > high or (start is not None and not low <= start.score <= high):
            raise InvalidRequest("The range of scores is empty, or the cursor belongs to another range.")
        answer = query(
            self._name,
            BY_CATEGORY,
            "#category = :category AND #score BETWEEN :low AND :high",
            {":category": category, ":low": _decimal(low), ":high": _decimal(high)},
            limit=limit,
            start={"pk": _image(start.key), "category": category, "score": _decimal(start.score)} if start else None,
            forward=not descending,
        )
        last = answer.get("LastEvaluatedKey")
        following = Position(float(last["score"]), str(last["pk"]).removeprefix(_image(""))) if last else None
        return [self._result(item) for item in answer["Items"]], following

    def stored(self, key: str) -> Stored:
        """What is stored for a key, read consistently."""
        item = self._item(_image(key))
        if item is None:
            return Stored()
        result = self._result(item) if item["status"] != DELETED else None
        contribution = item.get("contribution")
        return Stored(
            sequencer=item["sequencer"],
            revision=int(item["revision"]),
            version_id=result.image.version_id if result else None,
            contribution=contribution and Contribution.from_item(contribution),
            result=result,
        )

    def put(self, result: Result) -> bool:
        """Stores a result unless the same or a later event has already been stored; tells whether it did."""
        for stored in self._attempts(result.image.key):
            if stored.sequencer is not None and stored.sequencer >= result.sequencer:
                return False
            if self._replace(stored, result):
                return True
        raise _contended(result.image.key)

    def replace(self, result: Result, expected: Stored) -> bool:
        """Stores a result if what is stored is still exactly what is ``expected``; tells whether it did."""
        for stored in self._attempts(result.image.key, expected):
            if stored.revision != expected.revision:
                return False
            if self._replace(stored, result):
                return True
        raise _contended(result.image.key)

    def bury(self, image: ObjectRef, sequencer: str, *, whole: bool, expires_at: int) -> bool:
        """Leaves a tombstone unless a later event has been stored; tells whether it did.

        Args:
            image: The deleted object; unless ``whole``, its version.
            sequencer: Padded sequencer of the deletion.
            whole: False where only one version was deleted: then only a result of that version is buried.
            expires_at: Unix time at which the table may forget the tombstone.
        """
        tombstone = {"status": DELETED, "sequencer": sequencer, "expires_at": expires_at}
        for stored in self._attempts(image.key):
            if stored.sequencer is not None and stored.sequencer >= sequencer:
                return False
            if not whole and (stored.result is None or stored.version_id != image.version_id):
                return False
            if self._write(image.key, stored, tombstone, None, None):
                return True
        raise _contended(image.key)

    def _result(self, item: Mapping[str, Any]) -> Result:
        result = Result.from_item(item, self._rules)
        return replace(result, collection=self._pattern.collection(result.image.key, result.collection))

    def _replace(self, stored: Stored, result: Result) -> bool:
        thumbnail = result.assessment.thumbnail if result.assessment else None
        return self._write(result.image.key, stored, self._indexed(result), Contribution.of(result), thumbnail)

    def _indexed(self, result: Result) -> dict[str, Any]:
        """The result's item as the indexes need it: by ``collection`` and ``key``, and by ``category`` and ``score``.

        An index takes no null, and no key as long as S3's with a prefix; it leaves out the items that lack a part.
        """
        key = result.image.key
        item = {"key": key, **result.to_item(), "collection": self._pattern.filed(key, result.collection)}
        if result.assessment:
            item["score"] = item["composite"]["score"]
        return {n: value for n, value in item.items() if value is not None or n not in ("category", "collection")}

    def _attempts(self, key: str, known: Stored | None = None) -> Iterator[Stored]:
        """What is stored for a key, again after each write that another one came before.

        What was ``known`` before need not be read for the first attempt: if it has changed, the write itself fails.
        """
        yield known or self.stored(key)
        longest = _FIRST_PAUSE
        for _ in range(_ATTEMPTS - 1):
            time.sleep(random.uniform(0, longest))  # noqa: S311  (spreads writers, hides nothing)
            longest = min(2 * longest, _LONGEST_PAUSE)
            yield self.stored(key)

    def _write(
        self,
        key: str,
        stored: Stored,
        item: Mapping[str, Any],
        contribution: Contribution | None,
        thumbnail: bytes | None,
    ) -> bool:
        """Puts an item, its thumbnail and its contribution in the place of what was read, all together or not at all.

        Returns:
            False where somebody else wrote meanwhile; nothing was changed then.
        """
        new: dict[str, Any] = {"pk": _image(key), **item, "revision": (stored.revision or 0) + 1}
        if contribution:
            new["contribution"] = contribution.to_item()
        put: dict[str, Any] = {"TableName": self._name, "Item": new}
        if stored.revision is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "revision = :revision"
            put["ExpressionAttributeValues"] = {":revision": stored.revision}
        changes: list[dict[str, Any]] = [{"Put": put}]
        if thumbnail is not None:
            jpeg = {"pk": _thumbnail(key), "jpeg": thumbnail}
            changes.append({"Put": {"TableName": self._name, "Item": jpeg}})
        elif stored.result and stored.result.assessment:
            changes.append({"Delete": {"TableName": self._name, "Key": {"pk": _thumbnail(key)}}})
        changes += counter_updates(self._name, moves(stored.contribution, contribution))
        return _transact(changes)

    def _item(self, pk: str) -> dict[str, Any] | None:
        try:
            answer = clients.table(self._name).get_item(Key={"pk": pk}, ConsistentRead=True)
        except (ClientError, BotoCoreError) as error:
            raise clients.translate(error) from error
        return answer.get("Item")


def _transact(changes: list[dict[str, Any]]) -> bool:
    client: Any = clients.dynamodb().meta.client
    try:
        client.transact_write_items(TransactItems=changes)
    except ClientError as error:
        if clients.error_code(error) != "TransactionCanceledException":
            raise clients.translate(error) from error
        reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])} - {"None"}
        if reasons and reasons <= {_CONDITION_FAILED, *_PASSING}:
            return False
        raise Internal("A result could not be stored; try again later.", detail=str(error)) from error
    except BotoCoreError as error:
        raise clients.translate(error) from error
    return True


def _contended(key: str) -> Throttled:
    return Throttled("Too much is written at once; try again later.", detail=f"{_ATTEMPTS} attempts: {key!r}")


def _image(key: str) -> str:
    return f"image#{key}"


def _thumbnail(key: str) -> str:
    return f"thumbnail#{key}"


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 4)))
