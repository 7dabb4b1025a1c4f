"""Names for rows of numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def series(name: str, values: Iterable[float]) -> dict[str, float]:
    """``name_0``, ``name_1``, ..: what is no number, as that of an empty part, is 0."""
    row = np.nan_to_num(np.fromiter(values, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return {f"{name}_{place}": value for place, value in enumerate(row.tolist())}
