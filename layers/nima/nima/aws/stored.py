"""What the table has of a key: as much of an item as decides what may take its place.

None of it needs a document that can be read, so that whatever an item holds can be written over and deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from nima.aws.sequencer import is_padded
from nima.catalogue.keys import KeyPattern
from nima.catalogue.stats import Contribution
from nima.document.item import Unreadable, from_item, unreadable
from nima.document.read import FAILURES, read
from nima.document.result import Result
from nima.document.upgrade import status_of
from nima.document.vocabulary import DELETED

DEFAULT_PATTERN = KeyPattern()
_IDENTITY = ("revision", "sequencer")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """The item of a key, read consistently.

    Attributes:
        item: As it lies in the table; None where nothing is stored.
        pattern: Tells the collection by what the index calls it.
    """

    item: Mapping[str, Any] | None = None
    pattern: KeyPattern = DEFAULT_PATTERN

    @property
    def sequencer(self) -> str:
        """Padded sequencer of the latest event that it stands for; where there is none, empty: lower than any."""
        sequencer = _text(self.item, "sequencer") or ""
        return sequencer if is_padded(sequencer) else ""

    @property
    def status(self) -> str | None:
        """scored, rejected or deleted; None where nothing is stored."""
        return None if self.item is None else status_of(self.item)

    @property
    def stands(self) -> bool:
        """Whether there is a result, readable or not."""
        return self.status not in (None, DELETED)

    @property
    def asked_by(self) -> str | None:
        """The invocation that scored it because it was asked to by its key; None where an event led to it."""
        return _text(self.item, "asked_by")

    @property
    def thumbnail(self) -> str | None:
        """The name of a result's thumbnail; None where it has none, or an earlier release has stored it."""
        return _text(self.item, "thumbnail")

    @property
    def contribution(self) -> Contribution | None:
        """What it added to its category."""
        given = (self.item or {}).get("contribution")
        try:
            return read(Contribution, given, {}) if given else None
        except FAILURES as error:
            logger.warning("what %s added to its category cannot be read: %r", (self.item or {}).get("pk"), error)
            return None

    @property
    def result(self) -> Result | None:
        """The result; None where there is none or it cannot be read."""
        if self.item is None or not self.stands:
            return None
        try:
            return self._placed(from_item(self.item))
        except Unreadable as error:
            logger.warning("a stored result cannot be read: %s", error)
            return None

    @property
    def shown(self) -> Result | None:
        """The result as readers get it: where it cannot be read, what is known of it."""
        if self.item is None or not self.stands:
            return None
        return self.result or self._placed(unreadable(self.item))

    @property
    def next_revision(self) -> int:
        """The number of the next write."""
        revision = (self.item or {}).get("revision")
        return 1 + int(revision) if isinstance(revision, int | Decimal) else 1

    def unchanged(self) -> dict[str, Any]:
        """The condition of a write that is to take the place of exactly this."""
        if self.item is None:
            return {"ConditionExpression": "attribute_not_exists(pk)"}
        values = {f":stored_{name}": self.item[name] for name in _IDENTITY if name in self.item}
        terms = [
            f"{name} = :stored_{name}" if name in self.item else f"attribute_not_exists({name})" for name in _IDENTITY
        ]
        return {
            "ConditionExpression": " AND ".join(["attribute_exists(pk)", *terms]),
            **({"ExpressionAttributeValues": values} if values else {}),
        }

    def _placed(self, result: Result) -> Result:
        return replace(result, collection=self.pattern.collection(result.image.key, result.collection))

    def is_still(self, other: Stored) -> bool:
        """Whether another reading found the same write."""
        return self.unchanged() == other.unchanged()


def _text(item: Mapping[str, Any] | None, name: str) -> str | None:
    value = (item or {}).get(name)
    return value if isinstance(value, str) else None
