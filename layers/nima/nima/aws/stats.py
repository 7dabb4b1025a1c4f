"""Counters of a category in the table: ``stats#<category>#<shard>``, one number attribute for each counter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nima.aws.batch import batch_get
from nima.catalogue.stats import SHARDS, CategoryStats


def read_stats(table: str, category: str) -> CategoryStats:
    """All the shards of a category added up, each read consistently; all 0 for a category that is not known.

    Raises:
        Throttled, Internal: The table did not answer.
    """
    items = batch_get(table, [_pk(category, shard) for shard in range(SHARDS)])
    shards = ({name: int(count) for name, count in item.items() if name != "pk"} for item in items)
    return CategoryStats.of_counters(category, shards)


def counter_updates(table: str, moved: Mapping[tuple[str, int], Mapping[str, int]]) -> list[dict[str, Any]]:
    """The changes of a transaction that add to counters as ``nima.catalogue.stats.moves`` says."""
    updates = []
    for (category, shard), counters in moved.items():
        names = {f"#c{place}": name for place, name in enumerate(counters)}
        values = {f":c{place}": by for place, by in enumerate(counters.values())}
        update = {
            "TableName": table,
            "Key": {"pk": _pk(category, shard)},
            "UpdateExpression": "ADD " + ", ".join(f"#c{place} :c{place}" for place in range(len(counters))),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        updates.append({"Update": update})
    return updates


def _pk(category: str, shard: int) -> str:
    return f"stats#{category}#{shard}"
