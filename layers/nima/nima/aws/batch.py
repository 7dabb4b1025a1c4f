"""Reading many items at once."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

from nima.aws import clients
from nima.errors import Throttled

_BATCH = 100
_ATTEMPTS = 6
_FIRST_PAUSE = 0.05


def batch_get(table: str, pks: Sequence[str]) -> list[dict[str, Any]]:
    """Those of the items that exist, read consistently, in no order.

    Raises:
        Throttled: The table did not answer all of them.
        Internal: It did not answer.
    """
    found: list[dict[str, Any]] = []
    for first in range(0, len(pks), _BATCH):
        found += _batch(table, pks[first : first + _BATCH])
    return found


def _batch(table: str, pks: Sequence[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    wanted: Any = {table: {"Keys": [{"pk": pk} for pk in pks], "ConsistentRead": True}}
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311  (spreads readers, hides nothing)
        with clients.translated():
            answer = clients.dynamodb().batch_get_item(RequestItems=wanted)
        found += answer["Responses"].get(table, [])
        wanted = answer["UnprocessedKeys"]
        if not wanted:
            return found
    raise Throttled("The service is busy; try again later.", detail=f"{_ATTEMPTS} attempts of BatchGetItem")
