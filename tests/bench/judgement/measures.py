"""Shares with the range that they may well lie in, thresholds at a rate of false alarms, and precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

FALSE_ALARMS = 0.015
"""Share of clean pictures that a reason may be named for where recalls are compared."""

PREVALENCE = 0.15
"""Share of the pictures with the defect where precision is stated."""

_Z = 1.959964
_DRAWS = 2000


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % range, and of how many it was taken."""

    value: float
    low: float
    high: float
    n: int


def share(hits: int, n: int) -> Estimate:
    """A share of independent pictures, with Wilson's interval."""
    if not n:
        return Estimate(float("nan"), 0.0, 1.0, 0)
    p, z = hits / n, _Z * _Z / n
    middle, half = (p + z / 2) / (1 + z), _Z * sqrt(p * (1 - p) / n + z / (4 * n)) / (1 + z)
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half), n)


def grouped_share(hits: Mapping[str, Sequence[bool]], seed: int = 1) -> Estimate:
    """A share of cases that come in groups, with the bootstrap's interval over the groups."""
    counts = np.array([(sum(cases), len(cases)) for cases in hits.values() if cases], float).reshape(-1, 2)
    total = counts.sum(axis=0)
    if not total[1]:
        return Estimate(float("nan"), 0.0, 1.0, 0)
    drawn = np.random.default_rng(seed).integers(len(counts), size=(_DRAWS, len(counts)))
    sums = counts[drawn].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], (0.025, 0.975))
    return Estimate(float(total[0] / total[1]), float(low), float(high), int(total[1]))


def mean(values: Sequence[float], seed: int = 1) -> Estimate:
    """A mean with the bootstrap's interval."""
    found = np.array(values, float)
    if not found.size:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    means = found[np.random.default_rng(seed).integers(found.size, size=(_DRAWS, found.size))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Estimate(float(found.mean()), float(low), float(high), found.size)


def threshold(clean: Sequence[float], rate: float = FALSE_ALARMS) -> float:
    """The least severity above which no more than a share of the clean pictures lies."""
    ordered = sorted(clean, reverse=True)
    return ordered[int(rate * len(ordered))] if ordered else 0.0


def precision(recall: float, false_alarms: float, prevalence: float = PREVALENCE) -> float | None:
    """Share of what is named that is so, where a share of ``prevalence`` has the defect; None where nothing is."""
    named = recall * prevalence + false_alarms * (1 - prevalence)
    return recall * prevalence / named if named else None


def text(estimate: Estimate, form: Callable[[float], str] = "{:.0%}".format) -> str:
    """``73 % (61-83 %)``."""
    if not estimate.n:
        return "-"
    low, high = form(estimate.low), form(estimate.high)
    return f"{form(estimate.value)} ({low} to {high})"
