"""The table: one item per object key, and a condition on every write: late and repeated events change nothing.

Item: ``pk`` = ``image#<key>``, the result document, or for a deleted object a tombstone (``status`` deleted,
``sequencer``, ``expires_at``) that keeps late events of the object from bringing it back.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from nima.assess.assessment import DELETED, ObjectRef, Result
from nima.aws import clients

_OLDER = "attribute_not_exists(pk) OR sequencer < :sequencer"


class ResultTable:
    """Results by object key. Every method may raise ``Throttled`` or ``Internal``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, key: str) -> Result | None:
        """The result of an object, or None if there is none or the object was deleted."""
        item = self._item(key)
        return Result.from_item(item) if item and item["status"] != DELETED else None

    def sequencer(self, key: str) -> str | None:
        """The sequencer of what is stored for a key, tombstones included."""
        item = self._item(key)
        return item["sequencer"] if item else None

    def put(self, result: Result) -> bool:
        """Stores a result unless the same or a later event has already been stored; tells whether it did."""
        return self._put(result.image.key, result.to_item(), _OLDER, {":sequencer": result.sequencer})

    def replace(self, result: Result, expected: str | None) -> bool:
        """Stores a result if what is stored still has the ``expected`` sequencer; tells whether it did."""
        if expected is None:
            return self._put(result.image.key, result.to_item(), "attribute_not_exists(pk)")
        return self._put(result.image.key, result.to_item(), "sequencer = :sequencer", {":sequencer": expected})

    def bury(self, image: ObjectRef, sequencer: str, *, whole: bool, expires_at: int) -> bool:
        """Leaves a tombstone unless a later event has been stored; tells whether it did.

        Args:
            image: The deleted object; unless ``whole``, its version.
            sequencer: Padded sequencer of the deletion.
            whole: False where only one version was deleted: then only a result of that version is buried.
            expires_at: Unix time at which the table may forget the tombstone.
        """
        tombstone = {"status": DELETED, "sequencer": sequencer, "expires_at": expires_at}
        values = {":sequencer": sequencer}
        if whole:
            return self._put(image.key, tombstone, _OLDER, values)
        condition = "sequencer < :sequencer AND image.version_id = :version"
        return self._put(image.key, tombstone, condition, {**values, ":version": image.version_id})

    def _item(self, key: str) -> dict[str, Any] | None:
        try:
            answer = clients.table(self._name).get_item(Key={"pk": _pk(key)}, ConsistentRead=True)
        except (ClientError, BotoCoreError) as error:
            raise clients.translate(error) from error
        return answer.get("Item")

    def _put(self, key: str, item: dict[str, Any], condition: str, values: dict[str, Any] | None = None) -> bool:
        arguments: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        try:
            clients.table(self._name).put_item(
                Item={"pk": _pk(key), **item}, ConditionExpression=condition, **arguments
            )
        except ClientError as error:
            if clients.error_code(error) == "ConditionalCheckFailedException":
                return False
            raise clients.translate(error) from error
        except BotoCoreError as error:
            raise clients.translate(error) from error
        return True


def _pk(key: str) -> str:
    return f"image#{key}"
