"""Text: fine steps between two flat levels, many of them in a row."""

from __future__ import annotations

import numpy as np

from nima.image.numbers.series import series
from nima.image.numbers.view import View

_STEP = 60
_LINE = 9


def measure(view: View) -> dict[str, float]:
    """How many steep steps the rows have: the most, the mean, the twentieth, and a line's beside the mean."""
    steep = np.abs(np.diff(view.native, axis=1)) > _STEP
    rows = steep.mean(axis=1) if steep.size else np.zeros(1)
    line = np.convolve(rows, np.full(_LINE, 1 / _LINE), "same").max() / (rows.mean() + 0.002)
    return series("strokes", (rows.max(), rows.mean(), np.quantile(rows, 0.95), line))
