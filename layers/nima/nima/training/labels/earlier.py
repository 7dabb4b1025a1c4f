"""Findings as runs of earlier releases have kept them, whose items had English words between names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from nima.training.labels.findings import Finding


def brought_up(found: Finding, images: Collection[str]) -> Finding:
    """A finding with its items as ``Finding`` has them; one that has them so, or names others, stays.

    Args:
        found: As it was kept.
        images: The images that were rated, by which it is known what of an item is a name.
    """
    if found.code == "near_duplicates":
        return replace(found, items=tuple(_pair(item, images) for item in found.items))
    if found.code in ("repeated_line", "repeated_vote"):
        return replace(found, items=tuple(_vote(item, images) for item in found.items))
    return found


def _pair(item: str, images: Collection[str]) -> str:
    for one, other in _splits(item, " and "):
        if one in images and other in images:
            return f"{one} ~ {other}"
    return item


def _vote(item: str, images: Collection[str]) -> str:
    for image, rater in _splits(item, " by "):
        if image in images:
            return f"{image} ({rater})"
    return item


def _splits(item: str, word: str) -> list[tuple[str, str]]:
    """An item at each place where the word stands: names may have it too."""
    parts = item.split(word)
    return [(word.join(parts[:place]), word.join(parts[place:])) for place in range(1, len(parts))]
