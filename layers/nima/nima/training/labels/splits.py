"""Training, validation and test pictures, with no scene or product on two sides."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nima.errors import InvalidRequest
from nima.training.labels.duplicates import merged, near_duplicates
from nima.training.labels.files import SIDES
from nima.training.labels.findings import REFUSAL, Finding
from nima.training.labels.labels import Labels

_SHARES_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Shares:
    """The share of the pictures that each side gets; they sum to 1, and only ``train`` must not be 0."""

    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1

    def __post_init__(self) -> None:
        values = (self.train, self.validation, self.test)
        if not (self.train > 0 and min(values) >= 0 and abs(sum(values) - 1) <= _SHARES_TOLERANCE):
            raise InvalidRequest(f"Shares are not negative, sum to 1 and leave something to train on, not {values}.")


@dataclass(frozen=True, eq=False)
class Split:
    """The indices of the pictures of each side, ascending; together every picture once."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]

    def sides(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Name and indices of each side."""
        yield from ((side, getattr(self, side)) for side in SIDES)


def split(labels: Labels, seed: int = 1, shares: Shares | None = None) -> Split:
    """Splits labels by group, near-identical pictures of different groups taken as one group.

    Where the label file says the side of every picture, that is the split; ``leaks`` tells whether it is a clean one.
    Else the groups, in the order of the SHA-256 of seed and name, go to the test side until its share is reached as
    nearly as whole groups can, then so to validation; the rest is for training. The same labels, seed and shares give
    the same split on any machine, in whatever order the label file is.

    Raises:
        InvalidRequest: There are fewer groups than sides with a share, or only some pictures state their side.
    """
    if any(labels.sides):
        return _stated(labels)
    wanted = shares or Shares()
    groups = merged(labels.groups, near_duplicates(labels.hashes))
    sizes = Counter(groups)
    sides = check_groups(groups, wanted)
    waiting = sorted(sizes, key=lambda group: hashlib.sha256(f"{seed}:{group}".encode()).digest())
    place: dict[str, str] = {}
    for left, side in zip(range(len(sides), 0, -1), sides, strict=True):
        target, count = getattr(wanted, side) * len(labels), 0
        for group in tuple(waiting):
            # Every later side, training too, keeps a group at least.
            if len(waiting) > left and count + sizes[group] / 2 <= target:
                place[group] = side
                count += sizes[group]
                waiting.remove(group)
        if not count:
            smallest = min(waiting, key=lambda group: sizes[group])
            place[smallest] = side
            waiting.remove(smallest)
    return _split([place.get(group, "train") for group in groups])


def check_groups(groups: Sequence[str], shares: Shares) -> list[str]:
    """The sides with a share beside that for training.

    Raises:
        InvalidRequest: There are fewer groups than sides.
    """
    sides = [side for side in ("test", "validation") if getattr(shares, side) > 0]
    if len(set(groups)) <= len(sides):
        raise InvalidRequest(f"Groups lie on one side each, and {len(set(groups))} cannot fill {len(sides) + 1} sides.")
    return sides


def leaks(labels: Labels, parts: Split) -> tuple[Finding, ...]:
    """What lies on two sides of a split: groups, and pairs of near-identical pictures. ``split``'s own has none."""
    side = np.empty(len(labels), object)
    for name, indices in parts.sides():
        side[indices] = name
    found = []
    seen: dict[str, set[str]] = {}
    for group, name in zip(labels.groups, side, strict=True):
        seen.setdefault(group, set()).add(name)
    torn = tuple(sorted(group for group, names in seen.items() if len(names) > 1))
    if torn:
        found.append(Finding("group_across_splits", REFUSAL, f"{len(torn)} groups lie on two sides.", torn))
    pairs = tuple(
        f"{labels.images[one]} ({side[one]}) ~ {labels.images[other]} ({side[other]})"
        for one, other in near_duplicates(labels.hashes)
        if side[one] != side[other]
    )
    if pairs:
        message = f"{len(pairs)} pairs of nearly the same picture lie on two sides."
        found.append(Finding("duplicates_across_splits", REFUSAL, message, pairs))
    return tuple(found)


def _stated(labels: Labels) -> Split:
    missing = [image for image, side in zip(labels.images, labels.sides, strict=True) if side is None]
    if missing:
        raise InvalidRequest(f"{len(missing)} of {len(labels)} pictures state no split, such as {missing[0]}.")
    if "train" not in labels.sides:
        raise InvalidRequest("The stated split has nothing to train on.")
    return _split([str(side) for side in labels.sides])


def _split(sides: list[str]) -> Split:
    names = np.array(sides)
    return Split(*(np.flatnonzero(names == side).astype(np.int64) for side in SIDES))
