"""Near-duplicates: pictures whose perceptual hashes differ in few bits."""

from __future__ import annotations

from collections.abc import Iterable

from nima.document.similarity import NEAR_DUPLICATE_BITS, distance


def group(ordered: Iterable[tuple[str, str | None]]) -> dict[str, tuple[str, ...]]:
    """Groups near-duplicates.

    Args:
        ordered: Key and hash of each picture, the best first. One without a hash is a group of its own.

    Returns:
        The key that stands for each group, in order, with the keys of its other members. Each picture joins the first
        group whose standing picture it is near to, so that no group drifts along a chain of small steps.
    """
    leaders: list[tuple[str, str]] = []
    groups: dict[str, list[str]] = {}
    for key, phash in ordered:
        near = (key for key, seen in leaders if phash and distance(seen, phash) <= NEAR_DUPLICATE_BITS)
        leader = next(near, None)
        if leader is None:
            groups[key] = []
            if phash:
                leaders.append((key, phash))
        else:
            groups[leader].append(key)
    return {key: tuple(others) for key, others in groups.items()}
