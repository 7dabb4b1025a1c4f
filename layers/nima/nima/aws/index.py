"""The table's indexes, which follow it within a moment: by collection and key, and by category and score."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nima.aws import clients
from nima.catalogue.keys import KeyPattern, Shelf
from nima.document.result import Result

BY_COLLECTION, BY_CATEGORY = "by_collection", "by_category"

_FILED = "#collection = :name"
_INSIDE = "#collection = :name AND #key BETWEEN :low AND :high"

# What follows "/" among the characters, so that it ends what begins with a folder's path.
_AFTER_SLASH = "0"


def query(
    table: str,
    index: str,
    condition: str,
    values: Mapping[str, Any],
    *,
    limit: int,
    start: Mapping[str, Any] | None = None,
    forward: bool = True,
) -> Mapping[str, Any]:
    """One page of an index, in the order of its sort key.

    Args:
        table: The table's name.
        index: The index's.
        condition: Which keys; attributes are written ``#name``, as some of their names are words of the language.
        values: What the condition's ``:name`` stand for.
        limit: Most items.
        start: Where the page before ended.
        forward: Whether the least comes first.

    Raises:
        Throttled: Try again later.
        Internal: The table could not be read.
    """
    arguments: dict[str, Any] = {"ExclusiveStartKey": start} if start else {}
    with clients.translated():
        return clients.table(table).query(
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeNames={name: name[1:] for name in re.findall(r"#\w+", condition)},
            ExpressionAttributeValues=dict(values),
            ScanIndexForward=forward,
            Limit=limit,
            **arguments,
        )


@dataclass(frozen=True)
class Collections:
    """The collections of a table.

    Attributes:
        table: The table's name.
        pattern: Tells where the index has the pictures of a collection.
        result: Makes a result of an item.
    """

    table: str
    pattern: KeyPattern
    result: Callable[[Mapping[str, Any]], Result]

    def read(self, collection: str, limit: int) -> list[Result]:
        """The results of a collection in the order of their keys; at most ``limit``.

        Those in the folder that the id stands for, and those that metadata puts there. Where that folder has no
        pictures, all that the index files under the id's own text: a collection of metadata or of a pattern, or what
        earlier releases knew by that name.
        """
        filed = self._filed(collection, limit)
        found = {result.image.key: result for result in filed if result.collection == collection}
        for shelf in self.pattern.shelves(collection):
            if shelf.start and (shelf.name != collection or len(filed) == limit):
                inside = self._inside(shelf, collection, limit)
                found.update((result.image.key, result) for result in inside)
        if not any(self.pattern.place(key).collection == collection for key in found):
            return filed
        return [found[key] for key in sorted(found)[:limit]]

    def _filed(self, name: str, limit: int) -> list[Result]:
        """All that the index files under a name."""
        found: list[Result] = []
        start: Mapping[str, Any] | None = None
        while True:
            page = query(self.table, BY_COLLECTION, _FILED, {":name": name}, limit=limit - len(found), start=start)
            found += [self.result(item) for item in page["Items"]]
            start = page.get("LastEvaluatedKey")
            if start is None or len(found) >= limit:
                return found

    def _inside(self, shelf: Shelf, collection: str, limit: int) -> list[Result]:
        """The pictures of a folder without those of its folders, whose keys stand between them and are leapt over."""
        found: list[Result] = []
        low, high = shelf.start, shelf.start[:-1] + _AFTER_SLASH
        start: Mapping[str, Any] | None = None
        while True:
            values = {":name": shelf.name, ":low": low, ":high": high}
            page = query(self.table, BY_COLLECTION, _INSIDE, values, limit=limit - len(found), start=start)
            results = (self.result(item) for item in page["Items"])
            found += [result for result in results if result.collection == collection]
            start = page.get("LastEvaluatedKey")
            if start is None or len(found) >= limit:
                return found
            inner, slash, _ = start["key"].removeprefix(shelf.start).partition("/")
            if slash:
                low, start = shelf.start + inner + _AFTER_SLASH, None
