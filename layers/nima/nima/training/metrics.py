"""How well predicted scores agree with people's: correlations, earth mover's distance, accuracy, calibration.

Correlations are NaN where they are not defined: fewer than two pictures, or all of one side alike. How far a figure
would move with other pictures of the same kind is told by intervals of 95 % of the bootstrap (Efron, Bootstrap
methods: another look at the jackknife, 1979): the pictures are drawn again, as many with replacement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nima.model.manifest import SCORES

Array = NDArray[np.float64]
Statistic = Callable[[Array, Array], float]
"""A figure of what was predicted and what is actual, of the same pictures in the same order."""

DRAWS = 1000
"""How often pictures are drawn again for an interval."""

CUT = 5.0
"""AVA's border between a poor and a good photograph (Murray et al., AVA, CVPR 2012)."""


@dataclass(frozen=True)
class CalibrationBin:
    """Pictures of neighbouring predictions.

    Attributes:
        low: The least predicted mean among them.
        high: The greatest.
        count: How many they are.
        predicted: Average of their predicted means.
        actual: Average of their raters' means; on a calibrated model it equals ``predicted``.
    """

    low: float
    high: float
    count: int
    predicted: float
    actual: float


@dataclass(frozen=True)
class NamedAgreement:
    """Agreement on the pictures of one name, such as one distortion; ``bias`` is predicted less actual mean."""

    name: str
    count: int
    srcc: float
    plcc: float
    mae: float
    bias: float


def means(distributions: ArrayLike) -> Array:
    """The mean scores 1..10 of distributions ``[..., 10]``."""
    values: Array = np.asarray(distributions, np.float64) @ np.arange(1.0, SCORES + 1)
    return values


def plcc(one: ArrayLike, other: ArrayLike) -> float:
    """Pearson's linear correlation coefficient of two ``[n]``, -1..1: covariance over both standard deviations."""
    x, y = _pair(one, other)
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1, 1))


def srcc(one: ArrayLike, other: ArrayLike) -> float:
    """Spearman's rank correlation coefficient of two ``[n]``, -1..1: Pearson's of the ranks, ties given their mean."""
    x, y = _pair(one, other)
    return plcc(ranks(x), ranks(y))


def ranks(values: ArrayLike) -> Array:
    """The ranks 1..n of values ``[n]``; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Array = (last - (counts - 1) / 2)[inverse]
    return shared


def mae(one: ArrayLike, other: ArrayLike) -> float:
    """Mean absolute difference of two ``[n]``."""
    x, y = _pair(one, other)
    return float(np.abs(x - y).mean()) if len(x) else float("nan")


def emd(one: ArrayLike, other: ArrayLike, r: int = 2) -> Array:
    """The earth mover's distance of each two distributions of two ``[n, 10]``, as ``[n]`` in 0..1.

    With N = 10 ordered classes of equal distance and the cumulative sums P and Q: ``(sum |P_i - Q_i|^r / N)^(1/r)``
    (Talebi and Milanfar, NIMA: Neural Image Assessment, 2018, equation 1). The paper trains with r = 2 and reports
    r = 1.
    """
    p, q = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if p.shape != q.shape or p.ndim != 2 or p.shape[1] != SCORES:
        raise ValueError(f"two [n, {SCORES}] are compared, not {p.shape} and {q.shape}")
    gaps = np.abs(np.cumsum(p, axis=1) - np.cumsum(q, axis=1))
    distance: Array = (gaps**r).mean(axis=1) ** (1 / r)
    return distance


def mean_emd(one: ArrayLike, other: ArrayLike) -> float:
    """The average of ``emd`` with r = 2 over the pictures, 0..1; NaN of none."""
    distances = emd(one, other)
    return float(distances.mean()) if len(distances) else float("nan")


def interval(
    statistic: Statistic, predicted: ArrayLike, actual: ArrayLike, *, seed: int = 0, draws: int = DRAWS
) -> tuple[float, float]:
    """The 95 % interval of a figure, such as ``srcc``, over the pictures.

    Args:
        statistic: Of two arrays with as many rows as there are pictures.
        predicted: ``[n]`` or ``[n, 10]``, as the figure takes them.
        actual: The same of the raters.
        seed: The same one draws the same pictures.
        draws: How often they are drawn.

    Returns:
        Its lower and upper end; NaN where the figure is not defined.
    """
    x, y = np.asarray(predicted, np.float64), np.asarray(actual, np.float64)
    return _interval(lambda rows: statistic(x[rows], y[rows]), len(x), seed, draws)


def paired_interval(
    statistic: Statistic,
    predicted: ArrayLike,
    base: ArrayLike,
    actual: ArrayLike,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> tuple[float, float]:
    """The 95 % interval of how much a figure of ``predicted`` is above that of ``base``, as ``interval`` has it.

    Both are of the same pictures, drawn together: what makes pictures hard for both does not widen it. Without 0
    inside, the difference is more than chance.
    """
    x, z, y = (np.asarray(values, np.float64) for values in (predicted, base, actual))
    return _interval(lambda rows: statistic(x[rows], y[rows]) - statistic(z[rows], y[rows]), len(x), seed, draws)


def two_class_accuracy(predicted: ArrayLike, actual: ArrayLike, cut: float = CUT) -> float:
    """The share, 0..1, of pictures whose two means ``[n]`` lie on the same side of ``cut`` (good is above it)."""
    x, y = _pair(predicted, actual)
    return float(((x > cut) == (y > cut)).mean()) if len(x) else float("nan")


def calibration(predicted: ArrayLike, actual: ArrayLike, bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Average prediction beside average rating, in at most ``bins`` groups of as equal counts as can be.

    Equal counts, not equal widths: NIMA's means crowd between 4 and 7, so that most equal widths would be empty.
    """
    x, y = _pair(predicted, actual)
    order = np.argsort(x, kind="stable")
    return tuple(
        CalibrationBin(
            low=float(x[part[0]]),
            high=float(x[part[-1]]),
            count=len(part),
            predicted=float(x[part].mean()),
            actual=float(y[part].mean()),
        )
        for part in np.array_split(order, bins)
        if len(part)
    )


def by_name(names: Sequence[str | None], predicted: ArrayLike, actual: ArrayLike) -> tuple[NamedAgreement, ...]:
    """The agreement on the pictures of each name, by name; pictures without one are left out."""
    x, y = _pair(predicted, actual)
    found = []
    for name in sorted({name for name in names if name is not None}):
        part = np.array([other == name for other in names])
        found.append(
            NamedAgreement(
                name=name,
                count=int(part.sum()),
                srcc=srcc(x[part], y[part]),
                plcc=plcc(x[part], y[part]),
                mae=mae(x[part], y[part]),
                bias=float((x[part] - y[part]).mean()),
            )
        )
    return tuple(found)


def _interval(
    statistic: Callable[[NDArray[np.int64]], float], pictures: int, seed: int, draws: int
) -> tuple[float, float]:
    if np.isnan(statistic(np.arange(pictures))):
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(rng.integers(0, pictures, pictures)) for _ in range(draws)])
    # Of few pictures some draws are of one alone, where a correlation is not defined.
    low, high = np.percentile(drawn[~np.isnan(drawn)], (2.5, 97.5))
    return float(low), float(high)


def _pair(one: ArrayLike, other: ArrayLike) -> tuple[Array, Array]:
    x, y = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"two [n] are compared, not {x.shape} and {y.shape}")
    return x, y
