"""Near-identical pictures of a whole set, by their perceptual hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from nima.document.similarity import NEAR_DUPLICATE_BITS


def near_duplicates(hashes: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The pairs of indices, the lower first, of hashes that differ in at most ``NEAR_DUPLICATE_BITS`` bits.

    Args:
        hashes: 16 hexadecimal digits each.
    """
    values = np.array([int(value, 16) for value in hashes], np.uint64)
    for index in range(len(values) - 1):
        distances = np.bitwise_count(values[index + 1 :] ^ values[index])
        for offset in np.flatnonzero(distances <= NEAR_DUPLICATE_BITS):
            yield index, index + 1 + int(offset)


def merged(groups: Sequence[str], pairs: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """The groups after those of each pair have become one: its least name, however long the chain."""
    parents: dict[str, str] = {group: group for group in groups}

    def root(group: str) -> str:
        while parents[group] != group:
            parents[group] = group = parents[parents[group]]
        return group

    for one, other in pairs:
        low, high = sorted((root(groups[one]), root(groups[other])))
        parents[high] = low
    return tuple(root(group) for group in groups)


def have_near_one(hashes: Sequence[str], others: Sequence[str]) -> Iterator[int]:
    """The indices of those hashes that differ in at most ``NEAR_DUPLICATE_BITS`` bits from one of the others."""
    values = np.array([int(value, 16) for value in others], np.uint64)
    for index, value in enumerate(hashes):
        if np.any(np.bitwise_count(values ^ np.uint64(int(value, 16))) <= NEAR_DUPLICATE_BITS):
            yield index
