"""Names for rows of numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable


def series(name: str, values: Iterable[float]) -> dict[str, float]:
    """``name_0``, ``name_1``, ..: what is no number, as that of an empty part, is 0."""
    numbers = map(float, values)
    return {f"{name}_{place}": value if math.isfinite(value) else 0.0 for place, value in enumerate(numbers)}
