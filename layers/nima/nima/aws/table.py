"""The table: results by object key, and the counters of their categories.

Items, by ``pk``:

- ``image#<key>``: the result document, or for a deleted object a tombstone (``status`` deleted, ``expires_at``). Either
  has the ``sequencer`` of the latest event that it stands for and a ``revision`` that counts the writes; a result also
  has its ``contribution`` to its category's counters, and the invocation that was ``asked_by`` its key to score it.
- ``thumbnail#<key>``: ``jpeg``, where an earlier release has stored the result. Today its ``thumbnail`` is the name of
  one in a bucket, see ``nima.aws.thumbnails``.
- ``stats#<category>#<shard>``: see ``nima.aws.stats``.

All that one event changes is written in one transaction, which is cancelled as a whole where the image's item is no
longer the one that was read: nothing is ever counted twice or half. ``nima.aws.scoring`` decides what is written.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from nima.aws import clients
from nima.aws.batch import batch_get
from nima.aws.index import BY_CATEGORY, Collections, query
from nima.aws.stats import counter_updates, read_stats
from nima.aws.stored import Stored
from nima.aws.thumbnails import Thumbnails
from nima.catalogue.keys import KeyPattern
from nima.catalogue.stats import CategoryStats, Contribution, moves
from nima.document.item import to_item, unreadable
from nima.document.maps import Maps
from nima.document.result import Result
from nima.document.vocabulary import DELETED
from nima.errors import Internal, InvalidRequest, Throttled

T = TypeVar("T")

COLLECTION_LIMIT = 1000
"""Results of one collection that are read at most, in the order of their keys."""

_ATTEMPTS = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_CANCELLED, _CONDITION_FAILED = "TransactionCanceledException", "ConditionalCheckFailed"
# Another transaction touched one of the items, most often a counter, at the same time.
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


@dataclass(frozen=True)
class Position:
    """A place in a search: that of the result it names."""

    score: float
    key: str


class ResultTable:
    """Results by object key. Every method may raise ``Throttled`` or ``Internal``.

    Args:
        name: The table's name.
        pattern: Tells by which name the index of collections files a picture.
        thumbnails: Where the results' thumbnails are kept; None keeps none.
    """

    def __init__(
        self,
        name: str,
        pattern: KeyPattern | None = None,
        thumbnails: Thumbnails | None = None,
    ) -> None:
        self._name = name
        self._pattern = pattern or KeyPattern()
        self._thumbnails = thumbnails

    def get(self, key: str) -> Result | None:
        """The result of an object, or None if there is none or the object was deleted."""
        return self.stored(key).shown

    def get_many(self, keys: Iterable[str]) -> dict[str, Result]:
        """The results of those of some objects that have one, in the order in which they were asked for."""
        wanted = list(dict.fromkeys(keys))
        items = batch_get(self._name, [_image(key) for key in wanted])
        found = {item["pk"]: shown for item in items if (shown := self._read(item).shown)}
        return {key: found[_image(key)] for key in wanted if _image(key) in found}

    def thumbnail(self, key: str) -> bytes | None:
        """The JPEG of a scored picture, or None."""
        stored, jpeg = self._beside(key, lambda kept, name: kept.get(key, name))
        if stored.thumbnail is None:
            item = self._item(_thumbnail(key)) if stored.stands else None
            return bytes(item["jpeg"]) if item else None
        return jpeg

    def maps(self, key: str) -> Maps | None:
        """The maps of a scored picture; None where nobody has asked for them."""
        return self._beside(key, lambda kept, name: kept.maps(key, name))[1]

    def keep_maps(self, key: str, expected: Stored, maps: Maps) -> None:
        """Keeps the maps of the result that was read, as long as it stands."""
        name = expected.thumbnail
        if name is None or self._thumbnails is None:
            return
        self._thumbnails.put_maps(key, name, maps)
        if self.stored(key).thumbnail != name:
            self._thumbnails.delete(key, name)

    def _beside(self, key: str, get: Callable[[Thumbnails, str], T | None]) -> tuple[Stored, T | None]:
        """What is stored, and what lies beside it under its thumbnail's name."""
        gone: str | None = None
        while True:
            stored = self.stored(key)
            if stored.thumbnail in (None, gone) or self._thumbnails is None:
                return stored, None
            found = get(self._thumbnails, stored.thumbnail or "")
            if found is not None:
                return stored, found
            gone = stored.thumbnail  # unless another result has come since it was read

    def stats(self, category: str) -> CategoryStats:
        """The counters of a category, read consistently; all 0 for one that is not known."""
        return read_stats(self._name, category)

    def collection(self, collection: str, limit: int = COLLECTION_LIMIT) -> list[Result]:
        """The results of a collection, rejected ones included, in the order of their keys; at most ``limit``.

        Read from an index, which follows the table within a moment.
        """
        return Collections(self._name, self._pattern, self._shown).read(collection, limit)

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
        results = (self._read(item).result for item in answer["Items"])
        return [result for result in results if result and result.assessment], following

    def stored(self, key: str) -> Stored:
        """What is stored for a key, read consistently."""
        return self._read(self._item(_image(key)))

    def replace(self, result: Result, expected: Stored, asked_by: str | None = None) -> bool:
        """Stores a result in the place of what was read.

        Args:
            result: The result of the same key.
            expected: What was read.
            asked_by: The invocation that was asked to score it by its key.

        Returns:
            False where somebody else has written since; nothing was changed then.
        """
        item = {**self._indexed(result), **({"asked_by": asked_by} if asked_by else {})}
        jpeg = result.assessment.thumbnail if result.assessment else None
        if jpeg and self._thumbnails:
            item["thumbnail"] = self._thumbnails.put(result.image, jpeg)
        return self._write(result.image.key, expected, item, Contribution.of(result))

    def bury(self, key: str, expected: Stored, sequencer: str, expires_at: int) -> bool:
        """Leaves a tombstone in the place of what was read; False as ``replace`` returns it.

        Args:
            key: The key of an object that is gone.
            expected: What was read.
            sequencer: Padded sequencer of the latest event that it stands for.
            expires_at: Unix time at which the table may forget the tombstone.
        """
        tombstone = {"status": DELETED, "sequencer": sequencer, "expires_at": expires_at}
        return self._write(key, expected, tombstone, None)

    def move(self, key: str, expected: Stored, sequencer: str) -> bool:
        """Lets what was read stand for a later event too; False as ``replace`` returns it."""
        change: Any = {
            "TableName": self._name,
            "Key": {"pk": _image(key)},
            "UpdateExpression": "SET sequencer = :sequencer, revision = :revision",
            **expected.unchanged(),
        }
        change["ExpressionAttributeValues"] = {
            **change.get("ExpressionAttributeValues", {}),
            ":sequencer": sequencer,
            ":revision": expected.next_revision,
        }
        return self._while_unchanged(key, expected, [{"Update": change}])

    def _read(self, item: Mapping[str, Any] | None) -> Stored:
        return Stored(item, self._pattern)

    def _shown(self, item: Mapping[str, Any]) -> Result:
        """What readers get of an item of an index, where there are no tombstones."""
        return self._read(item).shown or unreadable(item)

    def _indexed(self, result: Result) -> dict[str, Any]:
        """The result's item as the indexes need it: by ``collection`` and ``key``, and by ``category`` and ``score``.

        An index takes no null, and no key as long as S3's with a prefix; it leaves out the items that lack a part.
        """
        key = result.image.key
        item = {"key": key, **to_item(result), "collection": self._pattern.filed(key, result.collection)}
        if result.assessment:
            item["score"] = item["composite"]["score"]
        return {n: value for n, value in item.items() if value is not None or n not in ("category", "collection")}

    def _write(self, key: str, expected: Stored, item: Mapping[str, Any], contribution: Contribution | None) -> bool:
        """Puts an item and its contribution in the place of what was read: both or none."""
        new: dict[str, Any] = {"pk": _image(key), **item, "revision": expected.next_revision}
        if contribution:
            new["contribution"] = contribution.to_json()
        changes: list[dict[str, Any]] = [{"Put": {"TableName": self._name, "Item": new, **expected.unchanged()}}]
        if expected.stands and not expected.thumbnail:
            changes.append({"Delete": {"TableName": self._name, "Key": {"pk": _thumbnail(key)}}})
        changes += counter_updates(self._name, moves(expected.contribution, contribution))
        written = self._while_unchanged(key, expected, changes)
        left = expected.thumbnail if written else item.get("thumbnail")
        # A write whose answer was lost may look like one that somebody else came before.
        if left and self._thumbnails and (written or self.stored(key).thumbnail != left):
            self._thumbnails.delete(key, left)
        return written

    def _while_unchanged(self, key: str, expected: Stored, changes: list[dict[str, Any]]) -> bool:
        """Makes the changes of a transaction, the first of which holds only while the key is as ``expected``.

        Others may be busy with the counters, which is a reason to try again and none to give up.
        """
        longest = _FIRST_PAUSE
        for _ in range(_ATTEMPTS):
            if _transact(changes):
                return True
            if not self.stored(key).is_still(expected):
                return False
            time.sleep(random.uniform(0, longest))  # noqa: S311  (spreads writers, hides nothing)
            longest = min(2 * longest, _LONGEST_PAUSE)
        raise Throttled("Too much is written at once; try again later.", detail=f"{_ATTEMPTS} attempts: {key!r}")

    def _item(self, pk: str) -> dict[str, Any] | None:
        with clients.translated():
            return clients.table(self._name).get_item(Key={"pk": pk}, ConsistentRead=True).get("Item")


def _transact(changes: list[dict[str, Any]]) -> bool:
    client: Any = clients.dynamodb().meta.client
    try:
        with clients.translated(but={_CANCELLED}):
            client.transact_write_items(TransactItems=changes)
    except ClientError as error:
        reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])} - {"None"}
        if reasons and reasons <= {_CONDITION_FAILED, *_PASSING}:
            return False
        raise Internal("A result could not be stored; try again later.", detail=str(error)) from error
    return True


def _image(key: str) -> str:
    return f"image#{key}"


def _thumbnail(key: str) -> str:
    return f"thumbnail#{key}"


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 4)))
