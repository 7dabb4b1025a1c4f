"""The heads: what a picture is scored for, each with a distribution of its own in every result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Head:
    """One head.

    Attributes:
        colour: Of its bars in figures.
        counter: What the names of its catalogue counters begin with; short, as every write is billed by their size.
        required: Whether every model answers for it. A result has the others where its model had them.
    """

    colour: str
    counter: str
    required: bool = True


HEADS: Mapping[str, Head] = {
    "technical": Head("#2f6f9f", "t"),
    "aesthetic": Head("#b8562f", "a"),
}
"""Every head by its name in a result document, in the order in which they are shown."""

REQUIRED = tuple(name for name, head in HEADS.items() if head.required)
"""The heads that every model answers for."""
