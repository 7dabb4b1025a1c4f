"""How far apart two perceptual hashes are. Imports nothing heavy."""

from __future__ import annotations

NEAR_DUPLICATE_BITS = 8
"""Greatest Hamming distance, of 64 bits, at which two pictures count as the same one."""


def distance(one: str, other: str) -> int:
    """How many bits differ between two hashes of 16 hexadecimal digits."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
