"""How many there are of something, in words."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """As ``1 picture`` and ``2 pictures``."""
    return f"{count} {noun}{'s' if count != 1 else ''}"
