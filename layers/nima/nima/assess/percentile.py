"""Where a mean stands in a stated population."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


def percentile(mean: float, quantiles: Sequence[float]) -> float:
    """The share, in percent, of a population that scores below ``mean``.

    Args:
        mean: A mean opinion score.
        quantiles: The population's means at 0, 1, .. 100 percent, ascending; between them is interpolated.

    Returns:
        0..100 with one decimal.
    """
    if mean <= quantiles[0]:
        return 0.0
    if mean >= quantiles[-1]:
        return 100.0
    low, high = bisect_left(quantiles, mean), bisect_right(quantiles, mean)
    if low != high:
        return round(100 * (low + high - 1) / 2 / (len(quantiles) - 1), 1)
    below, above = quantiles[low - 1], quantiles[low]
    return round(100 * (low - 1 + (mean - below) / (above - below)) / (len(quantiles) - 1), 1)
